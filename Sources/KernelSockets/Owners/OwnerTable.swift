#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A process that holds a socket.
public struct SocketOwner: Hashable, Sendable {
    public var process: Int32
    /// The program's name as the kernel keeps it: at most 15 octets.
    public var program: String

    public init(process: Int32, program: String) {
        self.process = process
        self.program = program
    }
}

/// Which processes hold which sockets: every descriptor below /proc is looked at, some 6 µs each.
///
/// A socket without an inode has no owner: one not yet accepted is its listener's, others are closed.
public struct OwnerTable: Sendable {
    /// By inode; several processes may hold one socket, the lowest number first.
    public private(set) var owners: [UInt64: [SocketOwner]] = [:]
    /// Processes whose descriptors may not be seen.
    public private(set) var hiddenProcesses = 0
    /// Descriptors and processes that ended while they were looked at.
    public private(set) var vanished = 0

    /// Looks at all processes.
    public init() {
        for process in ProcessList.numbers() { look(at: process) }
    }

    public func owners(of socket: KernelSocket) -> [SocketOwner] {
        socket.inode.flatMap { owners[$0] } ?? []
    }

    private mutating func look(at process: Int32) {
        let folder = "/proc/\(process)/fd"
        guard let descriptors = SmallFile.names(in: folder) else {
            if errno == EACCES || errno == EPERM { hiddenProcesses += 1 } else { vanished += 1 }
            return
        }
        var owner: SocketOwner?
        for descriptor in descriptors {
            guard let target = SmallFile.link("\(folder)/\(descriptor)") else {
                vanished += 1
                continue
            }
            guard let inode = OwnerTable.inode(target) else { continue }
            let known = owner ?? SocketOwner(process: process, program: OwnerTable.program(process))
            owner = known
            // A process may hold a socket by several descriptors.
            if owners[inode]?.last != known { owners[inode, default: []].append(known) }
        }
    }

    /// The number in "socket:[4711]".
    private static func inode(_ target: String) -> UInt64? {
        guard target.hasPrefix("socket:["), target.hasSuffix("]") else { return nil }
        return UInt64(target.dropFirst("socket:[".count).dropLast())
    }

    private static func program(_ process: Int32) -> String {
        let name = (try? SmallFile.read("/proc/\(process)/comm")) ?? ""
        return name.hasSuffix("\n") ? String(name.dropLast()) : name
    }
}
