/// TCP ports that Zeek takes for a server's when it has to guess who began: `likely_server_ports`.
public struct LikelyServerPorts: Sendable {
    /// A bit for each port.
    private var words: [UInt64] = Array(repeating: 0, count: 1024)

    public init(_ ports: some Sequence<UInt16>) {
        for port in ports { words[Int(port >> 6)] |= 1 << UInt64(port & 63) }
    }

    /// What the scripts of Zeek 8 register, without further ones loaded.
    public static let standard = LikelyServerPorts(
        [
            21, 22, 25, 43, 53, 79, 80, 81, 88, 110, 135, 137, 139, 143, 194, 389, 443, 445, 502, 563, 585, 587, 614,
            631,
            636, 853, 989, 990, 992, 993, 995, 1080, 1433, 1883, 2811, 3128, 3268, 3269, 3306, 3389, 5060, 5061, 5222,
            5269, 5353, 5355, 5432, 5800, 5900, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
        ] as [UInt16])

    /// No port: as Zeek does without its scripts (`zeek -b`).
    public static let none = LikelyServerPorts([])

    public func contains(_ port: UInt16) -> Bool {
        words[Int(port >> 6)] & (1 << UInt64(port & 63)) != 0
    }
}
