public import TCPStateMachine

/// Something in a document that contradicts the machine, or misleads about it.
public struct Diagnostic: Hashable, Sendable {
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
