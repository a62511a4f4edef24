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
        replay(simulator.packets(at: vantage, setting), of: simulator, at: vantage, setting, options).records
    }

    /// Replays packets of a capture of the simulation.
    static func replay(
        _ packets: [TappedPacket], of simulator: Simulator, at vantage: Vantage, _ setting: CaptureSetting,
        _ options: TrackerOptions
    ) -> (records: [Record], counts: TrackerCounts) {
        let initiator = simulator.history.firstOpener
        var options = options
        options.initiatorProfile = simulator[initiator].settings.profile
        options.responderProfile = simulator[initiator.other].settings.profile
        return replay(packets, at: vantage, setting, options)
    }

    /// Replays packets of a capture by the profiles of the options; segments whose checksum is wrong reach no TCP.
    package static func replay(
        _ packets: [TappedPacket], at vantage: Vantage, _ setting: CaptureSetting, _ options: TrackerOptions
    ) -> (records: [Record], counts: TrackerCounts) {
        var options = options
        switch vantage {
        case .host(let end): options.vantage = .host([end == .a ? setting.a : setting.b])
        case .middle: options.vantage = .middle
        }
        var tracker = FlowTracker(options: options)
        var batch: [CapturedSegment] = []
        for packet in packets {
            switch packet {
            case .segment(let tapped): if !tapped.isCorrupt { batch.append(tapped.captured) }
            case .error(let tapped):
                // It must not overtake the segments before it.
                tracker.process(batch, count: batch.count)
                batch = []
                let reference = PacketReference(file: 0, packet: tapped.packet)
                _ = tracker.process(tapped.error, time: tapped.time, reference: reference)
            }
        }
        tracker.process(batch, count: batch.count)
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
