#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The alternate screen of a terminal (ECMA-48, xterm): what stood there before comes back when it is left.
struct LiveScreen: ~Copyable {
    private var output: OutputFile
    private var isLeft = false

    init() throws(OutputError) {
        var output = try OutputFile(wipes: false)
        // The alternate screen, without a cursor.
        output.buffer.put("\u{1B}[?1049h\u{1B}[?25l")
        try output.flush()
        self.output = output
    }

    deinit {
        guard !isLeft else { return }
        // Something has failed; the terminal must not stay like this.
        let bytes = Array(LiveScreen.leaving.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// The cursor again, and the screen before.
    private static let leaving = "\u{1B}[?25h\u{1B}[?1049l"

    /// Writes lines over what stands there, each to the end of its line, so that nothing flickers.
    mutating func show(_ lines: some Sequence<String>) throws(OutputError) {
        output.buffer.put("\u{1B}[H")
        var isFirst = true
        for line in lines {
            if !isFirst { output.buffer.put("\r\n") }
            isFirst = false
            output.buffer.put(text: line)
            output.buffer.put("\u{1B}[K")
        }
        output.buffer.put("\u{1B}[J")
        try output.flush()
    }

    mutating func leave() throws(OutputError) {
        guard !isLeft else { return }
        isLeft = true
        output.buffer.put(text: LiveScreen.leaving)
        try output.flush()
    }

    /// What fits on the terminal now.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
