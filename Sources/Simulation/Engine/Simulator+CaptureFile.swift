public import Capture
import WireFormat

extension Simulator {
    /// Writes what a capture at `vantage` holds as a pcapng file: Ethernet frames with right checksums (but for the
    /// segments that a fault has damaged), and on a host with their directions.
    ///
    /// - Throws: `CaptureWriteError`.
    public func writeCapture(
        to path: String, at vantage: Vantage, _ setting: CaptureSetting = CaptureSetting(), application: String? = nil
    ) throws(CaptureWriteError) {
        var writer = try PcapngWriter(path: path, application: application, comment: nil)
        let interface = try writer.add(CaptureInterface(linkType: 1, name: vantage.name, addresses: []))
        let encoder = FrameEncoder(linkType: .ethernet)
        var frame: [UInt8] = []
        for packet in packets(at: vantage, setting) {
            frame.removeAll(keepingCapacity: true)
            guard case .segment(let tapped) = packet else {
                try write(packet, setting, encoder, to: &writer, on: interface)
                continue
            }
            encoder.encode(tapped.captured, into: &frame)
            if tapped.isCorrupt { spoilChecksum(of: &frame, tapped.captured.pair.family) }
            let direction: FrameDirection =
                switch tapped.captured.direction {
                case .unknown: .unknown
                case .received: .inbound
                case .sent: .outbound
                }
            try writer.write(frame.span, time: tapped.captured.time, direction: direction, on: interface)
        }
        try writer.flush()
    }

    /// An ICMP error, from a router in between.
    private func write(
        _ packet: TappedPacket, _ setting: CaptureSetting, _ encoder: FrameEncoder, to writer: inout PcapngWriter,
        on interface: PcapngWriter.Interface
    ) throws(CaptureWriteError) {
        guard case .error(let tapped) = packet else { return }
        var frame: [UInt8] = []
        encoder.encode(tapped.error, from: setting.router, into: &frame)
        try writer.write(frame.span, time: tapped.time, direction: .unknown, on: interface)
    }

    /// Turns a bit of the TCP checksum.
    private func spoilChecksum(of frame: inout [UInt8], _ family: AddressFamily) {
        let place = 14 + (family == .ipv4 ? 20 : 40) + 16
        if frame.indices.contains(place) { frame[place] ^= 0x01 }
    }
}
