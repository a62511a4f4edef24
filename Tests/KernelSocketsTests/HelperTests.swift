import Foundation
import KernelSockets
import TCPStateMachine
import TestSupport
import Testing

/// The process that keeps privileges: what it answers, and that it goes, however its other end went.
@Suite(.serialized) struct HelperTests {
    private static let arguments = ["kernel-helper"]

    @Test func `it finds the owners of sockets`() throws {
        guard try Demands.root() else { return }
        // Else whatever other tests start meanwhile has it, too.
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        let inode = try #require(try inode(of: socket))
        let helper = try KernelHelper(program: Places.program, arguments: Self.arguments)
        let owners = try helper.owners(of: [inode, 1])
        #expect(owners.count == 1)
        #expect(owners[inode]?.first?.process == getpid())
    }

    private func inode(of socket: Int32) throws -> UInt64? {
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(socket)")
        return UInt64(link.dropFirst("socket:[".count).dropLast())
    }

    @Test func `it watches transitions`() throws {
        guard try Demands.root() else { return }
        var helper = try KernelHelper(program: Places.program, arguments: Self.arguments)
        #expect(throws: KernelSocketsError.helperFailed("no trace has been begun")) {
            try helper.transitions()
        }
        let stage = try Stage("conversation.py", ["47310", "127.0.0.1", "127.0.0.1"])
        try stage.hear(until: "ready")
        try helper.beginTrace()
        #expect(helper.traceBegin > 0)
        try stage.say("go")
        try stage.hear(until: "done")
        let traced = try helper.transitions(isLast: true)
        #expect(traced.lost == 0 && traced.end > helper.traceBegin)
        #expect(Set(traced.transitions.map(\.to)).isSuperset(of: [.synSent, .established, .closed]))
    }

    /// Killed, nobody can clean up; the helper does.
    @Test(arguments: ["KILL", "TERM"])
    func `its trace goes when its other end is gone`(signal: String) throws {
        guard try Demands.root() else { return }
        let parent = Process()
        let output = Pipe()
        parent.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        parent.arguments = ["python3", "-c", Self.parent, Places.program]
        parent.standardOutput = output
        try parent.run()
        // A line may come in pieces.
        var told = ""
        while !told.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            told += String(decoding: more, as: UTF8.self)
        }
        let number = try #require(Int32(told.dropLast()), "it told '\(told)'")
        let instance = "postel-\(number)-"
        // Other tests make and remove instances beside this one: a listing meanwhile may leave one out.
        var listings: [[Substring]] = []
        repeat { listings.append(try instances()) } while !holds(listings.last, instance) && listings.count < 10
        #expect(holds(listings.last, instance), "\(instance): \(listings)")
        _ = try shell("kill -\(signal) \(parent.processIdentifier)")
        parent.waitUntilExit()
        for _ in 0..<1500 where FileManager.default.fileExists(atPath: "/proc/\(number)/exe") { usleep(20_000) }
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(number)/exe"), "the helper is still there")
        #expect(try !instances().contains { $0.hasPrefix(instance) }, "its trace is still there")
    }

    /// Starts a helper as `KernelHelper` does, asks it for a trace, and tells its number.
    private static let parent = """
        import os, signal, socket, struct, subprocess, sys, time
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        mine, its = socket.socketpair()
        child = subprocess.Popen(
            [sys.argv[1], "kernel-helper"], pass_fds=[3], preexec_fn=lambda: os.dup2(its.fileno(), 3, inheritable=True))
        its.close()
        mine.sendall(struct.pack("=BQ", 2, 0))
        assert mine.recv(1) == bytes([3])
        print(child.pid, flush=True)
        time.sleep(60)
        """

    private func holds(_ listing: [Substring]?, _ instance: String) -> Bool {
        listing?.contains { $0.hasPrefix(instance) } == true
    }

    private func instances() throws -> [Substring] {
        let result = try shell("unshare -m sh -c 'mount -t tracefs tracefs /mnt && ls /mnt/instances'")
        #expect(result.status == 0, "\(result.error)")
        return result.output.split(separator: "\n")
    }
}
