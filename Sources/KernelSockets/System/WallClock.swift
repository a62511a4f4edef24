#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The clock that captures are stamped with.
enum WallClock {
    /// Nanoseconds since the epoch.
    static var now: Int64 { read(CLOCK_REALTIME) }

    /// What must be taken from a time of the clock TAI to have the wall clock's: a whole number of seconds, 37 s where
    /// the system knows of leap seconds and 0 where it does not.
    static var atomicTimeOffset: Int64 {
        let second: Int64 = 1_000_000_000
        let before = read(CLOCK_REALTIME)
        let atomic = read(CLOCK_TAI)
        let after = read(CLOCK_REALTIME)
        let difference = atomic - (before / 2 + after / 2)
        return (difference + (difference < 0 ? -second / 2 : second / 2)) / second * second
    }

    private static func read(_ clock: Int32) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
