import Flows
import TCPStateMachine
import Testing
import WireFormat

/// Flows are told apart by addresses, ports and tunnel.
@Suite struct TunnelTests {
    @Test func sameSocketsInTwoTunnelsAreTwoFlows() {
        let heard = Hearing(
            """
            0    A S   0 tunnel vxlan:1
            1    A S   0 tunnel vxlan:2
            2    A S   0
            10   B S.  0 ack 1 tunnel vxlan:2
            20   A .   1 ack 1 tunnel vxlan:2
            30   B R.  0 ack 1 tunnel vxlan:1
            """)
        #expect(heard.flows.map(\.tunnel) == [Tunnel(.vxlan, key: 1), Tunnel(.vxlan, key: 2), .none], "\(heard)")
        #expect(heard.flows.map(\.initiator.state) == [.closed, .established, .synSent], "\(heard)")
        #expect(heard.flows.allSatisfy { $0.incarnationOf == nil })
        #expect(heard.counts.copies == 0)
    }

    @Test func kindAndKeyTellTunnelsApart() {
        let pairs = [("gre", "gre:0"), ("gre:7", "vxlan:7"), ("ipip", "6in4"), ("geneve:1", "geneve:16777217")]
        for (one, other) in pairs {
            let heard = Hearing("0 A S 0 tunnel \(one)\n1 A S 5 tunnel \(other)")
            #expect(heard.flows.map(\.tunnel.description) == [one, other])
        }
    }

    /// A SYN with another ISN in one tunnel says nothing about the connection in the other.
    @Test func incarnationsStayInTheirTunnel() {
        let heard = Hearing(
            """
            0    A S   0 tunnel gre:1
            10   B S.  0 ack 1 tunnel gre:1
            20   A .   1 ack 1 tunnel gre:1
            30   A S   5000 tunnel gre:2
            40   B S.  9000 ack 5001 tunnel gre:2
            """)
        #expect(heard.flows.count == 2 && heard.flows.allSatisfy { $0.incarnationOf == nil }, "\(heard)")
        #expect(heard.flows.first?.initiator.state == .established)
    }

    @Test(arguments: [("tunnel vxlan:1", State.closed), ("tunnel vxlan:2", .synSent), ("", .synSent)])
    func errorInATunnelIsAboutThatTunnel(_ words: String, _ state: State) {
        let heard = Hearing("0 A S 0 tunnel vxlan:1\n10 icmp A 0 3/3 \(words)")
        // What the SYN left open is listed; an error that hit it says CLOSED.
        #expect(heard.flows.first?.initiator.possible.contains(state) == true, "\(heard)")
        #expect((heard.flows.first?.initiator.state == .closed) == (state == .closed), "\(heard)")
    }

    /// A router forwards the packet around the tunnel: only that one's time to live changes.
    @Test func secondSightOfATunneledSegmentCountsOnce() {
        let heard = Hearing(
            """
            0    A S   0 id 7 tunnel vxlan:1 outer 64
            0.5  A S   0 id 7 tunnel vxlan:1 outer 63
            10   B S.  0 ack 1 id 9 tunnel vxlan:1 outer 64
            """)
        #expect(heard.counts.copies == 1 && heard.flows.first?.initiator.packets == 1, "\(heard)")
    }

    @Test(arguments: [
        "ipip", "6in4", "4in6", "6in6", "gre", "gre:0", "gre:4294967295", "pptp", "erspan:7", "vxlan:5001", "geneve:10",
    ])
    func nameOfATunnelIsReadBack(_ name: String) {
        #expect(Tunnel(name)?.description == name)
    }

    @Test(arguments: ["", "none", "vpn", "gre:", "gre:x", "gre:-1", "gre:4294967296", "ipip:1", "vxlan:1:2", ":1"])
    func whatIsNoTunnelIsNone(_ name: String) {
        #expect(Tunnel(name) == nil)
    }
}
