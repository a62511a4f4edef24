import Flows
import TCPStateMachine
import WireFormat

/// Values as tables show them to people.
enum TableText {
    /// What the marks of `state` and the columns mean.
    static let legend =
        "States: no mark proven, ? presumed, ~ by a timer; A|B: one of these, the capture does not tell."

    /// An endpoint as people write it: 10.0.0.1:80, [2001:db8::1]:80.
    static func socket(_ address: Address, _ port: UInt16, _ family: AddressFamily) -> String {
        switch family {
        case .ipv4: "\(address.text(as: family)):\(port)"
        case .ipv6: "[\(address.text(as: family))]:\(port)"
        }
    }

    static func source(_ pair: SocketPair) -> String {
        socket(pair.source, pair.sourcePort, pair.family)
    }

    static func destination(_ pair: SocketPair) -> String {
        socket(pair.destination, pair.destinationPort, pair.family)
    }

    /// A state with the mark of its certainty; where it is not known, the possible ones, of which four are named.
    static func state(_ endpoint: EndpointRecord) -> String {
        if let state = endpoint.state { return state.name + mark(endpoint.certainty) }
        guard endpoint.possible != .all else { return "unknown" }
        let names = endpoint.possible.states.map(\.name)
        guard names.count > 4 else { return names.joined(separator: "|") }
        return names.prefix(3).joined(separator: "|") + "|+\(names.count - 3)"
    }

    static func mark(_ certainty: Certainty) -> String {
        switch certainty {
        case .proven: ""
        case .presumed: "?"
        case .timer: "~"
        }
    }

    /// Seconds with as many digits of the fraction as asked for, cut and not rounded.
    static func seconds(_ nanoseconds: Int64, digits: Int) -> String {
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let fraction = padded(rest, digits: 9).prefix(digits)
        return (nanoseconds < 0 ? "-" : "") + "\(whole).\(fraction)"
    }

    /// The time between two stamps, whatever they are.
    static func interval(from start: Int64, to end: Int64, digits: Int) -> String {
        let (difference, overflow) = end.subtractingReportingOverflow(start)
        return overflow ? "-" : seconds(difference, digits: digits)
    }

    /// A stamp in Universal Time: 2024-02-29 23:59:59.123456789.
    static func stamp(_ nanoseconds: Int64) -> String {
        let second: Int64 = 1_000_000_000
        let seconds = nanoseconds >= 0 ? nanoseconds / second : (nanoseconds + 1) / second - 1
        let fraction = nanoseconds &- seconds &* second
        let days = seconds >= 0 ? seconds / 86400 : (seconds + 1) / 86400 - 1
        let time = seconds - days * 86400
        let date = civilDate(days)
        return padded(date.year.magnitude, digits: 4) + "-" + padded(date.month, digits: 2) + "-"
            + padded(date.day, digits: 2) + " " + padded(time.magnitude / 3600, digits: 2) + ":"
            + padded(time.magnitude / 60 % 60, digits: 2) + ":" + padded(time.magnitude % 60, digits: 2) + "."
            + padded(fraction.magnitude, digits: 9)
    }

    /// A packet's number, with its file's index in front where there are several.
    static func packet(_ reference: PacketReference, _ style: TableStyle) -> String {
        guard !reference.isNone else { return "-" }
        return style.namesFiles ? "\(reference.file):\(reference.packet)" : "\(reference.packet)"
    }

    /// A number with its digits in groups of three.
    static func grouped(_ number: UInt64) -> String {
        let digits = String(number)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A name without what would move the cursor of a terminal.
    static func printable(_ name: String) -> String {
        let scalars = name.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func padded(_ number: UInt64, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }

    private static func padded(_ number: UInt, digits: Int) -> String {
        padded(UInt64(number), digits: digits)
    }

    /// The Gregorian date of a day counted from 1970-01-01: eras of 400 years that begin in March, so that a leap day
    /// is the last of its year.
    static func civilDate(_ days: Int64) -> (year: Int64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let isNextYear = month >= 10
        return (
            year: yearOfEra + era * 400 + (isNextYear ? 1 : 0),
            month: (isNextYear ? month - 9 : month + 3).magnitude,
            day: day.magnitude
        )
    }
}
