import Foundation

/// A program run to its end: what it said and how it ended.
public struct ProgramResult {
    public let status: Int32
    public let output: String
    public let error: String

    public init(status: Int32, output: String, error: String) {
        self.status = status
        self.output = output
        self.error = error
    }
}

/// Runs a program.
///
/// - Parameter input: what it finds on standard input, which then ends.
public func run(_ path: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) throws
    -> ProgramResult
{
    let folder = try TemporaryFolder()
    // Files and not pipes: neither side waits for the other, however much there is.
    let inputPath = try folder.write(input, to: "input")
    let outputPath = try folder.write([], to: "output")
    let errorPath = try folder.write([], to: "error")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    try process.run()
    process.waitUntilExit()
    return ProgramResult(
        status: process.terminationStatus,
        output: try String(contentsOfFile: outputPath, encoding: .utf8),
        error: try String(contentsOfFile: errorPath, encoding: .utf8))
}

/// Runs a line of the shell, for what only a shell does: pipes, signals.
public func shell(_ line: String) throws -> ProgramResult {
    try run("/bin/bash", ["-c", line])
}
