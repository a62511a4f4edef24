/// Why an interface cannot be captured.
public enum LiveCaptureError: Error, Hashable, Sendable {
    /// The system does not allow it.
    case notAllowed(interface: String)
    /// There is no interface of this name; those that there are.
    case noSuchInterface(String, known: [String])
    /// It is switched off.
    case isDown(interface: String)
    /// libpcap refused, in its words.
    case cannotOpen(interface: String, reason: String)
    /// libpcap does not understand the filter.
    case badFilter(filter: String, detail: String)

    /// What happened, where, and what to do next; one line for each.
    public var message: String {
        switch self {
        case .notAllowed(let interface):
            """
            \(interface): may not be captured: it takes the capability CAP_NET_RAW.
            Run as root, or grant it: \(LiveCaptureError.grant)
            """
        case .noSuchInterface(let name, let known):
            """
            \(name): there is no such interface. There are: \(known.joined(separator: ", ")).
            'postel interfaces' shows them with their addresses.
            """
        case .isDown(let interface):
            """
            \(interface): the interface is down.
            Switch it on first: sudo ip link set \(interface) up
            """
        case .cannotOpen(let interface, let reason):
            "\(interface): cannot be captured: \(reason)."
        case .badFilter(let filter, let detail):
            CaptureError.badFilter(filter: filter, detail: detail).message
        }
    }

    /// The command that grants what capturing takes.
    public static let grant = #"sudo setcap cap_net_raw+ep "$(command -v postel)""#
}

extension LiveCaptureError: CustomStringConvertible {
    public var description: String { message }
}
