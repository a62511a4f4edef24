import Flows
import TCPStateMachine

/// The words that records are made of, rendered once: a word goes into a line as one copy.
///
/// The names come from the enumerations themselves, so that a format cannot spell one differently.
struct Vocabulary {
    /// Words behind each other in one array, found by number.
    struct Words {
        private var octets: [UInt8] = []
        private var ends: [Int] = [0]
        /// The first 16 octets of each, the first in the lowest: most words are no longer.
        private var beginnings: [UInt128] = []

        init(_ words: some Sequence<String>, between mark: String) {
            for word in words {
                let start = octets.count
                for text in [mark, word, mark] { octets.append(contentsOf: text.utf8) }
                beginnings.append(octets[start...].prefix(16).reversed().reduce(0) { $0 << 8 | UInt128($1) })
                ends.append(octets.count)
            }
        }

        @inline(__always)
        func write(_ index: Int, to buffer: inout ByteBuffer) {
            let word = ends[index]..<ends[index + 1]
            guard word.count > 16 else { return buffer.put(octets: beginnings[index], count: word.count) }
            buffer.put(octets.span.extracting(word))
        }
    }

    let states: Words
    let findings: Words
    let rules: Words
    let events: Words
    let actions: Words
    let sources: Words

    /// - Parameter mark: what stands before and behind each word: quotation marks, or nothing.
    init(between mark: String = "") {
        states = Words(State.allCases.map(\.name), between: mark)
        findings = Words(FindingCode.allCases.map(\.name), between: mark)
        rules = Words(Rule.allCases.map(\.id), between: mark)
        events = Words(Rule.allCases.map(\.event), between: mark)
        actions = Words(Rule.allCases.map(\.action), between: mark)
        sources = Words(Rule.allCases.map(\.source), between: mark)
    }
}

/// The sentence of a finding: what it means, about whom, and how much of it.
func writeSentence(of finding: FindingRecord, to buffer: inout ByteBuffer) {
    if let endpoint = finding.endpoint {
        buffer.put(text: endpoint.name)
        buffer.put(": ")
    }
    buffer.put(text: finding.code.meaning)
    finding.detail.write(to: &buffer)
}

/// The message of a finding: its sentence, and where it was noticed.
func writeMessage(of finding: FindingRecord, to buffer: inout ByteBuffer) {
    writeSentence(of: finding, to: &buffer)
    guard !finding.reference.isNone else { return }
    buffer.put(" (packet ")
    buffer.put(decimal: finding.reference.packet)
    buffer.put(UInt8(ascii: ")"))
}
