import Foundation

/// A script that plays between hosts of its own, tells of it in lines of JSON, and ends with its standard input.
public final class Stage {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()
    /// What it has told and nobody waited for, one JSON object to a line.
    public private(set) var told: [JSONValue] = []

    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// Starts a script of the folder `Support` beside the test's source.
    public init(_ script: String, _ arguments: [String] = [], beside source: String = #filePath) throws {
        let folder = URL(fileURLWithPath: source).deletingLastPathComponent()
        let path = folder.appendingPathComponent("Support/\(script)").path
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

    /// The process, which lives in the script's namespace if it has only one.
    public var number: Int32 { process.processIdentifier }

    /// Sends it a line.
    public func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Whether it has told something that was not heard, or has ended.
    public func hasSpoken() -> Bool {
        guard unread.isEmpty else { return true }
        var request = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, 0) > 0
    }

    /// Reads what it tells until a line has this member; gives that line.
    @discardableResult
    public func hear(until member: String) throws -> JSONValue {
        while true {
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                let value = try JSONValue(text: line)
                if value[member] != nil { return value }
                told.append(value)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the script ended before it told '\(member)'") }
            unread.append(more)
        }
    }
}
