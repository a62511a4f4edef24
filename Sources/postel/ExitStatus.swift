/// What the process says when it ends.
enum ExitStatus: Int32 {
    case done = 0
    /// A check failed: a finding as loud as `--fail-on` asks for.
    case checkFailed = 1
    /// An input could not be read, or not to its end; or the output is not complete. It wins over `checkFailed`.
    case incomplete = 2
    /// Wrong usage (EX_USAGE of sysexits.h, which swift-argument-parser uses too).
    case usage = 64

    /// A higher number wins: what could not be read matters more than what was found.
    static func worst(_ statuses: ExitStatus...) -> ExitStatus {
        statuses.max { $0.rawValue < $1.rawValue } ?? .done
    }

    /// What a shell reports of a program that a signal ended: the results so far have been written.
    static func stopped(bySignal number: Int32) -> Int32 { 128 + number }

    static let explanation = """
        0 done; 1 a finding as severe as --fail-on; 2 an input could not be read to its end, or the output not be \
        written; 64 wrong usage; 130 or 143 stopped by Ctrl-C or SIGTERM, after writing the results so far.
        """
}
