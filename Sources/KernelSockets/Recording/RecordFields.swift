import TCPStateMachine
import WireFormat

/// The fields of a record, each asked for with the type that it must have.
struct RecordFields {
    private let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    func text(_ name: String) throws(RecordError) -> String {
        guard let text = value[name]?.string else { throw RecordError(reason: "'\(name)' is no text") }
        return text
    }

    func optionalText(_ name: String) -> String? { value[name]?.string }

    func number<Number: FixedWidthInteger>(_ name: String) throws(RecordError) -> Number {
        guard let number = try optional(name, Number.self) else { throw RecordError(reason: "'\(name)' is missing") }
        return number
    }

    func optional<Number: FixedWidthInteger>(
        _ name: String, _ type: Number.Type = Number.self
    ) throws(RecordError) -> Number? {
        guard let member = value[name] else { return nil }
        guard let number = member.integer(type) else {
            throw RecordError(reason: "'\(name)' is no whole number from \(type.min) to \(type.max)")
        }
        return number
    }

    func flag(_ name: String) throws(RecordError) -> Bool {
        guard let flag = value[name]?.bool else { throw RecordError(reason: "'\(name)' is neither true nor false") }
        return flag
    }

    func time(_ name: String) throws(RecordError) -> Int64 {
        guard let time = try optionalTime(name) else { throw RecordError(reason: "'\(name)' is missing") }
        return time
    }

    func optionalTime(_ name: String) throws(RecordError) -> Int64? {
        guard let member = value[name] else { return nil }
        guard let time = member.nanoseconds else {
            throw RecordError(reason: "'\(name)' is no number of seconds with at most nine decimals")
        }
        return time
    }

    /// A number of 64 bits, written as a text of hexadecimal digits behind "0x".
    func optionalHexadecimal(_ name: String) throws(RecordError) -> UInt64? {
        guard let member = value[name] else { return nil }
        guard let text = member.string, text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) else {
            throw RecordError(reason: "'\(name)' is no hexadecimal number")
        }
        return number
    }

    func window() throws(RecordError) -> TimeWindow {
        TimeWindow(begin: try time("begin"), end: try time("end"))
    }

    /// An object inside; one without members if there is none.
    func member(_ name: String) -> RecordFields {
        RecordFields(value[name] ?? .object([:]))
    }

    func has(_ name: String) -> Bool { value[name] != nil }

    func state(_ name: String) throws(RecordError) -> State {
        let text = try text(name)
        guard let state = State(name: text) else { throw RecordError(reason: "'\(text)' is no state") }
        return state
    }

    /// The words of a list, or nil if there is none.
    func words(_ name: String) throws(RecordError) -> [String]? {
        guard let member = value[name] else { return nil }
        guard let items = member.array else { throw RecordError(reason: "'\(name)' is no list") }
        return items.compactMap(\.string)
    }

    func owners() throws(RecordError) -> [SocketOwner]? {
        guard let member = value["owners"] else { return nil }
        guard let items = member.array else { throw RecordError(reason: "'owners' is no list") }
        var owners: [SocketOwner] = []
        for item in items {
            let fields = RecordFields(item)
            owners.append(SocketOwner(process: try fields.number("pid"), program: try fields.text("program")))
        }
        return owners
    }

    func socketFamily() throws(RecordError) -> AddressFamily {
        switch try text("socket_family") {
        case "ipv4": .ipv4
        case "ipv6": .ipv6
        case let other: throw RecordError(reason: "'\(other)' is no family of addresses")
        }
    }

    func pair() throws(RecordError) -> SocketPair {
        let (local, localFamily) = try member("local").address()
        let (remote, remoteFamily) = try member("remote").address()
        guard localFamily == remoteFamily else { throw RecordError(reason: "the two addresses differ in family") }
        return SocketPair(
            source: local, destination: remote, sourcePort: try member("local").number("port"),
            destinationPort: try member("remote").number("port"), family: localFamily)
    }

    private func address() throws(RecordError) -> (Address, AddressFamily) {
        let text = try text("address")
        guard let parsed = Address.parse(text) else { throw RecordError(reason: "'\(text)' is no address") }
        return parsed
    }

    func transition() throws(RecordError) -> KernelTransition {
        guard let socket = try optionalHexadecimal("socket") else { throw RecordError(reason: "'socket' is missing") }
        return KernelTransition(
            time: try time("time"), pair: try pair(), socketFamily: try socketFamily(), from: try state("from"),
            to: try state("to"), socket: socket)
    }
}
