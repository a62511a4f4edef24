public import Flows

/// A column of the live table that knows more of a flow than its packets tell: who owns its socket, how the kernel
/// sees it.
public protocol LiveColumn: AnyObject {
    /// Above the column.
    var title: String { get }

    /// These flows are about to be drawn, the first ones first: the time to look after them, if it is worth it.
    func prepare(_ flows: [LiveFlow])

    /// What stands in the column for a flow; empty where there is nothing to say.
    func text(for flow: LiveFlow) -> String
}
