import KernelSockets
import TCPStateMachine
import WireFormat

/// A snapshot for people: one line for each socket, then what it adds up to.
struct SocketTable {
    let style: TableStyle
    /// Who holds each socket is a column.
    let showsOwners: Bool

    func write(_ record: SnapshotRecord, to buffer: inout ByteBuffer) {
        var columns: [Layout.Column] = [
            .left("state"), .right("receive"), .right("send"), .socket("local"), .socket("remote"), .left("timer"),
            .right("tries"), .right("uid"),
        ]
        if showsOwners { columns.append(.left("owner")) }
        var layout = Layout(columns)
        let rows = record.snapshot.sockets.map { row($0, record.owners(of: $0)) }
        for row in rows { layout.fit(row) }
        layout.squeeze(into: style.width)
        if !rows.isEmpty { layout.writeTitles(style, to: &buffer) }
        for row in rows { layout.write(row, style, to: &buffer) }
        writeEnd(record, to: &buffer)
    }

    private func row(_ socket: KernelSocket, _ owners: [SocketOwner]) -> [Cell] {
        var cells = [Cell(stateName(socket))] + queues(socket.kind)
        cells.append(Cell(text(socket.pair.source, socket.pair.sourcePort, socket.pair.family)))
        cells.append(Cell(text(socket.pair.destination, socket.pair.destinationPort, socket.pair.family)))
        cells += timer(socket.kind)
        cells.append(Cell("\(socket.uid)"))
        if showsOwners { cells.append(owner(socket, owners)) }
        return cells
    }

    private func stateName(_ socket: KernelSocket) -> String {
        switch socket.kind {
        case .bound: "CLOSED (bound)"
        case .listener, .request, .full, .remnant: socket.state.name
        }
    }

    /// Octets; for a listener connections that wait, and how many may.
    private func queues(_ kind: KernelSocket.Kind) -> [Cell] {
        switch kind {
        case .bound, .request, .remnant: [Cell(""), Cell("")]
        case .listener(let listener):
            [
                Cell("\(listener.acceptQueue)", listener.isOverflowing ? .red : .plain),
                Cell(listener.backlog.map { "\($0)" } ?? ""),
            ]
        case .full(let socket):
            [Cell("\(socket.receiveQueue)"), Cell("\(socket.sendQueue)")]
        }
    }

    /// The timer with the seconds that are left, and how often it has struck in vain.
    private func timer(_ kind: KernelSocket.Kind) -> [Cell] {
        switch kind {
        case .bound, .listener: [Cell(""), Cell("")]
        case .request(let request):
            [Cell("retransmission \(seconds(request.remaining))"), Cell(count(request.retransmissions))]
        case .remnant(let remnant): [Cell("\(seconds(remnant.remaining))"), Cell("")]
        case .full(let socket):
            switch socket.timer {
            case .none: [Cell(""), Cell("")]
            case .retransmission(let time):
                [Cell("retransmission \(seconds(time))"), Cell(count(socket.retransmissions))]
            case .keepalive(let time): [Cell("keepalive \(seconds(time))"), Cell(count(socket.probes))]
            case .finWait2(let time): [Cell("\(seconds(time))"), Cell("")]
            case .windowProbe(let time): [Cell("window-probe \(seconds(time))"), Cell(count(socket.probes))]
            case .other(let number, let time): [Cell("timer-\(number) \(seconds(time))"), Cell("")]
            }
        }
    }

    private func count(_ number: UInt32?) -> String {
        guard let number, number > 0 else { return "" }
        return "\(number)"
    }

    /// To a tenth of a second: less has passed before anybody reads it.
    private func seconds(_ nanoseconds: Int64) -> String {
        let tenths = (max(nanoseconds, 0) + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)s"
    }

    private func owner(_ socket: KernelSocket, _ owners: [SocketOwner]) -> Cell {
        guard let first = owners.first else { return Cell(socket.absentOwner, .faint) }
        let more = owners.count > 1 ? " and \(owners.count - 1) more" : ""
        let name = first.program.filter { !$0.isNewline && $0 >= " " && $0 != "\u{7F}" }
        return Cell("\(name)(\(first.process))\(more)")
    }

    private func text(_ address: Address, _ port: UInt16, _ family: AddressFamily) -> String {
        let text = address.text(as: family)
        let port = port == 0 ? "*" : "\(port)"
        return family == .ipv6 ? "[\(text)]:\(port)" : "\(text):\(port)"
    }

    private func writeEnd(_ record: SnapshotRecord, to buffer: inout ByteBuffer) {
        let snapshot = record.snapshot
        if !snapshot.sockets.isEmpty { buffer.put(UInt8(ascii: "\n")) }
        var counts = [Int](repeating: 0, count: State.allCases.count)
        for socket in snapshot.sockets { counts[Int(socket.state.rawValue)] += 1 }
        let states = State.allCases.filter { counts[Int($0.rawValue)] > 0 }
            .map { "\($0.name) \(counts[Int($0.rawValue)])" }.joined(separator: ", ")
        buffer.put(text: "\(snapshot.sockets.count) \(snapshot.sockets.count == 1 ? "socket" : "sockets")")
        if !states.isEmpty { buffer.put(text: ": \(states)") }
        buffer.put(UInt8(ascii: "\n"))
        let name = record.namespaceName.map { "\($0) " } ?? ""
        buffer.put(text: "namespace \(name)\(snapshot.namespace.number), by \(snapshot.source.rawValue)")
        let microseconds = max(snapshot.window.end &- snapshot.window.begin, 0) / 1000
        buffer.put(text: " at ")
        buffer.put(seconds: snapshot.window.begin)
        buffer.put(text: " in \(microseconds / 1000).")
        buffer.put(decimal: UInt64(microseconds % 1000), digits: 3)
        buffer.put(" ms")
        if let selection = record.selection { buffer.put(text: ", only \(selection)") }
        if snapshot.repeated > 0 { buffer.put(text: ", \(snapshot.repeated) rows came again") }
        let skipped = snapshot.skipped.values.reduce(0, +)
        if skipped > 0 { buffer.put(text: ", \(skipped) rows were unreadable") }
        if snapshot.isInterrupted { buffer.put(", the table changed meanwhile") }
        buffer.put(UInt8(ascii: "\n"))
    }
}

extension KernelSocket.Listener {
    /// More connections wait than the program asked for: what comes now is dropped.
    var isOverflowing: Bool { backlog.map { acceptQueue > $0 } ?? false }
}

extension KernelSocket {
    /// Why nobody holds it, in parentheses; empty if somebody may.
    var absentOwner: String {
        guard inode == nil else { return "" }
        switch kind {
        case .bound, .listener: return ""
        case .request: return "(no socket yet)"
        case .remnant: return "(closed)"
        case .full(let socket):
            switch socket.phase {
            case .synReceived, .established, .closeWait: return "(not accepted)"
            case .synSent, .finWait1, .finWait2, .closing, .lastAck: return "(closed)"
            }
        }
    }
}
