import KernelSockets
import TCPStateMachine
import WireFormat

/// Records of the kernel's view as lines of JSON.
struct KernelNDJSON {
    /// The record of a snapshot, which stands behind its rows.
    func write(_ record: SnapshotRecord, to buffer: inout ByteBuffer) {
        let snapshot = record.snapshot
        buffer.put(#"{"record":"snapshot","snapshot":"#)
        buffer.put(decimal: record.number)
        buffer.put(#","namespace":"#)
        buffer.put(decimal: snapshot.namespace.number)
        buffer.put(#","name":"#)
        buffer.put(quotedOrNull: record.namespaceName)
        buffer.put(#","source":"#)
        buffer.put(quoted: snapshot.source.rawValue)
        write(snapshot.window, to: &buffer)
        buffer.put(#","sockets":"#)
        buffer.put(decimal: UInt64(snapshot.sockets.count))
        buffer.put(#","repeated":"#)
        buffer.put(decimal: UInt64(snapshot.repeated))
        buffer.put(#","skipped":{"#)
        var isFirst = true
        for reason in RowFault.allCases {
            guard let count = snapshot.skipped[reason] else { continue }
            if !isFirst { buffer.put(UInt8(ascii: ",")) }
            isFirst = false
            buffer.put(quoted: reason.rawValue)
            buffer.put(UInt8(ascii: ":"))
            buffer.put(decimal: UInt64(count))
        }
        buffer.put(#"},"interrupted":"#)
        buffer.put(snapshot.isInterrupted)
        buffer.put(#","selection":"#)
        buffer.put(quotedOrNull: record.selection)
        buffer.put("}\n")
    }

    func write(_ transition: KernelTransition, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"kernel-transition","time":"#)
        buffer.put(seconds: transition.time)
        write(transition.pair, transition.socketFamily, to: &buffer)
        buffer.put(#","from":"#)
        buffer.put(quoted: transition.from.name)
        buffer.put(#","to":"#)
        buffer.put(quoted: transition.to.name)
        buffer.put(#","socket":"#)
        buffer.put(hexadecimal: transition.socket)
        buffer.put("}\n")
    }

    func write(_ trace: TraceRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"kernel-trace""#)
        write(trace.window, to: &buffer)
        buffer.put(#","transitions":"#)
        buffer.put(decimal: trace.transitions)
        buffer.put(#","lost":"#)
        buffer.put(decimal: trace.lost)
        buffer.put("}\n")
    }

    /// One row of a snapshot.
    func write(_ socket: KernelSocket, of record: SnapshotRecord, to buffer: inout ByteBuffer) {
        buffer.put(#"{"record":"socket","snapshot":"#)
        buffer.put(decimal: record.number)
        buffer.put(#","namespace":"#)
        buffer.put(decimal: record.snapshot.namespace.number)
        write(socket.seen, to: &buffer)
        buffer.put(#","state":"#)
        buffer.put(quoted: socket.state.name)
        buffer.put(#","kind":"#)
        buffer.put(quoted: socket.kind.name)
        write(socket.pair, socket.socketFamily, to: &buffer)
        buffer.put(#","uid":"#)
        buffer.put(decimal: UInt64(socket.uid))
        buffer.put(#","inode":"#)
        buffer.put(decimalOrNull: socket.inode)
        var cookie: UInt64?
        var pointer: UInt64?
        switch socket.identity {
        case .cookie(let number): cookie = number
        case .pointer(let number): pointer = number
        case nil: break
        }
        buffer.put(#","cookie":"#)
        buffer.put(hexadecimal: cookie)
        buffer.put(#","pointer":"#)
        buffer.put(hexadecimal: pointer)
        buffer.put(#","interface":"#)
        buffer.put(decimal: UInt64(socket.interface))
        KernelSocketFields(socket.kind).write(to: &buffer)
        buffer.put(#","owners":"#)
        writeOwners(record.owners == nil ? nil : record.owners(of: socket), to: &buffer)
        buffer.put("}\n")
    }

    func writeOwners(_ owners: [SocketOwner]?, to buffer: inout ByteBuffer) {
        guard let owners else { return buffer.put("null" as StaticString) }
        buffer.put(UInt8(ascii: "["))
        for (place, owner) in owners.enumerated() {
            if place > 0 { buffer.put(UInt8(ascii: ",")) }
            buffer.put(#"{"pid":"#)
            buffer.put(decimal: UInt64(max(owner.process, 0)))
            buffer.put(#","program":"#)
            buffer.put(quoted: owner.program)
            buffer.put(UInt8(ascii: "}"))
        }
        buffer.put(UInt8(ascii: "]"))
    }

    func write(_ window: TimeWindow, to buffer: inout ByteBuffer) {
        buffer.put(#","begin":"#)
        buffer.put(seconds: window.begin)
        buffer.put(#","end":"#)
        buffer.put(seconds: window.end)
    }

    /// - Parameter socketFamily: nil where no socket is meant.
    func write(_ pair: SocketPair, _ socketFamily: AddressFamily?, to buffer: inout ByteBuffer) {
        buffer.put(#","local":{"address":""#)
        buffer.put(pair.source, family: pair.family)
        buffer.put(#"","port":"#)
        buffer.put(decimal: UInt64(pair.sourcePort))
        buffer.put(#"},"remote":{"address":""#)
        buffer.put(pair.destination, family: pair.family)
        buffer.put(#"","port":"#)
        buffer.put(decimal: UInt64(pair.destinationPort))
        buffer.put(UInt8(ascii: "}"))
        guard let socketFamily else { return }
        buffer.put(socketFamily == .ipv4 ? #","socket_family":"ipv4""# : #","socket_family":"ipv6""#)
    }
}
