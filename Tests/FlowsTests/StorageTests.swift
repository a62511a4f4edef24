@testable import Flows
import TCPStateMachine
import TestSupport
import Testing
import WireFormat

/// Where flows live: blocks by number, and what a flow's block says of it.
@Suite struct StorageTests {
    @Test func `blocks of many chunks keep what was written, and are used again`() {
        var slab = Slab<SingleValue<InlineArray<65_000, UInt8>>>()
        var blocks: [UInt32] = []
        for value in 0..<300 as Range<UInt64> {
            let block = slab.take()
            unsafe slab[block].storeBytes(of: value, as: UInt64.self)
            unsafe (slab[block] + 64_992).storeBytes(of: ~value, as: UInt64.self)
            blocks.append(block)
        }
        #expect(Set(blocks).count == 300)
        for (value, block) in blocks.enumerated() {
            #expect(unsafe slab[block].load(as: UInt64.self) == UInt64(value))
            #expect(unsafe (slab[block] + 64_992).load(as: UInt64.self) == ~UInt64(value))
        }
        slab.giveBack(blocks[7])
        #expect(slab.take() == blocks[7])
        #expect(slab.highWater == 300)
    }

    @Test func `small blocks lie side by side`() {
        var slab = Slab<SingleValue<InlineArray<32, UInt8>>>()
        let (first, second) = (slab.take(), slab.take())
        #expect(unsafe slab[second] - slab[first] == 32)
    }

    /// Four lines of memory; `Docs/performance.md` says how many octets a flow takes.
    @Test func `a plain flow takes 256 octets`() {
        #expect(FlowBlock.octets == 256)
    }

    @Test(arguments: [
        (Address(ipv4: 0x0A00_0001), Address(ipv4: 0xFFFF_FFFF), AddressFamily.ipv4),
        (Address(ipv4: 0), Address(ipv4: 0x7F00_0001), .ipv4),
        // Mapped addresses in IPv6 are not IPv4.
        (Address(ipv4: 0x0A00_0001), Address(ipv4: 0x0A00_0002), .ipv6),
        (Address(high: 0x2001_0DB8 << 32, low: 1), Address(high: .max, low: .max), .ipv6),
        // Nobody decodes this; it is kept all the same.
        (Address(high: 1, low: 0x0000_FFFF_0A00_0001), Address(ipv4: 0x0A00_0002), .ipv4),
    ])
    func `a flow knows its sockets`(source: Address, destination: Address, family: AddressFamily) {
        let pair = SocketPair(
            source: source, destination: destination, sourcePort: 40000, destinationPort: 80, family: family)
        var store = FlowStore()
        let number: UInt64 = 1 << 32 + 5
        let tunnel = Tunnel(.vxlan, key: 7)
        let beginning = FlowBeginning(time: 12, reference: PacketReference(file: 3, packet: 9))
        let other = store.allocate(number: 1, pair.reversed, .none, beginning)
        let slot = store.allocate(number: number, pair, tunnel, beginning)
        #expect(store[slot].pair == pair)
        #expect(store[other].pair == pair.reversed)
        #expect(store[slot].number == number)
        #expect(store[slot].tunnel == tunnel)
        #expect(store[slot].first == 12)
        #expect(store[slot].firstReference == beginning.reference)
        #expect(store[slot].isPlain && store[slot].older == Flow.noSlot && store[slot].detail == Flow.noSlot)
        store.giveEnds(slot)
        store[slot].older = other
        store[slot].incarnationOf = 1
        store[slot].rolesGuessed = true
        #expect(!store[slot].isPlain && store[slot].pair == pair)
        #expect(store[slot].older == other && store[slot].incarnationOf == 1 && store[slot].rolesGuessed)
        #expect(store[slot].detail == Flow.noSlot && !store[slot].usedFastOpen)
        store.free(slot)
        let again = store.allocate(number: 3, pair.reversed, .none, beginning)
        #expect(again == slot && store[again].isPlain && store[again].pair == pair.reversed)
    }
}
