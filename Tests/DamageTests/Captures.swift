import Capture
import Foundation
import TestSupport

/// The captures that are damaged, as they are and in other formats.
enum Captures {
    enum Form: CaseIterable {
        case asItIs, pcapng, gzip
    }

    /// The project's own, and those of the corpora beside it.
    static func paths(test: String = #function) throws -> [String] {
        var folders = [Places.traces]
        for corpus in ["corpus/kernel", "corpus/vantage"] {
            if let folder = try Demands.shared(corpus, test: test) { folders.append(folder) }
        }
        return folders.flatMap { folder in
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            let paths = files?.compactMap { ($0 as? URL)?.path } ?? []
            return paths.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
        }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The same frames as pcapng.
    static func pcapng(of path: String, in folder: TemporaryFolder) throws -> [UInt8] {
        var file = try CaptureFile(path: path)
        let copy = folder.path("copy.pcapng")
        var writer = try PcapngWriter(path: copy)
        let interface = try writer.add(CaptureInterface(linkType: UInt16(truncatingIfNeeded: file.dataLinkType)))
        while try file.advance() {
            let frame = file.frame
            var octets: [UInt8] = []
            file.withBytes { bytes in for place in bytes.indices { octets.append(bytes[place]) } }
            try writer.write(octets.span, time: frame.time, originalLength: frame.originalLength, on: interface)
        }
        try writer.flush()
        return try bytes(copy)
    }

    /// The same file, compressed.
    static func gzip(of path: String, in folder: TemporaryFolder) throws -> [UInt8] {
        let copy = folder.path("copy.gz")
        _ = try shell("gzip -nc '\(path)' > '\(copy)'")
        return try bytes(copy)
    }
}
