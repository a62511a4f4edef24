#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Which transitions are traced. The kernel filters; what is filtered out costs nothing to read.
public struct TransitionFilter: Hashable, Sendable {
    /// Only those of sockets with one of these ports, on either side; all if empty. A connecting socket's first
    /// transition has no local port yet: it passes only by its remote one.
    public var ports: [UInt16]

    public init(ports: [UInt16] = []) {
        self.ports = ports
    }

    /// In the kernel's language. MPTCP and SCTP use the tracepoint, too.
    var expression: String {
        let either = ports.map { "sport == \($0) || dport == \($0)" }.joined(separator: " || ")
        return ports.isEmpty ? "protocol == 6" : "protocol == 6 && (\(either))"
    }
}

/// What a trace lost: none of it can be told what it was.
public struct TraceLosses: Hashable, Sendable {
    /// Events overwritten before they were read, or dropped, since the trace began.
    public var events: UInt64
}

/// Watches the kernel change the states of TCP sockets, in all network namespaces of the host.
///
///     var trace = try TransitionTrace()
///     while wanted {
///         trace.wait(milliseconds: 100)
///         for transition in try trace.read() { ... }
///     }
///
/// It takes root. The trace is an instance of its own, which goes with this value; the host's trace is not touched.
public struct TransitionTrace: ~Copyable {
    private let pipes: [TracePipe]
    private let instance: TraceInstance
    private let format: TransitionFormat
    private let layout: RingBufferPage.Layout
    private var held: [KernelTransition] = []
    /// When it was switched on: nanoseconds since the epoch.
    public let begin: Int64
    /// Up to when all transitions have been read.
    public private(set) var end: Int64

    /// What may pass between an event's time and its being readable.
    private static let settling: Int64 = 1_000_000

    /// - Parameter bufferSize: kibibytes for each processor; an event takes 76 octets.
    public init(
        filter: TransitionFilter = TransitionFilter(), bufferSize: Int = 4096
    ) throws(KernelSocketsError) {
        let made = try TraceInstance()
        let format = try TransitionFormat(made.format("sock/inet_sock_set_state/format"))
        let layout = try RingBufferPage.Layout(made.format("header_page"))
        try made.set("buffer_size_kb", "\(max(bufferSize, 4))") { $0 != "" }
        // The default clock is not comparable between processors, and none is the wall clock; this one differs from it
        // by whole seconds.
        try made.set("trace_clock", "tai") { $0.contains("[tai]") }
        let event = "events/sock/inet_sock_set_state"
        try made.set("\(event)/filter", filter.expression) { $0 == filter.expression }
        // Readers wake at the first event, not when half of the buffer is full (Linux 5.0 or later).
        try? made.set("buffer_percent", "0") { _ in true }
        try made.set("tracing_on", "1") { $0 == "1" }
        let begin = WallClock.now
        try made.set("\(event)/enable", "1") { $0 == "1" }
        pipes = try TracePipe.all(of: made.path)
        self.format = format
        self.layout = layout
        self.begin = begin
        end = begin
        instance = made
    }

    deinit {
        // A trace that is open somewhere cannot be removed.
        for pipe in pipes { pipe.close() }
    }

    /// Waits until there is something to read, or the time is over, or a signal comes.
    public func wait(milliseconds: Int32) {
        var requests = pipes.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(&requests, nfds_t(requests.count), milliseconds)
    }

    /// The transitions since the last call, in the order of their times over all processors.
    ///
    /// Those of the last millisecond are held back until the next call, as an older one of another processor may still
    /// come; `isLast` gives them, too.
    public mutating func read(isLast: Bool = false) throws(KernelSocketsError) -> [KernelTransition] {
        let complete = WallClock.now - TransitionTrace.settling
        let offset = WallClock.atomicTimeOffset
        for pipe in pipes {
            try pipe.read(layout) { event, time in
                let wall = Int64(truncatingIfNeeded: time) &- offset
                if let transition = format.transition(event, time: wall) { held.append(transition) }
            }
        }
        // Stable: of equal times, one processor's keep their order.
        end = isLast ? complete + TransitionTrace.settling : complete
        held.sort { $0.time < $1.time }
        let end = isLast ? held.count : held.firstIndex { $0.time > complete } ?? held.count
        defer { held.removeFirst(end) }
        return Array(held[..<end])
    }

    /// What has been lost until now, by the statistics of each processor's buffer.
    public func losses() throws(KernelSocketsError) -> TraceLosses {
        var losses = TraceLosses(events: 0)
        for pipe in pipes { losses.events += try pipe.lostEvents(in: instance.path) }
        return losses
    }
}
