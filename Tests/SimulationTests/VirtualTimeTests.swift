import Simulation
import Testing

@Suite struct VirtualTimeTests {
    @Test func theClockNeitherOverflowsNorRunsBeforeTheBegin() {
        #expect(VirtualTime(nanoseconds: -1) == .zero)
        #expect(VirtualTime.zero.advanced(by: -5) == .zero)
        #expect(VirtualTime(nanoseconds: 3).advanced(by: .max) == .distantFuture)
        #expect(VirtualTime(nanoseconds: 3).advanced(by: .min) == .zero)
        #expect(VirtualTime(nanoseconds: 3).advanced(by: 4) == VirtualTime(nanoseconds: 7))
    }
}
