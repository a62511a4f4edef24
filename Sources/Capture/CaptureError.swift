/// Why a capture could not be read, or not to its end.
public enum CaptureError: Error, Hashable, Sendable {
    /// The operating system refused; `reason` is its text.
    case cannotOpen(file: String, reason: String)
    /// There is not one octet in it.
    case empty(file: String)
    /// It begins with no magic number of a capture file; `detail` says what it looks like instead.
    case notACapture(file: String, detail: String)
    /// It begins like a capture file, but its header is cut or makes no sense; `detail` says how.
    case damagedHeader(file: String, detail: String)
    /// Everything before packet number `packet` was delivered; there the file is cut or makes no sense. `offset` is
    /// where reading stopped, in octets from the start of the capture: of the unpacked one, where it is packed.
    case damaged(file: String, packet: UInt64, offset: Int64, detail: String)
    /// An interface gives no frames any more; everything before packet number `packet` was delivered.
    case interfaceFailed(interface: String, packet: UInt64, reason: String)
    /// libpcap does not understand the filter.
    case badFilter(filter: String, detail: String)

    /// What happened, where, and what to do next; one line for each.
    public var message: String {
        switch self {
        case .cannotOpen(let file, let reason):
            "\(file): cannot be opened: \(reason)."
        case .empty(let file):
            """
            \(file): the file is empty.
            The program that wrote it may have had no permission to capture, or was stopped before its first write.
            """
        case .notACapture(let file, let detail):
            "\(file): not a capture file: \(detail)."
        case .damagedHeader(let file, let detail):
            """
            \(file): the header of the capture file is damaged: \(detail).
            Nothing can be read from it. Copy or capture it again.
            """
        case .damaged(let file, let packet, let offset, let detail):
            """
            \(file): damaged at packet \(packet), reading stopped at offset \(offset): \(detail).
            \(Self.before(packet)) A file that is still being written ends like this, too.
            """
        case .interfaceFailed(let interface, let packet, let reason):
            """
            \(interface): the capture ended after packet \(packet): \(reason).
            Look whether the interface is still there, and up: postel interfaces
            """
        case .badFilter(let filter, let detail):
            """
            the filter '\(filter)' is not understood: \(detail).
            See pcap-filter(7) for what a filter may say; for example 'tcp port 443 and host 192.0.2.1'.
            """
        }
    }

    private static func before(_ packet: UInt64) -> String {
        switch packet {
        case 0, 1: "There was no packet before it."
        case 2: "The packet before it was read."
        default: "The \(packet - 1) packets before it were read."
        }
    }
}

extension CaptureError: CustomStringConvertible {
    public var description: String { message }
}
