import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A small process beside this one that keeps the privileges which this one gives up: it finds the owners of sockets
/// and holds the kernel's trace.
///
/// It ends when this value does, or this process, however that is ended; then its trace instance is removed.
public struct KernelHelper: ~Copyable {
    private let line: HelperLine
    private let process: Int32
    /// When its trace was switched on; 0 without one.
    public private(set) var traceBegin: Int64 = 0

    /// The descriptor at which the helper finds its end.
    public static let descriptor: Int32 = 3

    /// Starts the helper, with the privileges that this process has now.
    ///
    /// - Parameters:
    ///   - program: what becomes the helper: it calls `HelperService.run`.
    ///   - arguments: of that program, without its name.
    public init(program: String = "/proc/self/exe", arguments: [String]) throws(KernelSocketsError) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
        let type = SOCK_STREAM | SOCK_CLOEXEC
        #endif
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw .system(operation: "make a pair of sockets", subject: "the helper", number: errno)
        }
        let mine = Descriptor(owning: ends[0])
        let its = Descriptor(owning: ends[1])
        process = try KernelHelper.spawn(program, ["postel"] + arguments, its.number)
        line = HelperLine(mine)
    }


    deinit {
        // It cleans up, which is over before this process ends.
        line.close()
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ socket: Int32
    ) throws(KernelSocketsError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        _ = unsafe posix_spawn_file_actions_init(&actions)
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, socket, descriptor)
        var attributes = posix_spawnattr_t()
        _ = unsafe posix_spawnattr_init(&attributes)
        defer { _ = unsafe posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C is for the program that was started, which then tells the helper.
        _ = unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        _ = unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var process: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        // Nothing in the environment is for it.
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        let failure = unsafe posix_spawn(&process, program, &actions, &attributes, &words, &environment)
        guard failure == 0 else {
            throw .system(operation: "start the helper", subject: program, number: failure)
        }
        return process
    }

    // MARK: What it is asked

    /// Which processes hold these sockets; those that it may not look into hold none.
    public func owners(of inodes: [UInt64]) throws(KernelSocketsError) -> [UInt64: [SocketOwner]] {
        var request = HelperMessage(kind: .findOwners)
        for inode in inodes { request.append(inode) }
        let text = String(decoding: try ask(request, for: .owners).content, as: UTF8.self)
        var owners: [UInt64: [SocketOwner]] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let inode = UInt64(fields[0]), let process = Int32(fields[1]) else { continue }
            owners[inode, default: []].append(SocketOwner(process: process, program: String(fields[2])))
        }
        return owners
    }

    /// Begins to watch the transitions that the kernel makes, on the whole host.
    public mutating func beginTrace() throws(KernelSocketsError) {
        let answer = try ask(HelperMessage(kind: .beginTrace), for: .traceBegun)
        traceBegin = answer.values(of: Int64.self).first ?? 0
    }

    /// The transitions since the last call, in the order of their times.
    ///
    /// - Parameter isLast: those of the last millisecond, too, which are held back otherwise.
    public func transitions(isLast: Bool = false) throws(KernelSocketsError) -> TracedTransitions {
        let request = HelperMessage(kind: .readTrace, content: [isLast ? 1 : 0])
        let answer = try ask(request, for: .transitions)
        let numbers = answer.values(of: UInt64.self)
        guard numbers.count >= 2 else { throw .helperFailed("its answer is cut") }
        return TracedTransitions(
            transitions: answer.values(of: KernelTransition.self, from: 16), end: Int64(bitPattern: numbers[0]),
            lost: numbers[1])
    }

    private func ask(
        _ request: HelperMessage, for kind: HelperMessage.Kind
    ) throws(KernelSocketsError) -> HelperMessage {
        guard line.send(request), let answer = line.receive() else { throw .helperFailed("it has ended") }
        guard answer.kind == kind else {
            throw .helperFailed(String(decoding: answer.content, as: UTF8.self))
        }
        return answer
    }
}

/// What a trace brought since it was asked last.
public struct TracedTransitions: Sendable {
    public var transitions: [KernelTransition]
    /// Up to when all transitions have been read, nanoseconds since the epoch.
    public var end: Int64
    /// How many were lost since the trace began.
    public var lost: UInt64
}
