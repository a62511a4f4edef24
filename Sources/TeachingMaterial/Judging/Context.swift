/// What the surroundings say about a claim: it lowers its severity, or takes it out of judgment.
public struct Context: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It is about conntrack, NAT or another middlebox.
    static let middlebox = Context(rawValue: 1)
    /// It says of itself that it is simplified, or uses TCP as an example of something else.
    static let simplified = Context(rawValue: 2)
    /// Answers of a quiz, or a list of mistakes.
    static let mistakes = Context(rawValue: 4)
    /// It is about another protocol that resembles TCP.
    static let otherProtocol = Context(rawValue: 8)

    /// The context that the words of some lines make.
    init(of lines: some Sequence<Piece>) {
        var context: Context = []
        for line in lines.prefix(400) {
            let text = line.text.prefix(600).lowercased()[...]
            for (word, meaning) in Context.words where text.has(word) { context.insert(meaning) }
        }
        self = context
    }

    private static let words: [(String, Context)] = [
        ("conntrack", .middlebox), ("connection tracking", .middlebox), ("netfilter", .middlebox), ("nf_", .middlebox),
        ("iptables", .middlebox), ("middlebox", .middlebox), ("nat gateway", .middlebox),
        ("stateful firewall", .middlebox),
        ("连接跟踪", .middlebox), ("連接追蹤", .middlebox),
        ("simplif", .simplified), ("简化", .simplified), ("簡略", .simplified), ("vereinfacht", .simplified),
        ("state pattern", .simplified), ("design pattern", .simplified), ("gang of four", .simplified),
        ("tcp-lite", .otherProtocol), ("tcp lite", .otherProtocol), ("modbus", .otherProtocol),
        ("tcp-like", .otherProtocol),
    ]
}
