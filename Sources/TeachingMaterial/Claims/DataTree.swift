/// Data as JSON, YAML, XML and the literals of programming languages hold it, with the places.
indirect enum DataTree: Sendable {
    case scalar(Piece)
    case list([DataTree], Place)
    case map([Entry], Place)

    struct Entry: Sendable {
        var key: DataTree
        var value: DataTree
    }

    var scalar: Piece? {
        if case .scalar(let piece) = self { piece } else { nil }
    }

    var place: Place {
        switch self {
        case .scalar(let piece): piece.place
        case .list(_, let place), .map(_, let place): place
        }
    }

    /// The value of the first of these keys; keys are compared folded.
    func value(_ names: Set<String>) -> DataTree? {
        guard case .map(let entries, _) = self else { return nil }
        return entries.first { entry in
            entry.key.scalar.map { names.contains(StateName.fold($0.text)) } ?? false
        }?.value
    }
}
