import Foundation
import TestSupport
import Testing

/// Two network namespaces joined by a pair of interfaces, `left` and `right`, and somebody who talks over them.
///
/// The client has 10.77.0.1 and fd77::1 on `left`, the server 10.77.0.2 and fd77::2 on `right`.
final class Wire {
    let client: String
    private let server: String
    private let talk = Process()
    private let input = Pipe()
    private let output = Pipe()

    init() throws {
        let number = UUID().uuidString.prefix(8)
        client = "postel-c\(number)"
        server = "postel-s\(number)"
        let result = try shell(
            """
            set -e
            ip netns add \(client); ip netns add \(server)
            ip link add left netns \(client) type veth peer name right netns \(server)
            for place in "\(client) left 1" "\(server) right 2"; do
                set -- $place
                ip -n $1 link set lo up
                ip netns exec $1 sysctl -qw net.ipv6.conf.$2.accept_dad=0 net.ipv6.conf.$2.router_solicitations=0
                ip -n $1 addr add 10.77.0.$3/24 dev $2
                ip -n $1 addr add fd77::$3/64 dev $2 nodad
                ip -n $1 link set $2 up
            done
            # A neighbor that is not found at once holds the first SYN back for a second: nobody has to look for one.
            for pair in "\(client) left \(server) right 2" "\(server) right \(client) left 1"; do
                set -- $pair
                station=$(ip netns exec $3 cat /sys/class/net/$4/address)
                for address in 10.77.0.$5 fd77::$5; do
                    ip -n $1 neigh replace $address lladdr $station dev $2 nud permanent
                done
            done
            """)
        guard result.status == 0 else { throw Failure(description: "no namespaces: \(result.error)") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("talk.py").path
        talk.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        talk.arguments = ["ip", "netns", "exec", client, "python3", script, server]
        talk.standardInput = input
        talk.standardOutput = output
        try talk.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        talk.waitUntilExit()
        _ = try? shell("ip netns del \(client); ip netns del \(server)")
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Tells a story, and waits until it has been told.
    func tell(_ story: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((story + "\n").utf8))
        var heard = Data()
        while !heard.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the story '\(story)' was not told to its end") }
            heard.append(more)
        }
    }

    /// Starts a program in the client's namespace.
    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
        try Running(["ip", "netns", "exec", client] + arguments, environment: environment)
    }

    /// Starts `postel capture` there, and waits until it captures.
    func capture(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
        let before = try capturing()
        let running = try start([Places.program, "capture"] + arguments, environment: environment)
        try running.wait("the capture does not begin") { try capturing() > before }
        // Its filter and its ring are there a moment after its socket.
        usleep(200_000)
        return running
    }

    /// How many sockets take every packet: protocol 3, running.
    private func capturing() throws -> Int {
        let sockets = try shell("ip netns exec \(client) cat /proc/net/packet").output.split(separator: "\n")
        return sockets.count { line in
            let fields = line.split(separator: " ")
            return fields.count > 5 && fields[3] == "0003" && fields[5] == "1"
        }
    }
}

/// A program that runs beside the test.
final class Running {
    private let process = Process()
    private let folder: TemporaryFolder
    private let outputPath: String
    private let errorPath: String

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        outputPath = try folder.write([], to: "output")
        errorPath = try folder.write([], to: "error")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Running.unblocking] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
        try process.run()
    }

    /// Threads of the test program block signals, and what they start inherits that.
    private static let unblocking = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_DFL)
        os.execvp(sys.argv[1], sys.argv[1:])
        """

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// `ip netns exec` becomes the program, so its number is the program's.
    var number: Int32 { process.processIdentifier }

    /// What it has written so far.
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
    var error: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until something is so, half a minute at most: a machine may have other things to do.
    func wait(_ complaint: String, until isSo: () throws -> Bool) throws {
        for _ in 0..<1500 {
            if try isSo() { return }
            guard process.isRunning else { break }
            usleep(20_000)
        }
        throw Wire.Failure(description: "\(complaint): \(output) \(error)")
    }

    /// Lets it end by a signal, or by itself.
    func end(by number: Int32? = SIGINT) -> ProgramResult {
        if let number { signal(number) }
        process.waitUntilExit()
        return ProgramResult(status: process.terminationStatus, output: output, error: error)
    }
}

extension ProgramResult {
    /// The records of a kind, without some of their members.
    func records(_ kind: String, without members: Set<String> = []) throws -> [JSONValue] {
        try output.split(separator: "\n").compactMap { line in
            let value = try JSONValue(text: line)
            guard case .object(let all) = value, value["record"]?.string == kind else { return nil }
            return .object(all.filter { !members.contains($0.key) })
        }
    }
}
