#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The file system through which the kernel's trace is used.
///
/// Where it is not mounted, it is mounted for a moment and taken out of the tree again: what remains is a descriptor
/// that only this process has, and nothing on the host has changed.
struct Tracefs: ~Copyable {
    /// The path of its top.
    let root: String
    /// Holds a mount that is in no tree.
    private let detached: Descriptor?

    private static let places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]

    /// - Throws: `noTracefs`, `tracingNotAllowed`.
    init() throws(KernelSocketsError) {
        for place in Tracefs.places where Tracefs.isTop(place) {
            root = place
            detached = nil
            return
        }
        let opened = try Tracefs.mountDetached(at: Tracefs.places[0])
        root = "/proc/self/fd/\(opened.number)"
        detached = consume opened
    }

    private static func isTop(_ place: String) -> Bool {
        unsafe access("\(place)/instances", F_OK) == 0 || errno == EACCES
    }

    private static func mountDetached(at place: String) throws(KernelSocketsError) -> Descriptor {
        guard unsafe mount("tracefs", place, "tracefs", 0, nil) == 0 else { throw .noTracefs(number: errno) }
        let opened = unsafe open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let number = errno
        // MNT_DETACH: out of the tree now, gone when the descriptor is closed.
        _ = unsafe umount2(place, 2)
        guard opened >= 0 else { throw .noTracefs(number: number) }
        return Descriptor(owning: opened)
    }
}
