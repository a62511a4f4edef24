import TCPStateMachine

/// A conversation of two ends, line by line: a ladder as RFC 793 draws them, or a sequence diagram.
struct ConversationClaim: Sendable {
    enum Form: String, Sendable { case ladder, sequence }

    /// A segment as it is written; what is not written is nil.
    struct SegmentClaim: Sendable {
        var sequence: UInt32?
        var acknowledgment: UInt32?
        var control: ControlBits
        /// Octets of text; nil where text is shown without a length.
        var length: UInt32?
        var place: Place
    }

    /// What the line says of one end.
    struct Cell: Sendable {
        var state: State?
        var place: Place
        /// "(2 MSL)"
        var timesOut = false
        /// "(Close)", "(Abort)"
        var closes = false
        var aborts = false
    }

    struct Row: Sendable {
        /// A on the left.
        var a: Cell?
        var b: Cell?
        var segment: SegmentClaim?
        /// The segment goes from A to B.
        var isRightward = true
        var departs = true
        var arrives = true
        /// A note of a sequence diagram.
        var isNote = false
        /// An old duplicate, which nobody in this story has sent.
        var isDuplicate = false
        var place: Place
    }

    let form: Form
    var rows: [Row] = []
    /// Crashes, old duplicates and remarks that the replay cannot follow.
    var isUnfollowable = false
}
