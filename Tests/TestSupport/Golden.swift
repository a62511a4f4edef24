import Foundation

/// Outputs that are kept beside the tests and read by people in every diff.
public enum Golden {
    /// Whether the files are written anew and not compared: run the tests with RECORD=1, then read the diff.
    public static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

    /// Compares an output with the file `Golden/NAME` beside the test; nil if they are equal, else what differs.
    public static func difference(_ actual: String, _ name: String, testFile: String = #filePath) -> String? {
        let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent("Golden")
        let file = folder.appendingPathComponent(name)
        if isRecording {
            do {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(actual.utf8).write(to: file)
                return nil
            } catch {
                return "\(file.path): cannot be written: \(error)"
            }
        }
        guard let data = FileManager.default.contents(atPath: file.path) else {
            return "\(file.path) is missing: run with RECORD=1 to write it, and read it"
        }
        return firstDifference(expected: String(decoding: data, as: UTF8.self), actual: actual).map {
            "\(name) \($0)\nIf the new output is right, run with RECORD=1."
        }
    }

    private static func firstDifference(expected: String, actual: String) -> String? {
        guard expected != actual else { return nil }
        let left = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let right = actual.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(left, right).prefix { $0.0 == $0.1 }.count
        let expectedLine = line < left.count ? String(left[line]) : "(the end)"
        let actualLine = line < right.count ? String(right[line]) : "(the end)"
        return "differs in line \(line + 1):\n  expected: \(expectedLine)\n  actual:   \(actualLine)"
    }
}
