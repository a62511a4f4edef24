import TCPStateMachine

/// Records of sockets.
extension RecordFields {
    func socket() throws(RecordError) -> KernelSocket {
        var identity: KernelSocket.Identity?
        if let cookie = try optionalHexadecimal("cookie") {
            identity = .cookie(cookie)
        } else if let pointer = try optionalHexadecimal("pointer") {
            identity = .pointer(pointer)
        }
        return KernelSocket(
            pair: try pair(), socketFamily: try socketFamily(), kind: try kind(), uid: try number("uid"),
            inode: try optional("inode"), identity: identity, interface: try number("interface"), seen: try window())
    }

    private func kind() throws(RecordError) -> KernelSocket.Kind {
        let state = try state("state")
        switch (try text("kind"), state) {
        case ("bound", .closed): return .bound
        case ("listener", .listen):
            return .listener(
                .init(
                    acceptQueue: try number("accept_queue"), backlog: try optional("backlog"),
                    fastOpenLimit: try optional("fast_open_limit")))
        case ("request", .synReceived):
            return .request(.init(retransmissions: try number("retransmissions"), remaining: try time("remaining")))
        case ("remnant", .finWait2): return .remnant(.init(phase: .finWait2, remaining: try time("remaining")))
        case ("remnant", .timeWait): return .remnant(.init(phase: .timeWait, remaining: try time("remaining")))
        case (let kind, _):
            guard kind == "full", let phase = KernelSocket.Phase(state) else {
                throw RecordError(reason: "no socket of kind '\(kind)' is \(state)")
            }
            return .full(try fullSocket(phase))
        }
    }

    private func fullSocket(_ phase: KernelSocket.Phase) throws(RecordError) -> KernelSocket.FullSocket {
        var socket = KernelSocket.FullSocket(
            phase: phase, sendQueue: try number("send_queue"), receiveQueue: try number("receive_queue"),
            timer: try timer(), retransmissions: try optional("retransmissions"), probes: try optional("probes"))
        socket.retransmissionTimeout = try optionalTime("rto")
        socket.congestionWindow = try optional("congestion_window")
        socket.slowStartThreshold = try optional("slow_start_threshold")
        if let words = try words("shutdown") {
            socket.shutdown = []
            if words.contains("receive") { socket.shutdown?.insert(.receive) }
            if words.contains("send") { socket.shutdown?.insert(.send) }
        }
        if has("information") { socket.information = try member("information").information() }
        return socket
    }

    private func timer() throws(RecordError) -> KernelSocket.Timer {
        guard let name = optionalText("timer") else { return .none }
        let remaining = try time("remaining")
        switch name {
        case "retransmission": return .retransmission(remaining)
        case "keepalive": return .keepalive(remaining)
        case "fin-wait-2": return .finWait2(remaining)
        case "window-probe": return .windowProbe(remaining)
        default:
            guard name.hasPrefix("timer-"), let number = UInt8(name.dropFirst("timer-".count)) else {
                throw RecordError(reason: "'\(name)' is no timer")
            }
            return .other(number, remaining)
        }
    }

    private func information() throws(RecordError) -> TCPInformation {
        var information = TCPInformation()
        let words = try words("options") ?? []
        for (option, name) in TCPInformation.Options.names where words.contains(name) {
            information.options.insert(option)
        }
        information.sendScale = try number("send_scale")
        information.receiveScale = try number("receive_scale")
        information.backoff = try number("backoff")
        information.sendSegmentSize = try number("send_mss")
        information.receiveSegmentSize = try number("receive_mss")
        information.unacknowledged = try number("unacknowledged")
        information.sacked = try number("sacked")
        information.lost = try number("lost")
        information.retransmitted = try number("retransmitted")
        information.totalRetransmissions = try number("total_retransmissions")
        information.sinceDataSent = try time("since_data_sent")
        information.sinceDataReceived = try time("since_data_received")
        information.sinceAcknowledgmentReceived = try time("since_ack_received")
        information.roundTripTime = try time("rtt")
        information.roundTripVariation = try time("rtt_variation")
        information.acknowledgedOctets = try optional("acknowledged_octets")
        information.receivedOctets = try optional("received_octets")
        information.unsentOctets = try optional("unsent_octets")
        information.segmentsSent = try optional("segments_sent")
        information.segmentsReceived = try optional("segments_received")
        information.sendWindow = try optional("send_window")
        return information
    }
}
