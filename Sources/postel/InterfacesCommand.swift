import ArgumentParser
import Capture
import Reports

/// `postel interfaces`: what can be captured, and what is missing to do it.
struct InterfacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interfaces",
        abstract: "Shows the interfaces that capture can take, with their addresses, and what is missing to do it.",
        discussion: """
            Each is opened for a moment to see whether it can be captured. any stands for all of them.

            Examples:
              postel interfaces
              postel interfaces --format ndjson

            Exit status: 0 done; 2 the interfaces could not be listed, or the output not be written; 64 wrong usage.
            """)

    @Option(help: "The form of the output.")
    var format = KernelReportFormat.table

    @Option(help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output = "-"

    func run() throws {
        throw ExitCode(show().rawValue)
    }

    private func show() -> ExitStatus {
        do throws(LiveCaptureError) {
            return write(try InterfaceStatus.all())
        } catch {
            return Failure.report(error)
        }
    }

    private func write(_ interfaces: [InterfaceStatus]) -> ExitStatus {
        do throws(OutputError) {
            let width = output == "-" ? OutputFile.terminalWidth() : nil
            var report = InterfaceReport(
                format: format, output: try OutputFile(path: output), width: width,
                hasColors: width != nil && Environment.allowsColors)
            try report.write(interfaces)
            return .done
        } catch {
            return Failure.report(error)
        }
    }
}
