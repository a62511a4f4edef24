import ArgumentParser
import KernelSockets

/// The options of a capture that is compared with the kernel's sockets.
struct CrossCheckArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Hold what passes against the kernel's own sockets, and tell at the end what differs, and why.",
            discussion: "Docs/crosscheck.md has the verdicts. Exit status 1 if anything diverges."))
    var crosscheck = false

    @Option(
        help: ArgumentHelp("Look at the kernel's sockets every so many seconds, from 0.001 on.", valueName: "seconds"))
    var interval: Double?

    @Option(help: "Where the kernel's sockets come from; auto is sockdiag where the kernel has it.")
    var kernel: KernelSourceChoice?

    @Flag(help: "Compare every change of state that the kernel makes, too. Takes root.")
    var kernelEvents = false

    @Flag(help: "Tell which processes hold the sockets that are told of. Those of other users take root.")
    var owners = false

    func validate() throws {
        if let interval, !(0.001...86400).contains(interval) {
            throw ValidationError("--interval \(interval): the seconds are a number from 0.001 to 86400")
        }
        guard !crosscheck, interval != nil || kernel != nil || kernelEvents || owners else { return }
        throw ValidationError(
            "--interval, --kernel, --kernel-events and --owners are about the kernel's sockets: add --crosscheck")
    }
}
