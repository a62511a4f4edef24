public import Foundation

/// Where things are, whatever the working directory.
public enum Places {
    /// The folder of Package.swift.
    public static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The captures that the project made itself.
    public static let traces = package.appendingPathComponent("Traces")

    /// The reference tables and corpora: POSTEL_SHARED, or `shared` beside the package.
    public static let shared: URL = {
        guard let path = ProcessInfo.processInfo.environment["POSTEL_SHARED"] else {
            return package.deletingLastPathComponent().appendingPathComponent("shared")
        }
        return URL(fileURLWithPath: path)
    }()

    /// The folder that the programs were built into: that of the test program itself.
    public static let products = URL(fileURLWithPath: CommandLine.arguments[0])
        .resolvingSymlinksInPath().deletingLastPathComponent()

    /// The command-line program.
    public static let program = products.appendingPathComponent("postel").path

    /// One capture of a story in Traces.
    public static func trace(_ story: String, _ file: String = "A.pcap") -> String {
        traces.appendingPathComponent(story).appendingPathComponent(file).path
    }
}

/// A folder that goes when it is no longer used.
public final class TemporaryFolder {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("postel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The path of a file in it.
    public func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    /// Writes a file into it.
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }
}
