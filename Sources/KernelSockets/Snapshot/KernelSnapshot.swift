/// Where the kernel's view comes from.
public enum KernelSource: String, Hashable, Sendable, CaseIterable {
    /// `/proc/net/tcp` and `tcp6`.
    case procfs
    /// The netlink family NETLINK_SOCK_DIAG, which `ss` uses too: half the cost, cookies, backlogs and TCP_INFO.
    case sockdiag
}

/// What the kernel said of the TCP sockets of one network namespace.
///
/// It is not atomic: each row has its own window of time. A socket that is not in it may have been missed where the
/// namespace has a small hash table of its own (kernel-facts 2.2); look it up before its absence is believed.
public struct KernelSnapshot: Hashable, Sendable {
    public var namespace: NetworkNamespace.Identifier
    public var source: KernelSource
    /// When the listing began and ended.
    public var window: TimeWindow
    /// In the order of the kernel's tables: IPv4 sockets first.
    public var sockets: [KernelSocket]
    /// Rows that came more than once; of each, the last one is in `sockets`.
    public var repeated = 0
    /// Rows that could not be read, by reason.
    public var skipped: [RowFault: Int] = [:]
    /// The kernel says that the table changed under the listing (NLM_F_DUMP_INTR).
    public var isInterrupted = false

    public init(
        namespace: NetworkNamespace.Identifier, source: KernelSource, window: TimeWindow, sockets: [KernelSocket]
    ) {
        self.namespace = namespace
        self.source = source
        self.window = window
        self.sockets = sockets
    }
}
