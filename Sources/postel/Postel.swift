import ArgumentParser

/// The command line. Each command is a file of its own; thrown errors are mapped to messages and exit statuses in
/// `Failure.swift`.
@main
struct Postel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postel",
        abstract: "Tells which TCP state both endpoints of every connection were in, when, why, and how sure that is.",
        discussion: "Exit status: \(ExitStatus.explanation)",
        version: "postel 0.1.0",
        subcommands: [
            ReplayCommand.self, CaptureCommand.self, InterfacesCommand.self, SnapshotCommand.self,
            CrossCheckCommand.self, SimulateCommand.self, ExploreCommand.self, VerifyCommand.self,
            KernelHelperCommand.self,
        ])
}
