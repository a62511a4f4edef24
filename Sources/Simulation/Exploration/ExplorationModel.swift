/// A finite model that an `Explorer` walks through: states, and steps that lead from one to others.
///
/// The explorer knows nothing of TCP. Methods are mutating because a model may keep tables that make its states small.
public protocol ExplorationModel {
    /// One state, compact: all of them are kept in memory, `MemoryLayout<State>.stride` octets each.
    associatedtype State: Hashable, Sendable, BitwiseCopyable
    /// What leads from a state to another; kept once per state, for ladders.
    associatedtype Action: Hashable, Sendable, BitwiseCopyable

    /// Where the exploration begins.
    mutating func initialStates() -> [State]

    /// Appends every step that is possible in `state`, in an order that depends on nothing else.
    mutating func appendSteps(from state: State, to steps: inout [ExplorationStep<State, Action>])

    /// The invariants that do not hold in `state`. Asked once per distinct state.
    mutating func violations(in state: State) -> InvariantSet

    /// The invariants that `state` violates by having no step at all. Asked once per such state.
    mutating func violations(inDeadEnd state: State) -> InvariantSet

    /// Told of every step with what became of it, in the order of the search.
    mutating func record(_ step: ExplorationStep<State, Action>, _ fate: StepFate)
}

extension ExplorationModel {
    public mutating func violations(in state: State) -> InvariantSet { [] }
    public mutating func violations(inDeadEnd state: State) -> InvariantSet { [] }
    public mutating func record(_ step: ExplorationStep<State, Action>, _ fate: StepFate) {}
}

/// A step that a model offers.
public struct ExplorationStep<State, Action>: Sendable, BitwiseCopyable
where State: Hashable & Sendable & BitwiseCopyable, Action: Hashable & Sendable & BitwiseCopyable {
    public var action: Action
    /// The state that the step leads to; without meaning if the step is not admitted.
    public var state: State
    /// Whether the bounds of the model admit the state. If not, it is counted as generated, and goes no further.
    public var isAdmitted: Bool
    /// Invariants that the step itself violates, whatever its end.
    public var violations: InvariantSet

    public init(_ action: Action, to state: State, isAdmitted: Bool = true, violations: InvariantSet = []) {
        self.action = action
        self.state = state
        self.isAdmitted = isAdmitted
        self.violations = violations
    }
}

/// What became of a step.
public enum StepFate: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// It leads to a state that was not known before.
    case discovered
    /// It leads to a known state.
    case known
    /// The bounds of the model do not admit its end.
    case rejected
    /// It leads to an unknown state for which `ExplorationLimits.maximumStates` leaves no room.
    case dropped
}

/// A set of invariants, by their number in the model.
public struct InvariantSet: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The numbers of the members, ascending.
    public var numbers: [Int] {
        (0..<UInt32.bitWidth).filter { rawValue & (1 << UInt32($0)) != 0 }
    }
}
