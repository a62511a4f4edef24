/// The helper's side: it keeps what takes privileges, does what it is asked, and ends when the other end is gone.
///
/// When it ends, however the other program ended, its trace instance goes with it.
public struct HelperService: ~Copyable {
    private let line: HelperLine
    private var trace: TransitionTrace?

    /// - Parameter descriptor: its end of the pair of sockets, which it closes.
    public init(descriptor: Int32) {
        line = HelperLine(Descriptor(owning: descriptor))
        trace = nil
    }

    /// Serves until the other end is gone.
    public mutating func run() {
        while let request = line.receive() {
            guard line.send(answer(request)) else { return }
        }
    }

    private mutating func answer(_ request: HelperMessage) -> HelperMessage {
        do throws(KernelSocketsError) {
            switch request.kind {
            case .findOwners: return owners(of: Set(request.values(of: UInt64.self)))
            case .beginTrace: return try beginTrace()
            case .readTrace: return try readTrace(isLast: request.content.first ?? 0 != 0)
            case .owners, .traceBegun, .transitions, .failure:
                return HelperMessage(kind: .failure, content: Array("it was asked an answer".utf8))
            }
        } catch {
            return HelperMessage(kind: .failure, content: Array(error.message.utf8))
        }
    }

    private func owners(of inodes: Set<UInt64>) -> HelperMessage {
        var lines: [String] = []
        for (inode, owners) in OwnerTable().owners where inodes.contains(inode) {
            lines += owners.map { "\(inode)\t\($0.process)\t\($0.program)\n" }
        }
        return HelperMessage(kind: .owners, content: Array(lines.joined().utf8))
    }

    private mutating func beginTrace() throws(KernelSocketsError) -> HelperMessage {
        trace = nil
        let begun = try TransitionTrace()
        var message = HelperMessage(kind: .traceBegun)
        message.append(begun.begin)
        trace = consume begun
        return message
    }

    private mutating func readTrace(isLast: Bool) throws(KernelSocketsError) -> HelperMessage {
        guard let found = try trace?.read(isLast: isLast), let lost = try trace?.losses().events,
            let end = trace?.end
        else { return HelperMessage(kind: .failure, content: Array("no trace has been begun".utf8)) }
        var message = HelperMessage(kind: .transitions)
        message.append(end)
        message.append(lost)
        for transition in found { message.append(transition) }
        return message
    }
}
