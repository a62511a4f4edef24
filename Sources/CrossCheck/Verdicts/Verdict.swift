/// What became of holding one view against the other (design section 4).
///
/// Every row of every snapshot, every endpoint of every flow and every transition of the kernel gets exactly one.
public enum Verdict: Hashable, Sendable {
    /// Both views name the same state at a moment at which the kernel looked; the note says what is worth knowing.
    case agree(Note?)
    /// They agree within the time that separates a packet's stamp from what the kernel makes of it.
    case inFlight
    /// They differ, and the kernel is right to.
    case explained(Explanation)
    /// They differ, and somebody should look.
    case divergent(Diagnosis)
    /// The wire has nothing to compare with.
    case kernelOnly(KernelOnlyReason)
    /// The kernel has nothing to compare with.
    case wireOnly(WireOnlyReason)

    public var kind: Kind {
        switch self {
        case .agree: .agree
        case .inFlight: .inFlight
        case .explained: .explained
        case .divergent: .divergent
        case .kernelOnly: .kernelOnly
        case .wireOnly: .wireOnly
        }
    }

    /// The six kinds, the calmest first.
    public enum Kind: String, Hashable, Sendable, CaseIterable, Comparable {
        case agree
        case inFlight = "in-flight"
        case wireOnly = "wire-only"
        case kernelOnly = "kernel-only"
        case explained
        case divergent

        public static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .agree: 0
            case .inFlight: 1
            case .wireOnly: 2
            case .kernelOnly: 3
            case .explained: 4
            case .divergent: 5
            }
        }
    }

    /// What is said beyond the kind; nil where there is nothing to say.
    public var reason: (any VerdictReason)? {
        switch self {
        case .agree(let note): note
        case .inFlight: nil
        case .explained(let explanation): explanation
        case .divergent(let diagnosis): diagnosis
        case .kernelOnly(let reason): reason
        case .wireOnly(let reason): reason
        }
    }
}

/// Why a verdict is what it is: a name that stays, a sentence, where the rule stands, and what to look at next.
public protocol VerdictReason: Sendable {
    /// The name in records.
    var code: String { get }
    /// One line: what it means.
    var meaning: String { get }
    /// The RFC, or the section of `Docs/crosscheck.md` or of the kernel's own documentation, that says so.
    var source: String { get }
    /// What to look at next; nil where nothing is to be done.
    var nextStep: String? { get }
}

extension VerdictReason where Self: RawRepresentable, RawValue == String {
    public var code: String { rawValue }
}
