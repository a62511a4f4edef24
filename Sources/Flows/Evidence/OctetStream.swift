import TCPStateMachine

/// Which numbers of one direction passed the vantage point: an end without a hole before it, and up to four
/// ranges beyond. What lies beyond a fifth hole is not remembered; the receiver's ACK tells of it.
struct OctetStream: BitwiseCopyable {
    /// The first number that did not pass.
    var contiguousEnd: SequenceNumber
    private var ranges: InlineArray<4, SackBlock>
    private(set) var rangeCount: UInt8

    init(start: SequenceNumber) {
        contiguousEnd = start
        ranges = InlineArray(repeating: SackBlock(left: start, right: start))
        rangeCount = 0
    }

    /// The end of the farthest range that is held beyond a hole, or of the contiguous part.
    var farthestEnd: SequenceNumber {
        rangeCount == 0 ? contiguousEnd : ranges[Int(rangeCount) - 1].right
    }

    /// Where the first hole ends, or the contiguous part where there is none.
    var firstHoleEnd: SequenceNumber { rangeCount == 0 ? contiguousEnd : ranges[0].left }

    /// Enters the numbers from `left` to just before `right`; returns how many of them had not passed before.
    mutating func insert(left: SequenceNumber, right: SequenceNumber) -> UInt32 {
        if left.isAtOrBefore(contiguousEnd) {
            guard right.isAfter(contiguousEnd) else { return 0 }
            var new = UInt32(bitPattern: contiguousEnd.distance(to: right))
            contiguousEnd = right
            while rangeCount > 0, ranges[0].left.isAtOrBefore(contiguousEnd) {
                let first = ranges[0]
                let overlapEnd = first.right.isBefore(right) ? first.right : right
                if first.left.isBefore(overlapEnd) {
                    new &-= UInt32(bitPattern: first.left.distance(to: overlapEnd))
                }
                if first.right.isAfter(contiguousEnd) {
                    contiguousEnd = first.right
                }
                removeRange(0)
            }
            return new
        }
        return insertBeyondHole(left: left, right: right)
    }

    /// The receiver has acknowledged up to `number`: whatever did not pass here did exist.
    mutating func acknowledge(_ number: SequenceNumber) {
        guard number.isAfter(contiguousEnd) else { return }
        contiguousEnd = number
        while rangeCount > 0, ranges[0].left.isAtOrBefore(contiguousEnd) {
            if ranges[0].right.isAfter(contiguousEnd) {
                contiguousEnd = ranges[0].right
            }
            removeRange(0)
        }
    }

    private mutating func insertBeyondHole(left: SequenceNumber, right: SequenceNumber) -> UInt32 {
        guard left.isBefore(right) else { return 0 }
        var merged = SackBlock(left: left, right: right)
        var new = UInt32(bitPattern: left.distance(to: right))
        var index = 0
        while index < Int(rangeCount) {
            let range = ranges[index]
            guard range.left.isAtOrBefore(merged.right), merged.left.isAtOrBefore(range.right) else {
                index += 1
                continue
            }
            let overlapLeft = range.left.isAfter(left) ? range.left : left
            let overlapRight = range.right.isBefore(right) ? range.right : right
            if overlapLeft.isBefore(overlapRight) {
                new &-= UInt32(bitPattern: overlapLeft.distance(to: overlapRight))
            }
            if range.left.isBefore(merged.left) { merged.left = range.left }
            if range.right.isAfter(merged.right) { merged.right = range.right }
            removeRange(index)
        }
        insertRange(merged)
        return new
    }

    private mutating func insertRange(_ range: SackBlock) {
        guard rangeCount < 4 else { return }
        var index = Int(rangeCount)
        while index > 0, ranges[index - 1].left.isAfter(range.left) {
            ranges[index] = ranges[index - 1]
            index -= 1
        }
        ranges[index] = range
        rangeCount += 1
    }

    private mutating func removeRange(_ index: Int) {
        var index = index
        while index + 1 < Int(rangeCount) {
            ranges[index] = ranges[index + 1]
            index += 1
        }
        rangeCount -= 1
    }
}
