import Flows
import Simulation
import TCPStateMachine

/// Two accounts of the same end laid beside each other: what happened, and what was inferred.
struct Alignment {
    enum Pairing {
        /// It happened, and it was inferred.
        case both(Transition, TransitionRecord)
        /// It happened, and was not inferred.
        case missing(Transition)
        /// It was inferred, and did not happen.
        case extra(TransitionRecord)
    }

    /// In order.
    private(set) var pairings: [Pairing] = []

    /// The longest common subsequence by `matches`.
    init(_ truth: [Transition], _ inferred: [TransitionRecord], matches: (Transition, TransitionRecord) -> Int) {
        let (rows, columns) = (truth.count, inferred.count)
        // Weights of the best alignment of what comes from row and column on.
        var best = [[Int]](repeating: [Int](repeating: 0, count: columns + 1), count: rows + 1)
        for row in stride(from: rows - 1, through: 0, by: -1) {
            for column in stride(from: columns - 1, through: 0, by: -1) {
                let weight = matches(truth[row], inferred[column])
                let taken = weight > 0 ? weight + best[row + 1][column + 1] : 0
                best[row][column] = max(taken, best[row + 1][column], best[row][column + 1])
            }
        }
        var (row, column) = (0, 0)
        while row < rows || column < columns {
            if row < rows, column < columns {
                let weight = matches(truth[row], inferred[column])
                if weight > 0, best[row][column] == weight + best[row + 1][column + 1] {
                    pairings.append(.both(truth[row], inferred[column]))
                    (row, column) = (row + 1, column + 1)
                    continue
                }
            }
            if column == columns || (row < rows && best[row + 1][column] == best[row][column]) {
                pairings.append(.missing(truth[row]))
                row += 1
            } else {
                pairings.append(.extra(inferred[column]))
                column += 1
            }
        }
    }
}
