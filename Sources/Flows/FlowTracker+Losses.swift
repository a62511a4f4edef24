import TCPStateMachine

/// Frames that the capture says it lost: they may have been segments of any flow that was alive then.
extension FlowTracker {
    /// Takes note of a loss: flows that were alive between the two times have the finding `capture-loss`.
    ///
    /// It takes a look at every flow. A file may tell of a loss at every packet, so the look waits until enough
    /// segments have come to be worth it, or until the flow is reported.
    ///
    /// - Parameters:
    ///   - packets: how many frames were lost.
    ///   - from: they were lost after this time, nanoseconds since the epoch; nil if it is not known since when.
    ///   - to: they were lost before this time.
    public mutating func noteLoss(of packets: UInt64, from: Int64?, to: Int64) {
        gap = CaptureGap(packets: packets, from: from ?? .min, to: to).joined(with: gap)
        guard ledger.counts.segments &- segmentsAtGap >= UInt64(flows.highWater) / 4 else { return }
        segmentsAtGap = ledger.counts.segments
        for slot in 0..<flows.highWater where !flows[slot].isGone { findGap(slot) }
        gap = nil
    }

    /// The finding, if the flow was alive when frames were lost.
    mutating func findGap(_ slot: UInt32) {
        guard let gap else { return }
        let flow = flows[slot]
        guard flow.first < gap.to, flow.last >= gap.from || !hasEnded(flow) else { return }
        flow.find(
            .captureLoss, at: nil, time: max(gap.from, flow.first), .none, &ledger, detail: .lostPackets(gap.packets))
    }
}

/// A time in which frames were lost.
struct CaptureGap: BitwiseCopyable {
    var packets: UInt64
    var from: Int64
    var to: Int64

    /// Both, and what lies between.
    func joined(with other: CaptureGap?) -> CaptureGap {
        guard let other else { return self }
        let (sum, overflow) = packets.addingReportingOverflow(other.packets)
        return CaptureGap(packets: overflow ? .max : sum, from: min(from, other.from), to: max(to, other.to))
    }
}
