import WireFormat

/// Takes a table apart as it comes, in pieces that may end anywhere.
struct ProcTableParser {
    private let socketFamily: AddressFamily
    /// The beginning of a line whose end has not come yet, and when it was read.
    private var begun: [UInt8] = []
    private var begunAt: Int64 = 0
    private var isTooLong = false
    private var hasHeader = false

    /// No row is as long as this: fields are bounded, and full rows of tcp6 have 176 octets.
    private static let longestLine = 1024

    init(socketFamily: AddressFamily) {
        self.socketFamily = socketFamily
    }

    /// Whether the table began as one.
    var isTable: Bool { hasHeader }

    /// Takes the octets that one read(2) brought, and the times before and after it.
    mutating func take(_ octets: Span<UInt8>, read window: TimeWindow, into builder: inout SnapshotBuilder) {
        var start = 0
        for index in 0..<octets.count where octets[index] == UInt8(ascii: "\n") {
            let line = octets.extracting(start..<index)
            if begun.isEmpty {
                parse(line, window, &builder)
            } else {
                keep(line)
                finishLine(TimeWindow(begin: begunAt, end: window.end), &builder)
            }
            start = index + 1
        }
        guard start < octets.count else { return }
        if begun.isEmpty { begunAt = window.begin }
        keep(octets.extracting(start..<octets.count))
    }

    /// The table is over: a last line without its end is a line.
    mutating func finish(at end: Int64, into builder: inout SnapshotBuilder) {
        guard !begun.isEmpty else { return }
        finishLine(TimeWindow(begin: begunAt, end: end), &builder)
    }

    private mutating func keep(_ octets: Span<UInt8>) {
        guard begun.count + octets.count <= ProcTableParser.longestLine else {
            isTooLong = true
            if begun.isEmpty { begun.append(UInt8(ascii: "\n")) }
            return
        }
        for index in 0..<octets.count { begun.append(octets[index]) }
    }

    private mutating func finishLine(_ window: TimeWindow, _ builder: inout SnapshotBuilder) {
        let line = begun
        begun.removeAll(keepingCapacity: true)
        if isTooLong {
            isTooLong = false
            builder.skip(.length)
        } else {
            parse(line.span, window, &builder)
        }
    }

    private mutating func parse(_ line: Span<UInt8>, _ window: TimeWindow, _ builder: inout SnapshotBuilder) {
        guard line.count <= ProcTableParser.longestLine else { return builder.skip(.length) }
        switch ProcLine(line, socketFamily: socketFamily, seen: window) {
        case .header: hasHeader = true
        case .blank: break
        case .socket(let socket): builder.add(socket)
        case .malformed(let reason): builder.skip(reason)
        }
    }
}
