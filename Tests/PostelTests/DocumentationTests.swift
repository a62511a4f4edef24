import Flows
import Foundation
import TCPStateMachine
import TestSupport
import Testing

/// The documents against the sources.
@Suite struct DocumentationTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Places.package.appendingPathComponent(path), encoding: .utf8)
    }

    /// The imports of each module by the table in Docs/architecture.md.
    private func documentedImports() throws -> [String: Set<String>] {
        var imports: [String: Set<String>] = [:]
        for line in try text("Docs/architecture.md").split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 5, let module = quoted(cells[1]).first, quoted(cells[1]).count == 1 else { continue }
            imports[module] = Set(quoted(cells[3]))
        }
        return imports
    }

    private func quoted(_ cell: Substring) -> [String] {
        let pieces = cell.split(separator: "`", omittingEmptySubsequences: false)
        return pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The modules that the Swift files of a folder import.
    private func imports(of module: String) throws -> Set<String> {
        let folder = Places.package.appendingPathComponent("Sources/\(module)")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        var found: Set<String> = []
        for name in names where name.hasSuffix(".swift") {
            let source = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            for line in source.split(separator: "\n") {
                let words = line.split(separator: " ").drop { ["public", "package", "internal"].contains($0) }
                if words.first == "import", let imported = words.dropFirst().first { found.insert(String(imported)) }
            }
        }
        return found
    }

    @Test func `modules import what the architecture says, and nothing from above`() throws {
        let documented = try documentedImports()
        let modules = try FileManager.default.contentsOfDirectory(
            atPath: Places.package.appendingPathComponent("Sources").path)
        #expect(Set(documented.keys) == Set(modules))
        for module in modules {
            let imported = try imports(of: module)
            #expect(imported.intersection(modules) == documented[module], "\(module)")
            let system: Set<String> = ["Glibc", "Musl", "Darwin"]
            let allowed: [String: Set<String>] = [
                "Capture": system, "Flows": ["Glibc", "Musl"], "KernelSockets": ["Glibc", "Musl"], "Replay": system,
                "Reports": system,
                "TeachingMaterial": ["Yams"],
                "postel": system.union(["ArgumentParser", "Synchronization"]),
            ]
            #expect(imported.subtracting(modules).isSubset(of: allowed[module] ?? []), "\(module)")
        }
    }

    @Test func `every finding is explained`() throws {
        let records = try text("Docs/records.md")
        for code in FindingCode.allCases {
            #expect(records.contains("| `\(code.name)` | \(code.severity.name) | \(code.meaning) |"))
        }
        let sections = try text("Docs/findings.md").components(separatedBy: "\n## ").dropFirst()
        #expect(sections.map { $0.prefix { $0 != "\n" } } == FindingCode.allCases.map { $0.name[...] })
        for (section, code) in zip(sections, FindingCode.allCases) {
            let meaning = code.meaning.prefix(1).uppercased() + code.meaning.dropFirst()
            #expect(section.contains("**\(code.severity.name.capitalized).** \(meaning). Source: \(code.source)."))
            for part in ["```text", "- Proof: ", "- Usual causes: ", "- Next: ", "- Not raised: ", "- Shown by: "] {
                #expect(section.contains(part), "\(code.name): \(part)")
            }
        }
    }

    @Test func `every field of every schema is explained`() throws {
        let sections = try text("Docs/records.md").components(separatedBy: "\n## ")
        for name in [
            "flow", "transition", "withdrawal", "segment", "finding", "summary", "exploration", "violation",
            "socket", "snapshot", "kernel-transition", "kernel-trace", "interface", "agreement", "divergence",
            "crosscheck", "diagnostic", "coverage", "unchecked",
        ] {
            let section = try #require(sections.first { $0.hasPrefix("\(name)\n") })
            let schema = try JSONValue(text: text("Docs/schema/\(name).json"))
            guard case .object(let properties)? = schema["properties"] else {
                Issue.record("\(name) has no properties")
                continue
            }
            for field in properties.keys where field != "record" {
                #expect(section.contains("`\(field)`"), "\(name): \(field)")
            }
        }
    }

    /// Blocks that begin with a command of ours show what it says; RECORD=1 writes them anew.
    @Test func `the outputs in the README are real`() throws {
        let readme = try text("README.md")
        var written = ""
        for (place, block) in readme.components(separatedBy: "```\n").enumerated() {
            if place > 0 { written += "```\n" }
            guard place % 2 == 1, block.hasPrefix("$ postel "), let command = block.split(separator: "\n").first else {
                written += block
                continue
            }
            let line = "cd '\(Places.package.path)' && '\(Places.program)'" + command.dropFirst("$ postel".count)
            written += command + "\n" + (try shell(line).output)
        }
        if Golden.isRecording {
            try written.write(
                to: Places.package.appendingPathComponent("README.md"), atomically: true, encoding: .utf8)
        } else {
            #expect(readme == written, "run with RECORD=1")
        }
    }

    @Test(arguments: [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Traces/README.md", "Docs/architecture.md",
        "Docs/compared.md", "Docs/crosscheck.md", "Docs/exploration.md", "Docs/findings.md", "Docs/inference.md",
        "Docs/kernel-sockets.md", "Docs/performance.md",
        "Docs/reading-order.md", "Docs/records.md", "Docs/state-machine.md", "Docs/verify.md",
    ])
    func `links lead somewhere`(page: String) throws {
        let folder = Places.package.appendingPathComponent(page).deletingLastPathComponent()
        for link in try text(page).matches(of: /\]\(([^)#:]+)\)/) {
            let target = folder.appendingPathComponent(String(link.output.1)).path
            #expect(FileManager.default.fileExists(atPath: target), "\(page): \(link.output.1)")
        }
    }
}
