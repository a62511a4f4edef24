import Foundation
import TCPStateMachine

/// Reading the corpora and their truth.
enum Corpora {
    static func folders(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    static func object(_ file: URL) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    }

    static func lines(_ file: URL) throws -> [[String: Any]] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
}

/// The two-letter codes of the corpora.
let stateCodes: [String: State] = [
    "CL": .closed, "LI": .listen, "SS": .synSent, "SR": .synReceived, "ES": .established, "F1": .finWait1,
    "F2": .finWait2, "CG": .closing, "TW": .timeWait, "CW": .closeWait, "LA": .lastAck,
]

func code(_ state: State) -> String {
    stateCodes.first { $0.value == state }?.key ?? "??"
}

func codes(_ states: [State]) -> String {
    states.map(code).joined(separator: " ")
}

/// The kernel's names.
let kernelStates: [String: State] = [
    "TCP_CLOSE": .closed, "TCP_LISTEN": .listen, "TCP_SYN_SENT": .synSent, "TCP_SYN_RECV": .synReceived,
    "TCP_ESTABLISHED": .established, "TCP_FIN_WAIT1": .finWait1, "TCP_FIN_WAIT2": .finWait2,
    "TCP_CLOSE_WAIT": .closeWait, "TCP_CLOSING": .closing, "TCP_LAST_ACK": .lastAck, "TCP_TIME_WAIT": .timeWait,
    "TCP_NEW_SYN_RECV": .synReceived,
    "CLOSE": .closed, "LISTEN": .listen, "SYN_SENT": .synSent, "SYN_RECV": .synReceived, "ESTABLISHED": .established,
    "FIN_WAIT1": .finWait1, "FIN_WAIT2": .finWait2, "CLOSE_WAIT": .closeWait, "CLOSING": .closing,
    "LAST_ACK": .lastAck, "TIME_WAIT": .timeWait,
]
