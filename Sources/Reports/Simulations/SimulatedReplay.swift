package import Flows
package import Simulation
import WireFormat

/// What the inference makes of the capture that a simulation leaves at a vantage point.
package enum SimulatedReplay {
    /// The records, in the order in which they were settled. Segments whose checksum is wrong reach no TCP.
    ///
    /// - Parameter options: what is wanted; the vantage is that of the capture.
    package static func records(
        of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting, _ options: TrackerOptions
    ) -> [Record] {
        var options = options
        switch vantage {
        case .host(let end): options.vantage = .host([end == .a ? setting.a : setting.b])
        case .middle: options.vantage = .middle
        }
        var tracker = FlowTracker(options: options)
        let segments = simulator.capture(at: vantage, setting).filter { !$0.isCorrupt }.map(\.captured)
        tracker.process(segments, count: segments.count)
        tracker.finish()
        return tracker.records
    }
}
