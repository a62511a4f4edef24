/// Why a capture could not be written.
public enum CaptureWriteError: Error, Hashable, Sendable {
    /// The file could not be made; `reason` is the system's text.
    case cannotCreate(file: String, reason: String)
    /// The file was begun and is not complete; `reason` is the system's text.
    case cannotWrite(file: String, reason: String)
    /// The reader of a pipe has gone (`| head`): nothing is wrong, there is no one left to write for.
    case closed(file: String)
    /// A frame or a comment is longer than a block of a capture file can be.
    case tooLong(file: String, octets: Int)

    /// What happened, where, and what to do next; one line for each.
    public var message: String {
        switch self {
        case .cannotCreate(let file, let reason):
            "\(file): cannot be created: \(reason)."
        case .cannotWrite(let file, let reason):
            """
            \(file): cannot be written: \(reason).
            What was written so far is not complete. Write to another place.
            """
        case .closed(let file):
            "\(file): nobody reads it any more."
        case .tooLong(let file, let octets):
            "\(file): \(octets) octets are more than a block of a capture file holds; nothing of them was written."
        }
    }
}

extension CaptureWriteError: CustomStringConvertible {
    public var description: String { message }
}
