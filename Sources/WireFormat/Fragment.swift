/// A fragment of an IP packet in a frame: where `FragmentAssembler` finds it.
public struct Fragment: Hashable, Sendable, BitwiseCopyable {
    /// The offset in the frame of the IP header whose packet it is a part of.
    public let start: Int

    @usableFromInline
    init(start: Int) {
        self.start = start
    }
}
