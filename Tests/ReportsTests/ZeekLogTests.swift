import Foundation
import TestSupport
import Testing

/// conn.log as a strict reader of Zeek's ASCII format takes it: header lines first, then as many fields as columns,
/// each of its column's type.
@Suite struct ZeekLogTests {
    @Test func `every log of the captures in Traces is well-formed`() throws {
        var records = 0
        for story in try Stories.all() {
            let result = try run(
                Places.products.appendingPathComponent("postel").path,
                ["replay", "--format", "zeek", "--ignore-checksums", Places.trace(story)])
            #expect(result.status == 0, "\(story): \(result.error)")
            records += try ZeekReader(result.output).rows.count
        }
        #expect(records >= 40)
    }

    @Test func `identifiers are unique and the same in every run`() throws {
        let paths = try Stories.all().map { Places.trace($0) }
        let program = Places.products.appendingPathComponent("postel").path
        let first = try run(program, ["replay", "--format", "zeek"] + paths).output
        #expect(try run(program, ["replay", "--format", "zeek"] + paths).output == first)
        let identifiers = try ZeekReader(first).rows.map { $0[1] }
        #expect(Set(identifiers).count == identifiers.count)
        #expect(identifiers.allSatisfy { (12...18).contains($0.count) })
    }

    @Test func `selected by port and address`() throws {
        let program = Places.products.appendingPathComponent("postel").path
        let capture = Places.trace("ipv6")
        let all = try ZeekReader(run(program, ["replay", "--format", "zeek", capture]).output).rows
        let some = try run(program, ["replay", "--format", "zeek", "--select", "port=\(all[0][3])", capture])
        #expect(try ZeekReader(some.output).rows.count == 1)
        let none = try run(program, ["replay", "--format", "zeek", "--select", "address=192.0.2.7", capture])
        #expect(try ZeekReader(none.output).rows.isEmpty)
    }
}

private enum Stories {
    static func all() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Places.traces.path)
            .filter { FileManager.default.fileExists(atPath: Places.trace($0)) }.sorted()
    }
}

/// Reads a log, or says which line is wrong.
private struct ZeekReader {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var rows: [[String]] = []

    init(_ text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        let header = lines.prefix(8).map { line in
            line.split(whereSeparator: { $0 == "\t" || $0 == " " }).first.map(String.init)
        }
        let expected = [
            "#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#open", "#fields", "#types",
        ]
        guard header == expected, lines[0] == #"#separator \x09"#, lines.last?.hasPrefix("#close\t") == true else {
            throw Malformed(description: "header or end: \(lines.prefix(8))")
        }
        let names = lines[6].split(separator: "\t").dropFirst()
        let types = lines[7].split(separator: "\t").dropFirst().map(String.init)
        guard names.count == types.count, names.prefix(2) == ["ts", "uid"] else {
            throw Malformed(description: "columns: \(lines[6])")
        }
        for line in lines.dropFirst(8).dropLast() {
            let values = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard values.count == types.count, zip(values, types).allSatisfy({ Self.isValid($0, $1) }) else {
                throw Malformed(description: line)
            }
            rows.append(values)
        }
    }

    private static func isValid(_ value: String, _ type: String) -> Bool {
        if value == "-" { return true }
        switch type {
        case "time", "interval": return value.wholeMatch(of: /[0-9]+\.[0-9]{6}/) != nil
        case "count": return UInt64(value) != nil
        case "port": return UInt16(value) != nil
        case "addr": return value.wholeMatch(of: /[0-9a-f.:]+/) != nil
        case "bool": return value == "T" || value == "F"
        case "enum": return value == "tcp"
        case "string": return !value.isEmpty && !value.contains(" ")
        case "set[string]": return !value.isEmpty
        default: return false
        }
    }
}
