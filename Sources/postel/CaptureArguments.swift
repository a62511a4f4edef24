import ArgumentParser
import Capture

/// The options that say what is captured, and how.
struct CaptureArguments: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "The interface to capture; may be repeated. any stands for all: see postel interfaces.", valueName: "name"))
    var interface: [String]

    @Option(
        help: ArgumentHelp(
            "Look only at packets that match, in the language of pcap-filter(7), by their outer headers.",
            valueName: "bpf"))
    var filter: String?

    @Option(help: ArgumentHelp("End after so many seconds.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("End after so many packets.", valueName: "number"))
    var count: UInt64?

    @Option(
        help: ArgumentHelp(
            "How many octets of each packet to keep, from 96 to 262144: headers suffice.", valueName: "octets"))
    var snapshotLength = LiveOptions().snapshotLength

    @Flag(help: "Capture packets that are not for this host, too.")
    var promiscuous = false

    @Flag(help: "Take each packet at once. Otherwise the system gathers them for up to 50 ms, which costs less.")
    var immediate = false

    @Option(
        help: ArgumentHelp(
            "The room for packets that wait, for each interface, from 1 to 1024 mebibytes.", valueName: "mebibytes"))
    var buffer = LiveOptions().bufferSize

    @Option(
        help: ArgumentHelp(
            "Write all packets into a capture file, too: pcapng, with the interfaces, addresses and directions.",
            discussion: "Replaying it gives the same result. - is standard output, which then takes no report.",
            valueName: "file"))
    var write: String?

    @Option(
        help: ArgumentHelp(
            "The user to become once the interfaces are open. Default: the one who called sudo.", valueName: "name"))
    var user: String?

    func validate() throws {
        guard !interface.isEmpty else {
            throw ValidationError("no interface: name one with -i; 'postel interfaces' shows them")
        }
        for name in interface where interface.count(where: { $0 == name }) > 1 {
            throw ValidationError("-i \(name): named twice")
        }
        if interface.contains("any"), interface.count > 1 {
            throw ValidationError("-i any: all interfaces are captured, the others need not be named")
        }
        if let duration, !(0.001...31_536_000).contains(duration) {
            throw ValidationError("--duration \(duration): the seconds are a number from 0.001 to 31536000")
        }
        if count == 0 { throw ValidationError("--count 0: at least one packet must be captured") }
        guard (96...262_144).contains(snapshotLength) else {
            throw ValidationError("--snapshot-length \(snapshotLength): the octets are a number from 96 to 262144")
        }
        guard (1...1024).contains(buffer) else {
            throw ValidationError("--buffer \(buffer): the mebibytes are a number from 1 to 1024")
        }
    }

    var options: LiveOptions {
        var options = LiveOptions()
        options.snapshotLength = snapshotLength
        options.isPromiscuous = promiscuous
        options.bufferSize = buffer
        if immediate { options.timeout = nil }
        options.filter = filter
        return options
    }
}
