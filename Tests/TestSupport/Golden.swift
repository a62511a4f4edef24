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
        return firstDifferences(expected: String(decoding: data, as: UTF8.self), actual: actual).map {
            "\(name) \($0)\nIf the new output is right, run with RECORD=1."
        }
    }

    /// The first lines that differ: enough to see what happened, and not the whole file.
    private static func firstDifferences(expected: String, actual: String) -> String? {
        guard expected != actual else { return nil }
        let left = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let right = actual.split(separator: "\n", omittingEmptySubsequences: false)
        let differing = (0..<max(left.count, right.count)).filter { line in
            line >= left.count || line >= right.count || left[line] != right[line]
        }
        let shown = differing.prefix(20).map { line in
            let expected = line < left.count ? String(left[line]) : "(the end)"
            let actual = line < right.count ? String(right[line]) : "(the end)"
            return "  line \(line + 1)\n  expected: \(expected)\n  actual:   \(actual)"
        }
        return "differs in \(differing.count) lines:\n" + shown.joined(separator: "\n")
    }
}
