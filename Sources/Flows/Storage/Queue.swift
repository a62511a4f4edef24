/// First in, first out. What is there is not copied when it grows, and memory that is no longer needed is given back.
///
/// It lies in chunks, each linked to the next: a small one for small captures, and then ever larger ones up to a large
/// page, of which the system has to be asked for few.
@safe
struct Queue<Element: BitwiseCopyable>: ~Copyable {
    @unsafe
    private struct Chunk {
        let elements: UnsafeMutablePointer<Element>
        let capacity: Int
        var next: UnsafeMutablePointer<Chunk>? = nil
    }

    /// Where the first one is, and where the next comes.
    private var head: UnsafeMutablePointer<Chunk>
    private var tail: UnsafeMutablePointer<Chunk>
    private var first = 0
    private var end = 0
    private(set) var count = 0

    init() {
        unsafe head = Self.chunk(capacity: 256)
        unsafe tail = head
    }

    deinit {
        var chunk: UnsafeMutablePointer<Chunk>? = unsafe head
        while let old = unsafe chunk {
            unsafe chunk = old.pointee.next
            unsafe Self.free(old)
        }
    }

    private static func chunk(capacity: Int) -> UnsafeMutablePointer<Chunk> {
        let elements = unsafe LargeMemory.allocate(octets: capacity * MemoryLayout<Element>.stride)
        let chunk = UnsafeMutablePointer<Chunk>.allocate(capacity: 1)
        unsafe chunk.initialize(
            to: Chunk(elements: elements.bindMemory(to: Element.self, capacity: capacity), capacity: capacity))
        return unsafe chunk
    }

    private static func free(_ chunk: UnsafeMutablePointer<Chunk>) {
        unsafe chunk.pointee.elements.deallocate()
        unsafe chunk.deallocate()
    }

    /// The element so many places behind the first one; nil if there is none, or if it lies in another chunk.
    @inline(__always)
    func peek(_ places: Int) -> Element? {
        guard places < count, unsafe first &+ places < head.pointee.capacity else { return nil }
        return unsafe head.pointee.elements[first &+ places]
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if unsafe end == tail.pointee.capacity { grow() }
        unsafe tail.pointee.elements[end] = element
        end &+= 1
        count &+= 1
    }

    @inline(never)
    private mutating func grow() {
        let most = max(256, (2 << 20) / MemoryLayout<Element>.stride)
        let next = unsafe Self.chunk(capacity: min(most, tail.pointee.capacity * 32))
        unsafe tail.pointee.next = next
        unsafe tail = next
        end = 0
    }

    @inline(__always)
    mutating func removeFirst() {
        guard count > 0 else { return }
        count &-= 1
        first &+= 1
        if unsafe first == head.pointee.capacity { leaveChunk() }
    }

    @inline(never)
    private mutating func leaveChunk() {
        first = 0
        guard let next = unsafe head.pointee.next else {
            // It was the last one, too: it serves again.
            end = 0
            return
        }
        unsafe Self.free(head)
        unsafe head = next
    }

    /// Calls with each element, the first one first.
    func forEach(_ body: (Element) -> Void) {
        var (chunk, place) = unsafe (head, first)
        for _ in 0..<count {
            if unsafe place == chunk.pointee.capacity, let next = unsafe chunk.pointee.next {
                unsafe chunk = next
                place = 0
            }
            body(unsafe chunk.pointee.elements[place])
            place += 1
        }
    }
}
