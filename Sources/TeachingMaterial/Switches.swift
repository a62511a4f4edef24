/// Comments in a document that switch codes off: `postel-disable-line CODE`, `postel-disable-next-line CODE`,
/// `postel-disable CODE` up to `postel-enable CODE`. Without codes they mean all.
struct Switches {
    private struct Stretch {
        let codes: Set<DiagnosticCode>?
        let lines: ClosedRange<Int>
    }

    private var stretches: [Stretch] = []

    init(of pieces: [Piece]) {
        var open: [(codes: Set<DiagnosticCode>?, line: Int)] = []
        for piece in pieces {
            guard let found = piece.text.firstRange(of: "postel-") else { continue }
            let words = piece.text[found.lowerBound...].split { !($0.isLetter || $0.isNumber || $0 == "-") }
            guard let command = words.first else { continue }
            let codes = Switches.codes(words.dropFirst())
            switch command {
            case "postel-disable-line": stretches.append(Stretch(codes: codes, lines: piece.line...piece.line))
            case "postel-disable-next-line":
                stretches.append(Stretch(codes: codes, lines: (piece.line + 1)...(piece.line + 1)))
            case "postel-disable": open.append((codes, piece.line))
            case "postel-enable":
                guard let last = open.lastIndex(where: { $0.codes == codes }) ?? open.indices.last else { continue }
                stretches.append(Stretch(codes: open[last].codes, lines: open[last].line...piece.line))
                open.remove(at: last)
            default: break
            }
        }
        for stretch in open { stretches.append(Stretch(codes: stretch.codes, lines: stretch.line...Int.max)) }
    }

    /// The codes that are named; nil for none, which means all. `--`, the end of a comment, ends the list.
    private static func codes(_ words: some Sequence<Substring>) -> Set<DiagnosticCode>? {
        var codes: Set<DiagnosticCode> = []
        for word in words {
            guard let code = DiagnosticCode(name: word) else { break }
            codes.insert(code)
        }
        return codes.isEmpty ? nil : codes
    }

    func isOff(_ code: DiagnosticCode, at line: Int) -> Bool {
        stretches.contains { $0.lines.contains(line) && ($0.codes?.contains(code) ?? true) }
    }
}
