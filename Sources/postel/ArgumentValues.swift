public import ArgumentParser
public import Flows
public import KernelSockets
public import Reports
public import TCPStateMachine
public import TeachingMaterial
import WireFormat

/// Values of options that are more than a word: each is read here, and each error says what would be right.

extension OutputFormat: ExpressibleByArgument {}
extension ExplorationFormat: ExpressibleByArgument {}
extension DiagnosticFormat: ExpressibleByArgument {}
extension KernelSourceChoice: ExpressibleByArgument {}
extension KernelReportFormat: ExpressibleByArgument {}

/// The records that `--show` names.
struct ShownKinds {
    let kinds: Set<RecordKind>

    init(_ text: String) throws {
        kinds = Set(
            try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let kind = RecordKind(rawValue: String(word)) else {
                    throw ValidationError(
                        "'\(word)' is nothing to show: choose among "
                            + RecordKind.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return kind
            })
    }
}

/// The profiles of the two ends: one name for both, or `initiator=NAME,responder=NAME`.
struct ProfileChoice {
    var initiator = Profile.linux
    var responder = Profile.linux

    init() {}

    init(_ text: String) throws {
        guard text.contains("=") else {
            initiator = try ProfileChoice.profile(text)
            responder = initiator
            return
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (pieces[0], pieces.count) {
            case ("initiator", 2): initiator = try ProfileChoice.profile(pieces[1])
            case ("responder", 2): responder = try ProfileChoice.profile(pieces[1])
            default:
                throw ValidationError("'\(part)' is not a profile: write NAME, or initiator=NAME,responder=NAME")
            }
        }
    }

    static func profile(_ name: some StringProtocol) throws -> Profile {
        guard let known = Profile.Name.allCases.first(where: { $0.description == name }) else {
            let names = Profile.Name.allCases.map(\.description).joined(separator: ", ")
            throw ValidationError("'\(name)' is not a profile: the profiles are \(names)")
        }
        return Profile(known)
    }
}

/// Where the capture was taken: `auto`, `middle`, or the addresses of the host.
struct VantageChoice {
    let vantage: TrackerOptions.Vantage

    init(_ text: String) throws {
        switch text {
        case "auto": vantage = .automatic
        case "middle": vantage = .middle
        default:
            vantage = .host(
                try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                    guard let (address, _) = Address.parse(word) else {
                        throw ValidationError(
                            "'\(word)' is not an address: write auto, middle, or the addresses of the capturing host")
                    }
                    return address
                })
        }
    }
}

extension Selection {
    /// The same as `init(_:)`, with an error that argument-parser shows as it is.
    static func argument(_ text: String) throws -> Selection {
        do throws(SyntaxError) {
            return try Selection(text)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

extension Severity: ExpressibleByArgument {
    public init?(argument: String) {
        guard let severity = Severity.allCases.first(where: { $0.name == argument }) else { return nil }
        self = severity
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}

/// By name, or by number in the catalogue of wrong claims.
extension DiagnosticCode: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}
