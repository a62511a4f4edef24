package import WireFormat

/// All streams of a capture, cut and numbered as Wireshark does: for comparisons. It forgets nothing.
///
/// What a replay shows comes from the same `WiresharkStream`, but only as long as its flows are in memory.
package struct WiresharkObserver {
    private var streams: [WiresharkStream] = []
    private var newest: [SocketPair: Int] = [:]

    package init() {}

    /// Takes a segment and tells the number of its stream, from 0.
    package mutating func observe(_ captured: CapturedSegment) -> UInt32 {
        let pair = captured.pair
        let isReverse = newest[pair] == nil && newest[pair.reversed] != nil
        let key = isReverse ? pair.reversed : pair
        if let number = newest[key], !streams[number].isCut(by: captured.segment, isReverse: isReverse) {
            streams[number].take(captured.segment, isReverse: isReverse)
            return UInt32(truncatingIfNeeded: number)
        }
        streams.append(WiresharkStream(captured.segment, isReverse: isReverse))
        newest[key] = streams.count - 1
        return UInt32(truncatingIfNeeded: streams.count - 1)
    }

    /// `tcp.completeness` of each stream, by its number.
    package var completeness: [UInt8] { streams.map(\.completeness) }
}
