import Flows
import Reports
import TCPStateMachine
import Testing

@Suite struct SelectionTests {
    @Test(arguments: [
        ("state=TIME-WAIT", [1, 2, 3]), ("state=time-wait,finding=retransmission", [1]), ("state=LAST-ACK", [2, 3]),
        ("finding=forged-segment", [2]), ("port=80", [1, 3]), ("port=443", [2]), ("port=40000,port=80", [1, 3]),
        ("port=80,port=443", []), ("address=192.0.2.1", [1, 3]), ("address=192.0.2.0/24", [1, 3]),
        ("address=192.0.2.2", []), ("address=192.0.2.2/31", []), ("address=0.0.0.0/0", [1, 3]),
        ("address=2001:db8::/32", [2]), ("address=fe80::/10", [2]), ("address=::/0", [1, 2, 3]),
        ("tunnel=none", [1, 3]), ("tunnel=vxlan", [2]), ("tunnel=vxlan:5001", [2]), ("tunnel=vxlan:5002", []),
        ("tunnel=gre", []),
    ] as [(String, [UInt64])])
    func `a selection`(text: String, numbers: [UInt64]) throws {
        let selection = try Selection(text)
        let flows = [Examples.closed, Examples.unknown, Examples.expired]
        #expect(flows.filter { selection.matches($0) }.map(\.flow) == numbers)
    }

    @Test(arguments: [
        ("", "not a condition"), ("port", "port=443"), ("port=", "0 to 65535"), ("port=65536", "0 to 65535"),
        ("state=OPEN", "ESTABLISHED"), ("finding=bug", "half-open"), ("address=host", "192.0.2.1"),
        ("address=1.2.3.4/33", "0 to 32"), ("address=::/129", "0 to 128"),
        ("color=red", "state, finding, port, address or tunnel"),
        ("port=1,", "not a condition"), ("tunnel=ssh", "vxlan[:KEY]"), ("tunnel=ipip:1", "ipip"),
        ("tunnel=gre:", "a key is a number"), ("tunnel=gre:4294967296", "a key is a number"), ("tunnel=", "none"),
    ])
    func `an error says what would be right`(text: String, hint: String) {
        do {
            _ = try Selection(text)
            Issue.record("no error")
        } catch {
            #expect(error.description.contains(hint))
        }
    }
}
