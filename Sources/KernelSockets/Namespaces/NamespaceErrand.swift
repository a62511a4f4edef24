import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What is opened inside a namespace: a socket and a table belong to it for as long as they are open, wherever they are
/// used.
enum Opening: Sendable {
    /// A netlink socket for sock_diag.
    case sockDiag
    case file(String)

    func open() throws(KernelSocketsError) -> Descriptor {
        switch self {
        case .sockDiag:
            #if canImport(Glibc)
            let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            #else
            let type = SOCK_RAW | SOCK_CLOEXEC
            #endif
            let opened = socket(AF_NETLINK, type, SockDiagFormat.netlinkFamily)
            guard opened >= 0 else { throw .noSockDiag(number: errno) }
            return Descriptor(owning: opened)
        case .file(let path):
            return try Descriptor(path: path, flags: O_RDONLY)
        }
    }
}

/// A thread of its own that enters a namespace, opens one thing there, and ends: no other thread is moved.
enum NamespaceErrand {
    private final class Task {
        let door: Int32
        let opening: Opening
        var result: Result<Int32, KernelSocketsError>
        let subject: String

        init(door: Int32, opening: Opening, subject: String) {
            self.door = door
            self.opening = opening
            self.subject = subject
            result = .failure(.namespaceNotAllowed(subject))
        }

        func perform() {
            // CLONE_NEWNET: only a network namespace will do.
            guard setns(door, 0x4000_0000) == 0 else {
                let number = errno
                let isRefused = number == EPERM || number == EACCES
                result = .failure(
                    isRefused
                        ? .namespaceNotAllowed(subject)
                        : .system(operation: "enter this network namespace", subject: subject, number: number))
                return
            }
            do throws(KernelSocketsError) {
                let opened = try opening.open()
                result = .success(opened.release())
            } catch {
                result = .failure(error)
            }
        }
    }

    /// Opens something inside the namespace behind a descriptor.
    static func run(
        _ door: consuming Descriptor, subject: String, _ opening: Opening
    ) throws(KernelSocketsError) -> Descriptor {
        let task = Task(door: door.number, opening: opening, subject: subject)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(task).toOpaque()
        let failure = unsafe pthread_create(&thread, nil, { context in
            if let context = unsafe context {
                unsafe Unmanaged<Task>.fromOpaque(context).takeRetainedValue().perform()
            }
            return nil
        }, context)
        guard failure == 0 else {
            unsafe Unmanaged<Task>.fromOpaque(context).release()
            throw .system(operation: "start a thread", subject: subject, number: failure)
        }
        // The thread's writes are seen once it has been joined.
        _ = pthread_join(thread, nil)
        return Descriptor(owning: try task.result.get())
    }
}
