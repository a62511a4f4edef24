public import WireFormat

/// How to ask the kernel: by one source, or by sock_diag where it is there.
public enum KernelSourceChoice: String, Hashable, Sendable, CaseIterable {
    case automatic = "auto"
    case procfs
    case sockdiag
}

/// The kernel's view of one network namespace, opened once and asked many times.
///
/// It does not keep the namespace alive beyond itself: a namespace ends when the last process, name and view of it are
/// gone.
public struct KernelView: ~Copyable {
    public let namespace: NetworkNamespace
    /// nil: the source is procfs.
    private let diagnostics: SockDiagSocket?

    /// Opens the view.
    ///
    /// - Throws: `namespaceNotAllowed` for a namespace that may not be entered, `noSockDiag` if that was demanded and
    ///   the kernel lacks it.
    public init(
        namespace: NetworkNamespace, source: KernelSourceChoice = .automatic
    ) throws(KernelSocketsError) {
        self.namespace = namespace
        switch source {
        case .procfs:
            diagnostics = nil
        case .sockdiag:
            diagnostics = try SockDiagSocket(namespace: namespace)
        case .automatic:
            do throws(KernelSocketsError) {
                diagnostics = try SockDiagSocket(namespace: namespace)
            } catch {
                // /proc/PID/net can be read by anybody; where it cannot, its own error says why.
                diagnostics = nil
            }
        }
    }

    /// What is asked.
    public var source: KernelSource { diagnostics == nil ? .procfs : .sockdiag }

    /// Lists all TCP sockets.
    public func snapshot() throws(KernelSocketsError) -> KernelSnapshot {
        var builder = SnapshotBuilder(source: source, namespace: namespace.identifier)
        let begin = WallClock.now
        if let diagnostics {
            try diagnostics.list(.ipv4, into: &builder)
            do throws(KernelSocketsError) {
                try diagnostics.list(.ipv6, into: &builder)
            } catch .noSockDiag {
                // A kernel without IPv6.
            }
        } else {
            try readTable("tcp", .ipv4, into: &builder)
            try readTable("tcp6", .ipv6, into: &builder)
        }
        return builder.finish(TimeWindow(begin: begin, end: WallClock.now))
    }

    /// Looks for one socket again: 5 µs with sock_diag, a whole listing with procfs.
    ///
    /// - Parameter pair: the local socket is the source.
    /// - Parameter interface: of a link-local address; else 0.
    public func lookUp(_ pair: SocketPair, interface: UInt32 = 0) throws(KernelSocketsError) -> LookUp {
        if let diagnostics { return try diagnostics.lookUp(pair, interface: interface) }
        let sockets = try snapshot().sockets
        // The last one: of two incarnations the newer one stands further down as often as not, but an open one counts
        // more than what is left of a closed one.
        let matching = sockets.filter { $0.pair == pair }
        guard let found = matching.last(where: { $0.inode != nil }) ?? matching.last else { return .none }
        return .socket(found)
    }

    private func readTable(
        _ name: String, _ family: AddressFamily, into builder: inout SnapshotBuilder
    ) throws(KernelSocketsError) {
        let opened: Descriptor
        do throws(KernelSocketsError) {
            opened = try namespace.openTable(name)
        } catch {
            // A kernel without IPv6 has no tcp6.
            if family == .ipv6, case .system(_, _, 2) = error { return }
            throw error
        }
        try ProcTable.read(opened, path: namespace.tablePath(name), socketFamily: family, into: &builder)
    }
}

/// What a look-up found.
public enum LookUp: Hashable, Sendable {
    /// The socket with exactly this pair.
    case socket(KernelSocket)
    /// No socket has this pair; a listener would answer a SYN to it. The kernel's answer to a look-up of a connection
    /// that is gone is its listener.
    case listener(KernelSocket)
    case none
}
