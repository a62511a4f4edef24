import Flows
import WireFormat

/// Both ends of all flows, to be found by their sockets.
struct Stories {
    /// An endpoint, in a form that is the same for each look at it.
    struct Place: Hashable {
        let flow: UInt64
        let role: EndpointRole
    }

    /// Both ends of each flow, in the order of the flows.
    let all: [EndpointHistory]
    /// The incarnations of each local socket pair, oldest first, as places in `all`.
    private let places: [SocketPair: [Int]]

    /// - Parameter numbered: in the order of the flows.
    init(_ numbered: [FlowEvidence]) {
        var all: [EndpointHistory] = []
        var places: [SocketPair: [Int]] = [:]
        for flow in numbered {
            for role in EndpointRole.allCases {
                guard let history = EndpointHistory(flow, role) else { continue }
                places[history.pair, default: []].append(all.count)
                all.append(history)
            }
        }
        self.all = all
        self.places = places
    }

    /// The incarnations of the socket pair whose source is local, oldest first.
    func incarnations(of pair: SocketPair) -> [EndpointHistory] {
        (places[pair] ?? []).map { all[$0] }
    }

    /// When the next incarnation after this one began.
    func end(of history: EndpointHistory) -> Int64 {
        let next = (places[history.pair] ?? []).first { all[$0].flow.number > history.flow.number }
        return next.map { all[$0].first } ?? .max
    }
}

extension EndpointHistory {
    var place: Stories.Place { Stories.Place(flow: flow.number, role: role) }
}
