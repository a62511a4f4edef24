import Foundation
import KernelSockets
import TestSupport

/// A script in a namespace of its own that makes sockets, tells of them, and holds them until it is let go.
final class Stage {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()
    /// What it has told, one JSON object to a line.
    private(set) var told: [JSONValue] = []

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ script: String, _ arguments: [String] = []) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script).path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The process, which lives in the namespace.
    var number: Int32 { process.processIdentifier }

    func namespace() throws -> NetworkNamespace { try .ofProcess(number) }

    /// Sends it a line.
    func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Reads what it tells until a line has this member; gives that line.
    @discardableResult
    func hear(until member: String) throws -> JSONValue {
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

/// What the namespace's own tools say.
func inside(_ process: Int32, _ line: String) throws -> String {
    let result = try shell("nsenter -t \(process) -n \(line)")
    guard result.status == 0 else { throw Stage.Failure(description: "\(line): \(result.error)") }
    return result.output
}
