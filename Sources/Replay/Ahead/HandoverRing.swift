#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Hands batches from a thread that fills them to one that empties them, in order, and empty ones back.
///
/// All of it is behind one lock, which is taken twice for some hundred segments. Who fills is woken when three quarters
/// of the ring are empty, not for each batch: to wake a thread costs as much as a hundred segments.
@safe
final class HandoverRing<Batch>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    /// Those between `taken` and `given` are full; places are numbers modulo the count.
    private var batches: [Batch]
    private var given = 0
    private var taken = 0
    private var isFinished = false
    private var isAskedToStop = false

    init(_ batches: [Batch]) {
        self.batches = batches
        unsafe lock = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(lock)
        unsafe changed.deallocate()
        unsafe lock.deallocate()
    }

    // MARK: The thread that fills

    /// Gives a full batch and gets an empty one for it, as soon as there is one.
    ///
    /// - Returns: whether more is wanted.
    func give(_ batch: inout Batch) -> Bool {
        locked {
            while given - taken == batches.count { wait() }
            swap(&batches[given % batches.count], &batch)
            given += 1
            wake()
            return !isAskedToStop
        }
    }

    /// Who gives now has to wait.
    var isFull: Bool { locked { given - taken == batches.count } }

    /// Who takes has enough for a while. That is so when who gives is woken, too.
    var isAhead: Bool { locked { given - taken >= batches.count / 8 } }

    /// Nothing more will be given.
    func finish() {
        locked {
            isFinished = true
            wake()
        }
    }

    // MARK: The thread that empties

    /// Takes the next full batch for an empty one, as soon as there is one.
    ///
    /// - Returns: whether there was one.
    func take(_ batch: inout Batch) -> Bool {
        locked {
            while given == taken, !isFinished { wait() }
            guard given > taken else { return false }
            swap(&batches[taken % batches.count], &batch)
            taken += 1
            if given - taken <= batches.count / 4 { wake() }
            return true
        }
    }

    /// Nothing more is wanted than what has been given, and one batch perhaps.
    func stop() {
        locked { isAskedToStop = true }
    }

    var isStopped: Bool { locked { isAskedToStop } }

    // MARK: The lock

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body()
    }

    /// One thread waits at most: who fills while the ring is full, or who empties while it is empty.
    private func wake() {
        unsafe pthread_cond_signal(changed)
    }

    private func wait() {
        unsafe pthread_cond_wait(changed, lock)
    }
}
