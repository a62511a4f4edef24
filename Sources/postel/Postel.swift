import ArgumentParser

@main
struct Postel: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "postel", abstract: "TCP states of both endpoints, from packets.")
    func run() throws {}
}
