import Foundation
import TestSupport

/// A capture and what Wireshark says of it.
struct PeerCapture: Sendable {
    let path: String
    let frames: [WiresharkFrame]

    /// The last two folders and the file: enough to find it.
    var name: String {
        path.split(separator: "/").suffix(3).joined(separator: "/")
    }
}

/// The captures that Postel and its peers are compared on. tshark reads each of them once in a run of the tests.
enum PeerCaptures {
    /// A few of Traces, for the short tests: one of each kind of story.
    static let sample: Result<[PeerCapture], any Error> = Result {
        let stories = [
            "any", "close-by-initiator", "close-simultaneous", "connection-refused", "forged-rst", "half-close",
            "ipv6", "mid-stream", "open-simultaneous", "syn-lost", "time-wait-reuse", "data-lost",
            "fragments", "vxlan", "vxlan-fragments", "gre-key", "ipip", "6in4", "geneve",
        ]
        return try dissect(stories.flatMap { captures(in: Places.traces.appendingPathComponent($0)) })
    }

    /// All of Traces and of the corpora beside the package.
    static let all: Result<[PeerCapture], any Error> = Result {
        var folders = [Places.traces]
        for corpus in ["corpus/kernel", "corpus/vantage"] {
            if let folder = try Demands.shared(corpus, test: "PeerCaptures") { folders.append(folder) }
        }
        return try dissect(folders.flatMap(captures))
    }

    /// The captures in a folder and those below it, in the order of their paths.
    private static func captures(in folder: URL) -> [String] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let paths = files?.compactMap { ($0 as? URL)?.path } ?? []
        return paths.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
    }

    /// Two programs at a time: the machines that run the tests have two cores.
    private static func dissect(_ paths: [String]) throws -> [PeerCapture] {
        let queue = DissectionQueue(paths)
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while let index = queue.next() {
                let path = paths[index]
                queue.finish(index, Result { PeerCapture(path: path, frames: try Tshark.dissect(path)) })
            }
        }
        return try queue.results()
    }
}

/// Hands out captures to whoever is idle, and collects what becomes of them.
private final class DissectionQueue: @unchecked Sendable {
    private let lock = NSLock()
    private var upcoming = 0
    private var finished: [Result<PeerCapture, any Error>?]

    init(_ paths: [String]) {
        finished = Array(repeating: nil, count: paths.count)
    }

    func next() -> Int? {
        lock.withLock {
            guard upcoming < finished.count else { return nil }
            defer { upcoming += 1 }
            return upcoming
        }
    }

    func finish(_ index: Int, _ result: Result<PeerCapture, any Error>) {
        lock.withLock { finished[index] = result }
    }

    func results() throws -> [PeerCapture] {
        try lock.withLock { try finished.compactMap { try $0?.get() } }
    }
}
