/// Why a reader cannot go on.
struct Damage: Error {
    /// Where reading stopped: `ByteSource.offset`.
    var offset: Int64
    var detail: String
}

extension ByteSource {
    /// Fewer octets were there than a reader needs: because it is over, or because what could not be read stood there.
    borrowing func cut(_ what: String, needed: Int) -> Damage {
        if case .failed(let reason) = ending { return Damage(offset: endOffset, detail: reason) }
        return Damage(
            offset: endOffset,
            detail: "the file ends within \(what): \(needed) octets were to come, there are \(available)")
    }

    /// At a place where a file may end: nil if it does, or why nothing can be read.
    borrowing func endOrDamage() -> Damage? {
        guard case .failed(let reason) = ending else { return nil }
        return Damage(offset: endOffset, detail: reason)
    }
}

/// The order in which a file's numbers stand, and how they are read.
@usableFromInline
struct FileOrder: BitwiseCopyable {
    /// Not the order of this machine.
    @usableFromInline var isSwapped: Bool

    @inlinable
    init(isSwapped: Bool) {
        self.isSwapped = isSwapped
    }

    @inlinable @inline(__always)
    func uint32(_ place: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        let value = unsafe place.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isSwapped ? value.byteSwapped : value
    }

    @inline(__always)
    func uint16(_ place: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        let value = unsafe place.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isSwapped ? value.byteSwapped : value
    }

    func uint64(_ place: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        let value = unsafe place.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return isSwapped ? value.byteSwapped : value
    }
}
