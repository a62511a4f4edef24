public import Capture
import WireFormat

/// Renders what can be captured: a table, or a record for each interface.
public struct InterfaceReport: ~Copyable {
    private let format: KernelReportFormat
    private let style: TableStyle
    private var output: OutputFile

    public init(format: KernelReportFormat, output: consuming OutputFile, width: Int?, hasColors: Bool) {
        self.format = format
        self.output = output
        style = TableStyle(hasColors: hasColors, width: width)
    }

    /// Writes them all.
    public mutating func write(_ interfaces: [InterfaceStatus]) throws(OutputError) {
        switch format {
        case .table: writeTable(interfaces)
        case .ndjson: for interface in interfaces { write(interface) }
        }
        try output.flush()
    }

    private mutating func writeTable(_ interfaces: [InterfaceStatus]) {
        var layout = Layout([.left("interface"), .left("state"), .left("capture"), .left("addresses")])
        let rows = interfaces.map { interface in
            [
                Cell(TableText.printable(interface.name)),
                Cell(interface.isUp ? "up" : "down", interface.isUp ? .plain : .faint),
                Cell(InterfaceReport.missing(interface) ?? "yes", interface.obstacle == nil ? .plain : .yellow),
                Cell(interface.addresses.map(InterfaceReport.text).joined(separator: " ")),
            ]
        }
        for row in rows { layout.fit(row) }
        layout.writeTitles(style, to: &output.buffer)
        for row in rows { layout.write(row, style, to: &output.buffer) }
        if interfaces.contains(where: { $0.obstacle?.isAboutPrivileges ?? false }) {
            output.buffer.put(text: "\nTo capture, run as root or grant it: \(LiveCaptureError.grant)\n")
        }
    }

    private mutating func write(_ interface: InterfaceStatus) {
        output.buffer.put(#"{"record":"interface","name":"#)
        output.buffer.put(quoted: interface.name)
        output.buffer.put(#","description":"#)
        output.buffer.put(quotedOrNull: interface.description)
        output.buffer.put(#","addresses":["#)
        for (place, address) in interface.addresses.enumerated() {
            if place > 0 { output.buffer.put(UInt8(ascii: ",")) }
            output.buffer.put(quoted: InterfaceReport.text(address))
        }
        output.buffer.put(#"],"up":"#)
        output.buffer.put(interface.isUp)
        output.buffer.put(#","capture":"#)
        output.buffer.put(interface.obstacle == nil)
        output.buffer.put(#","missing":"#)
        output.buffer.put(quotedOrNull: InterfaceReport.missing(interface))
        output.buffer.put("}\n")
    }

    /// In a few words what it lacks to be captured.
    private static func missing(_ interface: InterfaceStatus) -> String? {
        switch interface.obstacle {
        case nil: nil
        case .notAllowed: "needs CAP_NET_RAW"
        case .noSuchInterface: "is gone"
        case .isDown: "is down"
        case .cannotOpen(_, let reason): reason
        case .badFilter(_, let detail): detail
        }
    }

    /// An address with the length of its network's prefix.
    private static func text(_ address: CaptureInterface.Address) -> String {
        switch address {
        case .ipv4(let bits, let mask): "\(Address(ipv4: bits).text(as: .ipv4))/\(mask.nonzeroBitCount)"
        case .ipv6(let high, let low, let length): "\(Address(high: high, low: low).text(as: .ipv6))/\(length)"
        }
    }
}

extension LiveCaptureError {
    fileprivate var isAboutPrivileges: Bool {
        if case .notAllowed = self { true } else { false }
    }
}
