import Foundation
import TestSupport

/// A script that plays between hosts of its own, tells of it in lines of JSON, and ends with its standard input.
final class Stage {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ script: String, _ arguments: [String]) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script).path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Whether it has told something that was not heard, or has ended.
    func hasSpoken() -> Bool {
        guard unread.isEmpty else { return true }
        var request = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, 0) > 0
    }

    /// Reads until a line has this member; gives that line.
    @discardableResult
    func hear(until member: String) throws -> JSONValue {
        while true {
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                let value = try JSONValue(text: line)
                if value[member] != nil { return value }
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the script ended before it told '\(member)'") }
            unread.append(more)
        }
    }
}
