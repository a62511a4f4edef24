/// A few elements side by side in memory that a store owns: bounds-checked, and nothing is copied to reach one.
///
/// A row is a reference. Swift copies a large array that is part of a struct to index into it; what is kept per flow
/// is therefore reached through rows, and rows are handed out only by the store that the flow lives in.
@safe
struct Row<Element: BitwiseCopyable> {
    private let base: UnsafeMutablePointer<Element>
    let count: Int

    /// - Parameter base: `count` initialized elements that live as long as the store.
    @unsafe
    init(base: UnsafeMutablePointer<Element>, count: Int) {
        unsafe self.base = unsafe base
        self.count = count
    }

    /// The element at an index in 0 ..< `count`; any other is a defect, and traps.
    subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < count, "a row has fewer elements")
            return unsafe UnsafePointer(base + index)
        }
        nonmutating unsafeMutableAddress {
            precondition(index >= 0 && index < count, "a row has fewer elements")
            return unsafe base + index
        }
    }
}
