/// A value of JSON (RFC 8259). A number keeps its text: a double would lose nanoseconds.
enum JSONValue: Hashable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// A member of an object; nil if there is none or it is null.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let member = members[name], member != .null else { return nil }
        return member
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// A whole number in the range of the type; nil if it is something else.
    func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
        if case .number(let text) = self { Number(text) } else { nil }
    }

    /// Seconds with at most nine decimals, as nanoseconds.
    var nanoseconds: Int64? {
        guard case .number(let text) = self else { return nil }
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let seconds = Int64(parts[0]) else { return nil }
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard (1...9).contains(decimals.utf8.count), decimals.utf8.allSatisfy({ (48...57).contains($0) }),
            let fraction = Int64(decimals + String(repeating: "0", count: 9 - decimals.utf8.count))
        else { return nil }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(fraction)
        return overflow || carry ? nil : isNegative ? -sum : sum
    }
}
