/// Writes what is captured into a file.
final class LiveRecorder {
    private var writer: PcapngWriter
    private let places: [PcapngWriter.Interface]
    /// The first thing that went wrong; nothing is written after it.
    private(set) var error: CaptureWriteError?

    init(_ writer: consuming PcapngWriter, _ interfaces: [CaptureInterface]) throws(CaptureWriteError) {
        var places: [PcapngWriter.Interface] = []
        for interface in interfaces { places.append(try writer.add(interface)) }
        self.writer = writer
        self.places = places
    }

    func write(_ bytes: Span<UInt8>, _ frame: FrameInfo) {
        guard error == nil else { return }
        do throws(CaptureWriteError) {
            try writer.write(
                bytes, time: frame.time, originalLength: frame.originalLength, direction: frame.direction,
                on: places[Int(frame.interface)])
        } catch {
            self.error = error
        }
    }

    func write(_ statistics: CaptureStatistics, of place: Int) {
        guard error == nil else { return }
        do throws(CaptureWriteError) {
            try writer.write(statistics, of: places[place])
        } catch {
            self.error = error
        }
    }

    /// Hands on what is held, so that a reader of the file is not far behind.
    func flush() {
        guard error == nil else { return }
        do throws(CaptureWriteError) {
            try writer.flush()
        } catch {
            self.error = error
        }
    }
}
