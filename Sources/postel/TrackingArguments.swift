import ArgumentParser
import Flows

/// The options that say what is assumed of the endpoints and how many flows are kept: the same for all commands that
/// track flows.
struct TrackingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which TCP the endpoints run: linux (default), rfc9293, rfc793; or initiator=NAME,responder=NAME.",
            valueName: "profile"),
        transform: ProfileChoice.init)
    var profile = ProfileChoice()

    @Option(
        help: ArgumentHelp(
            "Where the capture was taken: auto (default), middle, or the addresses of the capturing host.",
            valueName: "vantage"),
        transform: VantageChoice.init)
    var vantage: VantageChoice?

    @Option(help: ArgumentHelp("The most flows kept in memory at once.", valueName: "number"))
    var maxFlows = TrackerOptions().maximumFlows

    func validate() throws {
        guard maxFlows > 0 else {
            throw ValidationError("--max-flows \(maxFlows): at least one flow must be kept")
        }
    }

    /// What the tracker is told.
    func options(interest: TrackerOptions.Interest) -> TrackerOptions {
        var tracking = TrackerOptions()
        tracking.interest = interest
        tracking.vantage = vantage?.vantage ?? .automatic
        tracking.initiatorProfile = profile.initiator
        tracking.responderProfile = profile.responder
        tracking.maximumFlows = maxFlows
        return tracking
    }
}
