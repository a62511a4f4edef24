package import Flows
package import Simulation
import TCPStateMachine
import WireFormat

/// What the inference makes of the capture that a simulation leaves at a vantage point.
package enum SimulatedReplay {
    /// The records, in the order in which they were settled. Segments whose checksum is wrong reach no TCP.
    ///
    /// - Parameter options: what is wanted; vantage and profiles are those of the simulation.
    package static func records(
        of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting, _ options: TrackerOptions
    ) -> [Record] {
        let segments = simulator.capture(at: vantage, setting).filter { !$0.isCorrupt }
        return replay(segments, of: simulator, at: vantage, setting, options).records
    }

    /// Replays segments of a capture of the simulation.
    static func replay(
        _ segments: [TappedSegment], of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting,
        _ options: TrackerOptions
    ) -> (records: [Record], counts: TrackerCounts) {
        var options = options
        switch vantage {
        case .host(let end): options.vantage = .host([end == .a ? setting.a : setting.b])
        case .middle: options.vantage = .middle
        }
        let initiator = simulator.history.firstOpener
        options.initiatorProfile = simulator[initiator].settings.profile
        options.responderProfile = simulator[initiator.other].settings.profile
        var tracker = FlowTracker(options: options)
        tracker.process(segments.map(\.captured), count: segments.count)
        tracker.finish()
        return (tracker.records, tracker.counts)
    }
}

extension History {
    /// Whose SYN left first: A's, if none did.
    fileprivate var firstOpener: End {
        segments.first { $0.origin == .host && SegmentKind.syn.matches($0.segment) }?.from ?? .a
    }
}
