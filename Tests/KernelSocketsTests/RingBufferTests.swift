@testable import KernelSockets
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Pages of the kernel's trace, made by hand, and the descriptions of their formats.
@Suite struct RingBufferTests {
    private static let pageFormat = """
        \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
        \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
        \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
        \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;
        """
    private static let eventFormat = """
        name: inet_sock_set_state
        ID: 2287
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

        \tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;
        \tfield:int oldstate;\toffset:16;\tsize:4;\tsigned:1;
        \tfield:int newstate;\toffset:20;\tsize:4;\tsigned:1;
        \tfield:__u16 sport;\toffset:24;\tsize:2;\tsigned:0;
        \tfield:__u16 dport;\toffset:26;\tsize:2;\tsigned:0;
        \tfield:__u16 family;\toffset:28;\tsize:2;\tsigned:0;
        \tfield:__u16 protocol;\toffset:30;\tsize:2;\tsigned:0;
        \tfield:__u8 saddr[4];\toffset:32;\tsize:4;\tsigned:0;
        \tfield:__u8 daddr[4];\toffset:36;\tsize:4;\tsigned:0;
        \tfield:__u8 saddr_v6[16];\toffset:40;\tsize:16;\tsigned:0;
        \tfield:__u8 daddr_v6[16];\toffset:56;\tsize:16;\tsigned:0;
        """

    private func word(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func page(_ events: [UInt8], time: UInt64 = 1_000_000, flags: UInt32 = 0) -> [UInt8] {
        let head = word(UInt32(truncatingIfNeeded: time)) + word(UInt32(time >> 32))
        let page = head + word(UInt32(events.count) | flags) + word(0) + events
        return page + Array(repeating: 0, count: max(4096 - page.count, 0))
    }

    /// An event with a header of its own.
    private func event(_ content: [UInt8], delta: UInt32) -> [UInt8] {
        word(UInt32(content.count / 4) | delta << 5) + content
    }

    private func events(_ page: [UInt8]) throws -> [(content: [UInt8], time: UInt64)] {
        let layout = try RingBufferPage.Layout(Self.pageFormat)
        var found: [(content: [UInt8], time: UInt64)] = []
        RingBufferPage.forEachEvent(page.span, layout) { span, time in
            found.append(((0..<span.count).map { span[$0] }, time))
        }
        return found
    }

    /// 10.99.0.2:8080, 10.99.0.1:46854.
    private func transition(
        from: UInt32, to: UInt32, transport: UInt8 = 6, family: UInt8 = 2, type: UInt32 = 2287
    ) -> [UInt8] {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
        return word(type) + word(42) + word(0x1234_5678) + word(0xFFFF_8881) + word(from) + word(to)
            + [0x90, 0x1F, 0x06, 0xB7, family, 0, transport, 0, 10, 99, 0, 2, 10, 99, 0, 1]
            + mapped + [10, 99, 0, 2] + mapped + [10, 99, 0, 1]
    }

    @Test func `events have the sum of the deltas as their time`() throws {
        let found = try events(page(event([1, 1, 1, 1], delta: 5) + event([2, 2, 2, 2], delta: 7)))
        #expect(found.map(\.time) == [1_000_005, 1_000_012])
        #expect(found.map(\.content) == [[1, 1, 1, 1], [2, 2, 2, 2]])
    }

    @Test func `events were lost before the page`() throws {
        #expect(try events(page(event([1, 1, 1, 1], delta: 5), flags: 0xC000_0000)).count == 1)
    }

    @Test func `time goes on by more than 27 bits`() throws {
        let extended = word(30 | 3 << 5) + word(2) + event([1, 1, 1, 1], delta: 1)
        #expect(try events(page(extended)).map(\.time) == [1_000_000 + (2 << 27) + 3 + 1])
        let absolute = word(31 | 9 << 5) + word(4) + event([1, 1, 1, 1], delta: 1)
        let found = try events(page(absolute, time: 0xF800_0000_0000_0001))
        #expect(found.map(\.time) == [0xF800_0000_2000_000A])
    }

    @Test func `long events and padding`() throws {
        let long = word(0) + word(4 + 200) + Array(repeating: 7, count: 200)
        let discarded = word(29 | 1 << 5) + word(8) + word(0)
        let found = try events(page(long + discarded + event([1, 1, 1, 1], delta: 1)))
        #expect(found.map(\.content.count) == [200, 4])
        #expect(try events(page(event([1, 1, 1, 1], delta: 1) + word(29) + event([2, 2, 2, 2], delta: 1))).count == 1)
    }

    @Test func `a transition`() throws {
        let format = try TransitionFormat(Self.eventFormat)
        let octets = transition(from: 10, to: 3)
        let read = format.transition(octets.span, time: 99)
        let found = try #require(read)
        #expect(
            found
                == KernelTransition(
                    time: 99, pair: pair("10.99.0.2", 8080, "10.99.0.1", 46854), socketFamily: .ipv4, from: .listen,
                    to: .synReceived, socket: 0xFFFF_8881_1234_5678))
        // The child of a dual-stack listener.
        let mapped = transition(from: 10, to: 3, family: 10)
        let child = format.transition(mapped.span, time: 0)
        #expect(child?.pair.family == .ipv4 && child?.socketFamily == .ipv6)
        for other in [
            transition(from: 10, to: 3, transport: 132), transition(from: 10, to: 3, type: 2288),
            transition(from: 10, to: 13), transition(from: 0, to: 3), Array(octets.dropLast()),
        ] {
            let none = format.transition(other.span, time: 0)
            #expect(none == nil)
        }
    }

    @Test func `a format that lacks a field is refused`() throws {
        for line in ["skaddr", "oldstate", "saddr_v6", "protocol", "ID:"] {
            let text = Self.eventFormat.split(separator: "\n").filter { !$0.contains(line) }.joined(separator: "\n")
            #expect(throws: KernelSocketsError.self) { try TransitionFormat(text) }
        }
        let narrow = Self.eventFormat.replacing("size:16", with: "size:4")
        #expect(throws: KernelSocketsError.self) { try TransitionFormat(narrow) }
        #expect(throws: KernelSocketsError.self) { try RingBufferPage.Layout("") }
    }

    @Test func `losses are added up`() {
        let text = "entries: 68\noverrun: 2332\ncommit overrun: 1\nbytes: 5\ndropped events: 3\nread events: 7\n"
        #expect(TracePipe.lostEvents(text) == 2336)
    }

    @Test(arguments: Seeds.all)
    func `damage anywhere never stops the reading`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let format = try TransitionFormat(Self.eventFormat)
        let one = event(transition(from: 10, to: 3), delta: 5)
        let good = page(one + word(30) + word(1) + one + word(0) + word(8) + word(0) + one)
        for _ in 0..<2_000 {
            var octets = good
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                octets[Int.random(in: 0..<300, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            octets.removeLast(Int.random(in: 0...octets.count, using: &generator))
            for found in try events(octets) { _ = format.transition(found.content.span, time: 0) }
        }
    }
}
