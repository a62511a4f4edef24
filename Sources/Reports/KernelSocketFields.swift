import KernelSockets

/// The fields of a socket that only some kinds have: all are written, and null where they do not exist.
struct KernelSocketFields {
    private var acceptQueue, backlog, fastOpenLimit: UInt32?
    private var sendQueue, receiveQueue: UInt32?
    private var timer: String?
    private var remaining: Int64?
    private var retransmissions, probes: UInt32?
    private var timeout: Int64?
    private var congestionWindow, slowStartThreshold: UInt32?
    private var shutdown: KernelSocket.Shutdown?
    private var information: TCPInformation?

    init(_ kind: KernelSocket.Kind) {
        switch kind {
        case .bound: break
        case .listener(let listener):
            acceptQueue = listener.acceptQueue
            backlog = listener.backlog
            fastOpenLimit = listener.fastOpenLimit
        case .request(let request):
            retransmissions = request.retransmissions
            remaining = request.remaining
        case .remnant(let remnant):
            remaining = remnant.remaining
        case .full(let socket):
            sendQueue = socket.sendQueue
            receiveQueue = socket.receiveQueue
            timer = socket.timer.name
            remaining = socket.timer.remaining
            retransmissions = socket.retransmissions
            probes = socket.probes
            timeout = socket.retransmissionTimeout
            congestionWindow = socket.congestionWindow
            slowStartThreshold = socket.slowStartThreshold
            shutdown = socket.shutdown
            information = socket.information
        }
    }

    func write(to buffer: inout ByteBuffer) {
        put("accept_queue", acceptQueue, &buffer)
        put("backlog", backlog, &buffer)
        put("fast_open_limit", fastOpenLimit, &buffer)
        put("send_queue", sendQueue, &buffer)
        put("receive_queue", receiveQueue, &buffer)
        buffer.put(#","timer":"#)
        buffer.put(quotedOrNull: timer)
        put("remaining", seconds: remaining, &buffer)
        put("retransmissions", retransmissions, &buffer)
        put("probes", probes, &buffer)
        put("rto", seconds: timeout, &buffer)
        put("congestion_window", congestionWindow, &buffer)
        put("slow_start_threshold", slowStartThreshold, &buffer)
        buffer.put(#","shutdown":"#)
        if let shutdown {
            let words = [(KernelSocket.Shutdown.receive, "receive"), (.send, "send")]
            putList(words.filter { shutdown.contains($0.0) }.map(\.1), &buffer)
        } else {
            buffer.put("null" as StaticString)
        }
        buffer.put(#","information":"#)
        guard let information else { return buffer.put("null" as StaticString) }
        write(information, to: &buffer)
    }

    private func write(_ information: TCPInformation, to buffer: inout ByteBuffer) {
        buffer.put(#"{"options":"#)
        putList(TCPInformation.Options.names.filter { information.options.contains($0.option) }.map(\.name), &buffer)
        put("send_scale", UInt32(information.sendScale), &buffer)
        put("receive_scale", UInt32(information.receiveScale), &buffer)
        put("backoff", information.backoff, &buffer)
        put("send_mss", information.sendSegmentSize, &buffer)
        put("receive_mss", information.receiveSegmentSize, &buffer)
        put("unacknowledged", information.unacknowledged, &buffer)
        put("sacked", information.sacked, &buffer)
        put("lost", information.lost, &buffer)
        put("retransmitted", information.retransmitted, &buffer)
        put("total_retransmissions", information.totalRetransmissions, &buffer)
        put("since_data_sent", seconds: information.sinceDataSent, &buffer)
        put("since_data_received", seconds: information.sinceDataReceived, &buffer)
        put("since_ack_received", seconds: information.sinceAcknowledgmentReceived, &buffer)
        put("rtt", seconds: information.roundTripTime, &buffer)
        put("rtt_variation", seconds: information.roundTripVariation, &buffer)
        put("acknowledged_octets", information.acknowledgedOctets, &buffer)
        put("received_octets", information.receivedOctets, &buffer)
        put("unsent_octets", information.unsentOctets, &buffer)
        put("segments_sent", information.segmentsSent, &buffer)
        put("segments_received", information.segmentsReceived, &buffer)
        put("send_window", information.sendWindow, &buffer)
        buffer.put(UInt8(ascii: "}"))
    }

    private func put(_ name: StaticString, _ number: (some UnsignedInteger)?, _ buffer: inout ByteBuffer) {
        putName(name, &buffer)
        buffer.put(decimalOrNull: number.map { UInt64($0) })
    }

    private func put(_ name: StaticString, seconds: Int64?, _ buffer: inout ByteBuffer) {
        putName(name, &buffer)
        guard let seconds else { return buffer.put("null" as StaticString) }
        buffer.put(seconds: seconds)
    }

    private func putName(_ name: StaticString, _ buffer: inout ByteBuffer) {
        buffer.put(#",""#)
        buffer.put(name)
        buffer.put(#"":"#)
    }

    private func putList(_ words: [String], _ buffer: inout ByteBuffer) {
        buffer.put(UInt8(ascii: "["))
        for (place, word) in words.enumerated() {
            if place > 0 { buffer.put(UInt8(ascii: ",")) }
            buffer.put(quoted: word)
        }
        buffer.put(UInt8(ascii: "]"))
    }
}
