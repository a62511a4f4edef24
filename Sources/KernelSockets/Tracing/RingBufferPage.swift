/// One page of the kernel's trace as `trace_pipe_raw` hands it out: a time, a length, and events behind each other.
///
/// The layout is that of the files `header_page` and `header_event` below `events`, which has not changed since Linux
/// 2.6.28 but for the absolute times.
struct RingBufferPage {
    /// Where the page's time, its length and its events are.
    struct Layout: Hashable {
        let timestamp: Int
        let commit: Int
        let commitSize: Int
        let data: Int

        /// From the text of `events/header_page`.
        init(_ text: String) throws(KernelSocketsError) {
            let format = TraceFormat(text)
            timestamp = try format.field("timestamp", size: 8)
            guard let commit = format.fields["commit"], let data = format.fields["data"],
                commit.size == 4 || commit.size == 8
            else { throw .noTracepoint("the format of its pages is unknown") }
            self.commit = commit.offset
            commitSize = commit.size
            self.data = data.offset
        }
    }

    /// Calls `body` with each event and its time in nanoseconds; what is damaged ends the page.
    static func forEachEvent(
        _ page: Span<UInt8>, _ layout: Layout, _ body: (Span<UInt8>, UInt64) -> Void
    ) {
        guard page.count >= layout.data, page.count >= layout.timestamp + 8,
            page.count >= layout.commit + layout.commitSize
        else { return }
        var time = page.native64(layout.timestamp)
        // The upper bits say that events were lost before this page: the statistics of the buffer count them.
        let length = Int(page.native32(layout.commit) & 0x000F_FFFF)
        let end = layout.data + min(length, page.count - layout.data)
        var offset = layout.data
        while end - offset >= 4 {
            let header = page.native32(offset)
            let delta = UInt64(header >> 5)
            offset += 4
            let content: Int
            switch header & 0x1F {
            case 29:
                // Padding: with a delta of 0, the rest of the page; else as long as the next word says.
                guard delta != 0, end - offset >= 4 else { return }
                let padding = Int(page.native32(offset))
                guard padding >= 4, padding <= end - offset else { return }
                offset += padding
                time &+= delta
                continue
            case 30:
                guard end - offset >= 4 else { return }
                time &+= UInt64(page.native32(offset)) << 27 &+ delta
                offset += 4
                continue
            case 31:
                // The upper five bits of an absolute time are those of the time before it.
                guard end - offset >= 4 else { return }
                let low = UInt64(page.native32(offset)) << 27 | delta
                time = time & (0x1F << 59) | low & ~(0x1F << 59)
                offset += 4
                continue
            case 0:
                guard end - offset >= 4 else { return }
                let total = Int(page.native32(offset))
                guard total >= 4, total <= end - offset else { return }
                offset += 4
                content = total - 4
            case let words:
                content = Int(words) * 4
            }
            guard content <= end - offset else { return }
            time &+= delta
            body(page.extracting(offset..<offset + content), time)
            offset += (content + 3) & ~3
        }
    }
}
