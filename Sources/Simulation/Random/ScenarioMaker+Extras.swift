import TCPStateMachine

/// What only some stories have.
extension ScenarioMaker {
    /// Text on SYNs (RFC 7413): with a cookie from before, with one that is asked for and used by the next OPEN, or
    /// with one that the other end takes no longer.
    mutating func makeFastOpen() {
        scenario.settings[opener].parameters.usesFastOpen = true
        scenario.settings[opener].hasFastOpenCookie = isLucky(2, in: 3)
        scenario.settings[opener.other].parameters.usesFastOpen = !isLucky(1, in: 5)
        for index in scenario.actions.indices {
            guard case .call(.openActive, at: opener, let ports) = scenario.actions[index].action else { continue }
            let octets: UInt32 = one(of: [1, 100, 1000, 5000])
            scenario.actions[index].action = .call(.openFast(octets: octets), at: opener, ports)
        }
    }

    /// A router says what became of a segment, whether or not it was lost.
    mutating func makeReport() {
        let report = one(of: ICMPReport.allCases)
        let time = isLucky(1, in: 2) ? milliseconds(1...200) : milliseconds(1...4000)
        plan(.icmp(report, to: isLucky(2, in: 3) ? opener : opener.other, ports), at: time)
    }
}
