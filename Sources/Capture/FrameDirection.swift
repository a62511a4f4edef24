/// Which way a frame went through its interface, by the capture (pcapng: epb_flags, section 4.3.1).
public enum FrameDirection: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// The capture does not tell.
    case unknown = 0
    case inbound = 1
    case outbound = 2
}
