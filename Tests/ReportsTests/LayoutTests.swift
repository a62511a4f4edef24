@testable import Reports
import Testing

@Suite struct LayoutTests {
    private func lines(_ rows: [[Cell]], width: Int?) -> [String] {
        var layout = Layout([.right("n"), .socket("socket"), .left("word")])
        for row in rows { layout.fit(row) }
        layout.squeeze(into: width)
        var buffer = ByteBuffer(capacity: 64)
        for row in rows { layout.write(row, TableStyle(width: width), to: &buffer) }
        return buffer.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private let rows = [
        [Cell("1"), Cell("10.0.0.1:80"), Cell("short")],
        [Cell("12"), Cell("[2001:db8:1:2:3:4:5:6]:65535"), Cell("")],
        [Cell("3"), Cell(""), Cell("words")],
    ]

    @Test func `columns are as wide as their widest cell, and lines end with their last`() {
        #expect(
            lines(rows, width: nil) == [
                " 1  10.0.0.1:80                   short",
                "12  [2001:db8:1:2:3:4:5:6]:65535",
                " 3                                words",
            ])
    }

    @Test func `long sockets lose their middle before words are cut`() {
        #expect(
            lines(rows, width: 33) == [
                " 1  10.0.0.1:80             short",
                "12  [2001:db8:…:5:6]:65535",
                " 3                          words",
            ])
        #expect(lines(rows, width: 29)[0] == " 1  10.0.0.1:80            s…")
    }

    @Test(arguments: 1...40)
    func `no line is wider than the terminal and none ends in a space`(width: Int) {
        for line in lines(rows, width: width) {
            #expect(line.count <= width, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
    }
}
