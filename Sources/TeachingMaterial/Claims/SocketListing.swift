import TCPStateMachine

/// Rows that netstat, ss or lsof printed: data, not claims.
struct SocketListing: Sendable {
    struct Row: Sendable {
        /// The word in the column of states; nil where there is none (UDP).
        var state: Piece?
        var local: Substring
        var remote: Substring
        var isUnix = false
        var line: Piece
    }

    var rows: [Row]
}
