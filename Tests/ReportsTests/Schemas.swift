import Flows
import Foundation
import Replay
import Reports
import TestSupport

/// The schemas of Docs/schema.
enum Schemas {
    static let flowNames = ["flow", "transition", "withdrawal", "segment", "finding", "summary"]
    /// Records of the kernel's view.
    static let kernelNames = ["socket", "snapshot", "kernel-transition", "kernel-trace"]
    static let names = flowNames + kernelNames

    private static let all: [String: JSONSchema] = {
        var schemas: [String: JSONSchema] = [:]
        for name in names {
            schemas[name] = try? JSONSchema(value(name))
        }
        return schemas
    }()

    /// A schema as it stands in its file.
    static func value(_ name: String) throws -> JSONValue {
        try JSONValue(text: contents(Places.package.appendingPathComponent("Docs/schema/\(name).json").path))
    }

    /// What is wrong with lines of records.
    static func errors(in text: some StringProtocol) throws -> [String] {
        try text.split(separator: "\n").flatMap { line in
            let value = try JSONValue(text: line)
            guard let name = value["record"]?.string, let schema = all[name] else { return ["no schema for \(line)"] }
            return schema.errors(in: value).map { "\($0) in \(line)" }
        }
    }

    /// The captures of Traces.
    static func captures() throws -> [String] {
        let found = FileManager.default.enumerator(atPath: Places.traces.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
            .map { Places.traces.appendingPathComponent($0).path }
    }
}

func contents(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
}

/// All records of a capture.
func renderCapture(_ path: String) throws -> String {
    let options = options(.ndjson, .flows, .transitions, .segments, .findings, .summary)
    let folder = try TemporaryFolder()
    var tracking = TrackerOptions()
    tracking.interest = options.interest
    var report = Report(options: options, output: try OutputFile(path: folder.path("report")))
    let outcome = try ReplayPipeline(paths: [path], tracking: tracking).run(into: &report)
    try report.finish(outcome.summary)
    return try contents(folder.path("report"))
}
