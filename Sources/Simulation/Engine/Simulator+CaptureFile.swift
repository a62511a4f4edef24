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
        for tapped in capture(at: vantage, setting) {
            frame.removeAll(keepingCapacity: true)
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

    /// Turns a bit of the TCP checksum.
    private func spoilChecksum(of frame: inout [UInt8], _ family: AddressFamily) {
        let place = 14 + (family == .ipv4 ? 20 : 40) + 16
        if frame.indices.contains(place) { frame[place] ^= 0x01 }
    }
}
