/// Something in a document that contradicts the machine, or misleads about it.
public struct Diagnostic: Hashable, Sendable {
    public enum Severity: UInt8, CaseIterable, Hashable, Sendable, Comparable {
        /// Imprecise, incomplete, a spelling, or a defect of an RFC itself.
        case note
        /// Misleading, or right only for some implementation or side.
        case warning
        /// Contradicts the state machine.
        case error

        public var name: String {
            switch self {
            case .note: "note"
            case .warning: "warning"
            case .error: "error"
            }
        }

        public static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    public var file: String
    public var place: Place
    public var severity: Severity
    public var code: DiagnosticCode
    /// What is wrong here, in one sentence without a full stop.
    public var message: String
    /// What is right.
    public var correction: String
    /// Where that is written.
    public var source: String
}
