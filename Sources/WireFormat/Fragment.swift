/// A fragment of an IP packet in a frame: where `FragmentAssembler` finds it.
public struct Fragment: Hashable, Sendable, BitwiseCopyable {
    /// The offset in the frame of the IP header whose packet it is a part of.
    public let start: Int

    @usableFromInline
    init(start: Int) {
        self.start = start
    }
}

/// What all fragments of one IP packet have in common: addresses, identification, protocol, and the tunnel around them.
public struct FragmentIdentity: Hashable, Sendable {
    private let key: FragmentedPacket.Key

    /// - Parameters:
    ///   - bytes: the frame that the fragment was found in, as given to the decoder.
    ///   - tunnel: what the decoder has found around it.
    /// - Returns: nil if the fragment's header makes no sense.
    public init?(_ fragment: Fragment, of bytes: Span<UInt8>, in tunnel: Tunnel) {
        guard let piece = FragmentPiece(bytes, at: fragment.start) else { return nil }
        key = piece.key(in: tunnel)
    }
}
