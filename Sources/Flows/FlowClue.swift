/// What the flow of a segment is found by.
package struct FlowClue: BitwiseCopyable, Sendable {
    /// Of its addresses, ports and tunnel.
    package var hash: UInt32
    /// Where it was found, or is believed to be; `unknown` if nothing is known of that.
    package var slot = FlowClue.unknown

    /// `Flow.noSlot`.
    @inlinable package static var unknown: UInt32 { .max }
}
