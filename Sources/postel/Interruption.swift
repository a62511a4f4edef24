import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C and SIGTERM: the first one ends the reading, and what has been found so far is written; a second one ends the
/// process at once.
enum Interruption {
    /// The signal that came, or 0. A handler may do hardly anything but store a number.
    private static let received = Atomic<Int32>(0)

    /// The signal that asks for an end, or nil.
    static var number: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Catches the signals, and lets a reader that goes away (`| head`) be an error of `write` and not the end.
    static func install() {
        // Made before a handler can run: making it is not something that a handler may do.
        received.store(0, ordering: .relaxed)
        _ = signal(SIGPIPE, SIG_IGN)
        var action = sigaction()
        action.setHandler { number in Interruption.received.store(number, ordering: .relaxed) }
        // Without SA_RESTART: a read from a pipe on which nothing comes must end, too.
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
        // Some parents leave signals blocked in their children.
        var signals = sigset_t()
        _ = unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            _ = unsafe sigaction(number, &action, nil)
            _ = unsafe sigaddset(&signals, number)
        }
        _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

extension sigaction {
    /// The field has another name in every C library.
    fileprivate mutating func setHandler(_ handler: @escaping @convention(c) (CInt) -> Void) {
        #if canImport(Glibc)
        unsafe __sigaction_handler.sa_handler = handler
        #elseif canImport(Musl)
        unsafe __sa_handler.sa_handler = handler
        #else
        unsafe __sigaction_u.__sa_handler = handler
        #endif
    }
}
