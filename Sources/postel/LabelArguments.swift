import ArgumentParser
import Flows

/// The options about Zeek's labels: the same for all commands that show them.
struct LabelArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Let segments with wrong checksums count in conn_state, history and --format zeek, as zeek -C does.",
            discussion: """
                For captures taken on the sending host: there the network interface fills checksums in later.
                """))
    var ignoreChecksums = false

    @Option(
        help: ArgumentHelp(
            """
            The ports by which Zeek's labels guess who began: default (those of Zeek 8), none (as zeek -b does), or a \
            list.
            """,
            valueName: "ports"),
        transform: ServerPortChoice.init)
    var likelyServerPorts: ServerPortChoice?

    /// Puts them into what the tracker is told.
    func apply(to tracking: inout TrackerOptions) {
        tracking.verifiesChecksums = !ignoreChecksums
        if let likelyServerPorts { tracking.likelyServerPorts = likelyServerPorts.ports }
    }
}

/// `default`, `none`, or ports joined by commas, ranges among them: `80,443,6666-6669`.
struct ServerPortChoice {
    let ports: LikelyServerPorts

    init(_ text: String) throws {
        switch text {
        case "default": ports = .standard
        case "none": ports = .none
        default:
            ports = LikelyServerPorts(
                try text.split(separator: ",", omittingEmptySubsequences: false).flatMap(ServerPortChoice.range))
        }
    }

    private static func range(_ word: Substring) throws -> ClosedRange<UInt16> {
        let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            throw ValidationError(
                "'\(word)' is not a port: write default, none, or ports such as 80,443,6666-6669")
        }
        return first...last
    }
}
