import Capture

/// Where frames come from, for the loop that every packet goes through: a file or interfaces.
///
/// The conformances stand here so that the compiler sees through them: a call for each packet would show.
protocol FrameSource: ~Copyable {
    var frame: FrameInfo { get }
    var dataLinkType: Int32 { get }
    var loss: CaptureLoss? { get }
    var interface: CaptureInterface { get }
    /// Until when the capture lasted, by its own word, once it has been read to its end: nanoseconds since the epoch.
    var endTime: Int64? { get }
    /// How much has been read, 0 ... 1; nil where that is not known.
    var fractionRead: Double? { get }

    mutating func advance() throws(CaptureError) -> Bool

    func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension CaptureFile: FrameSource {
    var fractionRead: Double? {
        guard let size = fileSize, size > 0 else { return nil }
        return min(1, Double(bytesRead) / Double(size))
    }
}

extension LiveCapture: FrameSource {
    var endTime: Int64? { nil }
    var fractionRead: Double? { nil }
}
