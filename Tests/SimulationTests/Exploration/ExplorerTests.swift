import Simulation
import Testing

@Suite("The explorer gives the published figures of the abstract TCP of the TLA+ examples")
struct ExplorerTests {
    @Test("1182 states, 6322 generated, depth 14, and every action as often as published")
    func publishedFigures() {
        var explorer = Explorer(AbstractTCP())
        let result = explorer.run()
        #expect(result.distinct == 1182)
        #expect(result.generated == 6322)
        #expect(result.depth == 14)
        #expect(result.withoutAdmittedStep == 79)
        #expect(result.unexpanded == 0 && result.cuts.isEmpty)
        #expect(result.violations.isEmpty)
        #expect(explorer.model.longestQueue == 4)
        let published: [AbstractTCP.Action: Int] = [
            .closeSynSent: 20, .closeListen: 460, .closeSynReceived: 20, .closeEstablished: 24, .closeCloseWait: 18,
            .listenSyn: 8, .synSentSynAck: 12, .synReceivedAck: 12, .synReceivedRst: 4, .establishedFin: 12,
            .finWait1Fin: 18, .finWait1AckOfFin: 12, .note2: 6, .finWait2Fin: 6, .closing: 14, .lastAck: 8,
            .timeWait: 676, .sendRst: 710, .rstToListen: 582, .rstToClosed: 582,
        ]
        #expect(explorer.model.taken == published)
    }

    @Test("with the symmetry of the peers: 598 states, 3196 generated, depth 14")
    func publishedFiguresWithSymmetry() {
        var explorer = Explorer(AbstractTCP(hasSymmetry: true))
        let result = explorer.run()
        #expect(result.distinct == 598)
        #expect(result.generated == 3196)
        #expect(result.depth == 14)
        #expect(result.withoutAdmittedStep == 41)
        #expect(result.violations.isEmpty)
    }

    @Test("a limit of states or levels cuts the exploration, and that is said")
    func limits() {
        var byStates = Explorer(AbstractTCP())
        let few = byStates.run(limits: ExplorationLimits(maximumStates: 100))
        #expect(few.distinct == 100)
        #expect(few.cuts == .states)
        #expect(few.unexpanded > 0)

        var byDepth = Explorer(AbstractTCP())
        let shallow = byDepth.run(limits: ExplorationLimits(maximumDepth: 3))
        #expect(shallow.depth == 3)
        #expect(shallow.cuts == .depth)
        #expect(shallow.unexpanded > 0 && shallow.distinct < 1182)

        var stopped = Explorer(AbstractTCP())
        let nothing = stopped.run(shouldStop: { true })
        #expect(nothing.cuts == .stopped)
        #expect(nothing.distinct == 2 && nothing.unexpanded == 2)
    }
}
