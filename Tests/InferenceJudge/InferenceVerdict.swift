public import Flows
public import Simulation
public import TCPStateMachine

/// The inference held against the simulation: every end of every connection, step by step.
public struct InferenceVerdict {
    /// Something in which the two accounts differ.
    public struct Discrepancy {
        public var place: SimulatedSight.Place
        public var text: String
        /// What it is, without when and in which packet.
        public var kind: String
        /// Why nobody could have told; nil: it is an error.
        public var undecidable: UndecidableCase?
        /// It was called proven: an error whatever the reason.
        public var isProven: Bool

        public var isError: Bool { undecidable.map { isProven && !$0.isConvention } ?? true }
    }

    public private(set) var discrepancies: [Discrepancy] = []
    /// Ends that were judged, and those whose steps are exactly what happened.
    public private(set) var ends = 0
    public private(set) var exact = 0
    /// Steps that were inferred and happened.
    public private(set) var proven = 0
    public private(set) var presumed = 0
    /// CLOSEs that waited behind text, and were judged by their FINs (case 10).
    public private(set) var deferredCloses = 0

    public var errors: [Discrepancy] { discrepancies.filter(\.isError) }

    public init(_ sight: SimulatedSight) {
        let places = Set(sight.inferred.keys).sorted { ($0.end.rawValue, $0.ports.a) < ($1.end.rawValue, $1.ports.a) }
        for place in places {
            let account = Account(of: sight, place)
            ends += 1
            let found = account.discrepancies
            if found.isEmpty { exact += 1 }
            discrepancies += found
            deferredCloses += account.deferredCloses
            for case .both(_, let step) in account.alignment.pairings {
                if step.certainty == .proven { proven += 1 } else { presumed += 1 }
            }
        }
    }
}
