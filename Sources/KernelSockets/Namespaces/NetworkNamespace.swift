#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A network namespace: an own set of interfaces, addresses and sockets.
public struct NetworkNamespace: Hashable, Sendable {
    /// The number that `readlink /proc/PID/ns/net` shows, unique while the namespace lives.
    public struct Identifier: Hashable, Sendable, Comparable {
        public let number: UInt64

        public init(_ number: UInt64) {
            self.number = number
        }

        public static func < (left: Identifier, right: Identifier) -> Bool { left.number < right.number }
    }

    /// How it is reached.
    enum Door: Hashable, Sendable {
        /// It is that of this process.
        case own
        /// A process that lives in it.
        case process(Int32)
        /// A name below /run/netns.
        case name(String)
    }

    public let identifier: Identifier
    let door: Door

    /// The name that people gave it with `ip netns`, or nil.
    public var name: String? {
        if case .name(let name) = door { name } else { nil }
    }

    /// A process in it, if it was found by one.
    public var process: Int32? {
        if case .process(let process) = door { process } else { nil }
    }

    /// That of this process.
    public static func own() throws(KernelSocketsError) -> NetworkNamespace {
        try NetworkNamespace(door: .own)
    }

    /// That of a process.
    public static func ofProcess(_ process: Int32) throws(KernelSocketsError) -> NetworkNamespace {
        try NetworkNamespace(door: .process(process))
    }

    /// One that `ip netns` named.
    public static func named(_ name: String) throws(KernelSocketsError) -> NetworkNamespace {
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/") else { throw .noSuchNamespace(name) }
        return try NetworkNamespace(door: .name(name))
    }

    /// All that this process can see, each once: its own first, then those with names, then those of processes, by the
    /// lowest number. Processes whose namespace may not be seen are counted.
    public static func all() throws(KernelSocketsError) -> (namespaces: [NetworkNamespace], hiddenProcesses: Int) {
        var found = [try own()]
        var known: Set<Identifier> = [found[0].identifier]
        for name in (SmallFile.names(in: namedFolder) ?? []).sorted() {
            guard let namespace = try? NetworkNamespace(door: .name(name)) else { continue }
            if known.insert(namespace.identifier).inserted { found.append(namespace) }
        }
        var hidden = 0
        for process in ProcessList.numbers() {
            do throws(KernelSocketsError) {
                let namespace = try NetworkNamespace(door: .process(process))
                if known.insert(namespace.identifier).inserted { found.append(namespace) }
            } catch .namespaceNotAllowed {
                hidden += 1
            } catch {
                // It has ended.
            }
        }
        return (found, hidden)
    }

    private static let namedFolder = "/run/netns"

    private init(door: Door) throws(KernelSocketsError) {
        self.door = door
        var status = stat()
        guard unsafe stat(NetworkNamespace.path(door), &status) == 0 else {
            let subject = NetworkNamespace.description(door)
            switch errno {
            case EACCES, EPERM: throw .namespaceNotAllowed(subject)
            default: throw .noSuchNamespace(subject)
            }
        }
        identifier = Identifier(UInt64(status.st_ino))
    }

    private static func path(_ door: Door) -> String {
        switch door {
        case .own: "/proc/thread-self/ns/net"
        case .process(let process): "/proc/\(process)/ns/net"
        case .name(let name): "\(namedFolder)/\(name)"
        }
    }

    private static func description(_ door: Door) -> String {
        switch door {
        case .own: "this process's namespace"
        case .process(let process): "\(process)"
        case .name(let name): name
        }
    }

    /// Where its table of this name is; with a name as the door, only a thread inside finds it there.
    func tablePath(_ table: String) -> String {
        switch door {
        case .own, .name: "/proc/thread-self/net/\(table)"
        case .process(let process): "/proc/\(process)/net/\(table)"
        }
    }

    /// Opens one of its tables in /proc.
    func openTable(_ table: String) throws(KernelSocketsError) -> Descriptor {
        let path = tablePath(table)
        switch door {
        case .own, .process: return try Descriptor(path: path, flags: O_RDONLY)
        case .name: return try open(.file(path))
        }
    }

    /// Opens something as a thread inside would.
    func open(_ what: Opening) throws(KernelSocketsError) -> Descriptor {
        guard door != .own else { return try what.open() }
        let subject = NetworkNamespace.description(door)
        let entrance: Descriptor
        do throws(KernelSocketsError) {
            entrance = try Descriptor(path: NetworkNamespace.path(door), flags: O_RDONLY)
        } catch .system(_, _, let number) {
            throw number == EACCES || number == EPERM ? .namespaceNotAllowed(subject) : .noSuchNamespace(subject)
        }
        return try NamespaceErrand.run(entrance, subject: subject, what)
    }
}
