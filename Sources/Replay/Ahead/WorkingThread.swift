#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Work that a thread of its own does, once.
///
/// While the thread runs, what the work touches belongs to it, and to the owner before and after.
@safe
class WorkingThread: @unchecked Sendable {
    private var thread: pthread_t?

    /// What is to be done; subclasses say it.
    func work() {}

    /// It was started, and was not waited for yet.
    final var isRunning: Bool { thread != nil }

    /// Begins the work; if the system has no thread, nothing happens, and `isRunning` stays false.
    final func start() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let failure = unsafe pthread_create(&thread, nil, { context in
            if let context = unsafe context {
                unsafe Unmanaged<WorkingThread>.fromOpaque(context).takeRetainedValue().work()
            }
            return nil
        }, context)
        if failure == 0 {
            self.thread = thread
        } else {
            unsafe Unmanaged<WorkingThread>.fromOpaque(context).release()
        }
    }

    /// Waits for the end of the work.
    final func join() {
        guard let thread else { return }
        pthread_join(thread, nil)
        self.thread = nil
    }
}
