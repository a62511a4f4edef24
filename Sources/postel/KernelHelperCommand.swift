import ArgumentParser
import KernelSockets

/// What `capture` starts beside itself before it gives up its privileges; nobody calls it by hand.
struct KernelHelperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel-helper", abstract: "Keeps what takes privileges for capture.", shouldDisplay: false)

    func run() throws {
        guard Environment.isSocket(KernelHelper.descriptor) else {
            throw ValidationError("kernel-helper is started by capture, and not by hand")
        }
        var service = HelperService(descriptor: KernelHelper.descriptor)
        service.run()
    }
}
