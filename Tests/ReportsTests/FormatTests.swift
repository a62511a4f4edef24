import Flows
import Foundation
@testable import Reports
import TCPStateMachine
import TestSupport
import Testing

/// The formats against each other and against their schemas.
@Suite struct FormatTests {
    private static let kinds: [RecordKind] = [.flows, .transitions, .segments, .findings]

    @Test func `every record of the examples is valid by its schema`() throws {
        let text = try render(options(.ndjson, .flows, .transitions, .segments, .findings, .summary))
        #expect(try Schemas.errors(in: text) == [])
        let names = try text.split(separator: "\n").map { try JSONValue(text: $0)["record"]?.string }
        #expect(Set(names) == Set(Schemas.flowNames))
    }

    @Test func `every record of the captures in Traces is valid by its schema`() throws {
        let captures = try Schemas.captures()
        #expect(captures.count > 30)
        for capture in captures {
            let text = try renderCapture(capture)
            #expect(try Schemas.errors(in: text).prefix(3) == [], "\(capture)")
        }
    }

    @Test func `a schema refuses what it does not say`() throws {
        let line = try #require(try render(options(.ndjson, .flows)).split(separator: "\n").first)
        #expect(try Schemas.errors(in: line.replacing(#""port":40000"#, with: #""port":65536"#)) != [])
        #expect(try Schemas.errors(in: line.replacing("TIME-WAIT", with: "TIME_WAIT")) != [])
        #expect(try Schemas.errors(in: line.replacing(#""tunnel":null,"#, with: "")) != [])
        #expect(try Schemas.errors(in: line.replacing(#""tunnel""#, with: #""x":1,"tunnel""#)) != [])
        #expect(try Schemas.errors(in: line.replacing(#"["TIME-WAIT"]"#, with: "[]")) != [])
        #expect(try JSONSchema(JSONValue(text: #"{"maxItems":1}"#)).errors(in: .null) != [])
    }

    @Test func `the schemas name the states and findings that there are`() throws {
        let states = State.allCases.map { JSONValue.string($0.name) }
        let findings = FindingCode.allCases.map { JSONValue.string($0.name) }
        for name in ["flow", "transition", "segment"] {
            #expect(try Schemas.value(name)["$defs"]?["state"]?["enum"] == .array(states))
        }
        #expect(try Schemas.value("finding")["properties"]?["code"]?["enum"] == .array(findings))
        #expect(try Schemas.value("flow")["properties"]?["findings"]?["items"]?["enum"] == .array(findings))
    }

    @Test(arguments: kinds)
    func `CSV says what NDJSON says`(kind: RecordKind) throws {
        let rows = parseCSV(try render(options(.csv, kind)))
        let header = try #require(rows.first)
        let lines = try render(options(.ndjson, kind)).split(separator: "\n")
        #expect(rows.count == lines.count + 1)
        for (row, line) in zip(rows.dropFirst(), lines) {
            #expect(row.count == header.count)
            let fields = Dictionary(uniqueKeysWithValues: zip(header, row)).filter { $0.value != "" }
            #expect(fields == flattened(try JSONValue(text: line), text: line))
        }
    }

    /// The fields of a line of JSON under the names that they have as columns; null and empty ones left out.
    private func flattened(_ value: JSONValue, _ prefix: String = "", text: Substring) -> [String: String] {
        guard case .object(let members) = value else { return [:] }
        var fields: [String: String] = [:]
        for (name, member) in members {
            let column = prefix.isEmpty ? name : "\(prefix).\(name)"
            switch member {
            case .null, .string(""): break
            case .bool(let value): fields[column] = String(value)
            case .string(let value): fields[column] = value
            // A Double does not hold nine digits behind ten: as it stands in the text.
            case .number where ["time", "first", "last"].contains(name): fields[column] = digits(of: name, in: text)
            case .number(let value): fields[column] = String(UInt64(value))
            case .array(let items):
                if !items.isEmpty { fields[column] = items.compactMap(\.string).joined(separator: "|") }
            case .object: fields.merge(flattened(member, column, text: text)) { $1 }
            }
        }
        return fields
    }

    private func digits(of name: String, in text: Substring) -> String? {
        text.range(of: "\"\(name)\":").map { String(text[$0.upperBound...].prefix { "-.0123456789".contains($0) }) }
    }

    /// RFC 4180, strictly.
    private func parseCSV(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == byte: field.append(bytes.removeFirst())
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                row.append(String(decoding: field, as: UTF8.self))
                field = []
            case UInt8(ascii: "\r") where !isQuoted && bytes.first == UInt8(ascii: "\n"):
                bytes.removeFirst()
                rows.append(row + [String(decoding: field, as: UTF8.self)])
                row = []
                field = []
            default: field.append(byte)
            }
        }
        return rows
    }
}
