import KernelSockets

/// The process that keeps the privileges, for all who ask it: the owners of sockets, the kernel's trace.
final class SharedHelper {
    private var helper: KernelHelper

    init() throws(KernelSocketsError) {
        helper = try KernelHelper(arguments: ["kernel-helper"])
    }

    /// When its trace was switched on; 0 without one.
    var traceBegin: Int64 { helper.traceBegin }

    func beginTrace() throws(KernelSocketsError) { try helper.beginTrace() }

    func transitions(isLast: Bool) throws(KernelSocketsError) -> TracedTransitions {
        try helper.transitions(isLast: isLast)
    }

    func owners(of inodes: [UInt64]) throws(KernelSocketsError) -> [UInt64: [SocketOwner]] {
        try helper.owners(of: inodes)
    }
}
