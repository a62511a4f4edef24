import Flows
import TCPStateMachine
import Testing
import WireFormat

/// Sixteen stories and what Wireshark 4.0.17 and Zeek's rules call them. The captures of these stories were shown to
/// tshark, and Zeek's rules checked on its own test traces; the answers are written down here.
@Suite struct ForeignLabelTests {
    @Test func `normal open and close`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            40  B .  1 ack 101
            50  A F. 101 ack 1
            60  B F. 1 ack 102
            70  A .  102 ack 2
            """)
        #expect(labels.completeness == [31])
        #expect(labels.connections == ["SF ShADaFf"])
        #expect(labels.flows == ["SF ShADaFf 31"])
    }

    @Test func `a SYN that is refused`() {
        let labels = Labels(
            """
            0   A S  0
            10  B R. =0 ack 1
            """)
        #expect(labels.completeness == [37])
        #expect(labels.connections == ["REJ Sr"])
        #expect(labels.flows == ["REJ Sr 37"])
    }

    @Test func `three SYNs without an answer`() {
        let labels = Labels(
            """
            0     A S  0
            1000  A S  0
            3000  A S  0
            """)
        #expect(labels.completeness == [1])
        #expect(labels.connections == ["S0 S"])
        #expect(labels.flows == ["S0 S 1"])
    }

    @Test func `a SYN without an answer is forgotten after five seconds`() {
        let labels = Labels(
            """
            0     A S  0
            1000  A S  0
            3000  A S  0
            7000  A S  0
            """)
        #expect(labels.completeness == [1])
        #expect(labels.connections == ["S0 S", "S0 S"])
        #expect(labels.flows == ["S0 S 1"])
    }

    @Test func `data in mid-stream`() {
        let labels = Labels(
            """
            0   A P. 1(100) ack 1
            10  B .  1 ack 101
            20  B P. 1(100) ack 101
            30  A .  101 ack 101
            """, ports: .none)
        #expect(labels.completeness == [12])
        #expect(labels.connections == ["OTH DadA"])
    }

    @Test func `simultaneous open is two connections for Zeek`() {
        let labels = Labels(
            """
            0   A S  0
            5   B S  0
            10  A S. 0 ack 1
            15  B S. 0 ack 1
            20  A P. 1(10) ack 1
            30  B .  1 ack 11
            40  A F. 11 ack 1
            50  B F. 1 ack 12
            60  A .  12 ack 2
            """)
        #expect(labels.completeness == [31])
        #expect(labels.connections.count == 2)
        #expect(labels.connections.first == "S0 S")
        #expect(labels.connections.last?.hasPrefix("SF ") == true)
        #expect(labels.flows == ["S0 S 31"])
    }

    @Test func `simultaneous close`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A F. 1 ack 1
            31  B F. 1 ack 1
            40  B .  2 ack 2
            41  A .  2 ack 2
            """)
        #expect(labels.completeness == [23])
        #expect(labels.connections == ["SF ShAFfa"])
    }

    @Test func `half-close with data flowing back`() {
        let labels = Labels(
            """
            0     A S  0
            10    B S. 0 ack 1
            20    A .  1 ack 1
            30    A F. 1 ack 1
            40    B .  1 ack 2
            1000  B P. 1(100) ack 2
            5000  B P. 101(100) ack 2
            5010  A .  2 ack 201
            """)
        #expect(labels.completeness == [31])
        #expect(labels.connections == ["S2 ShAFad"])
    }

    @Test func `TIME-WAIT is used again by a new SYN`() {
        let labels = Labels(
            """
            0     A S  0
            10    B S. 0 ack 1
            20    A .  1 ack 1
            30    A F. 1 ack 1
            40    B F. 1 ack 2
            50    A .  2 ack 2
            isn A 900000
            isn B 800000
            2000  A S  0
            2010  B S. 0 ack 1
            2020  A .  1 ack 1
            """)
        #expect(labels.completeness == [23, 7])
        #expect(labels.connections == ["SF ShAFf", "S1 ShA"])
        #expect(labels.flows == ["SF ShAFf 23", "S1 ShA 7"])
    }

    @Test func `a RST outside the window, and data goes on`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            40  B .  1 ack 101
            50  B R  =4000000000
            60  A P. 101(100) ack 1
            70  B .  1 ack 201
            """)
        #expect(labels.completeness == [47])
        #expect(labels.connections == ["RSTR ShADar"])
    }

    @Test func `a RST at RCV.NXT`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            40  B .  1 ack 101
            50  B R  1
            """)
        #expect(labels.completeness == [47])
        #expect(labels.connections == ["RSTR ShADar"])
    }

    @Test func `a lone RST`() {
        let story = "0 B R 5"
        #expect(Labels(story, ports: .none).connections == ["OTH R"])
        #expect(Labels(story).connections == ["RSTRH ^r"])
        #expect(Labels(story).completeness == [0])
    }

    @Test func `the capture begins at the SYN,ACK`() {
        let story = """
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            40  B .  1 ack 101
            """
        #expect(Labels(story).completeness == [14])
        #expect(Labels(story).connections == ["S1 ^hADa"])
        // Without ports the ACK shows who was who, and the sender of the SYN,ACK is in none of Zeek's states for that.
        #expect(Labels(story, ports: .none).connections == ["OTH ^hADa"])
    }

    @Test func `SYN and SYN,ACK swapped in the file`() {
        let labels = Labels(
            """
            10  B S. 0 ack 1
            11  A S  0
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            40  B .  1 ack 101
            """, ports: .none)
        #expect(labels.completeness == [14])
        #expect(labels.connections == ["S1 Hs^ADa"])
    }

    @Test func `the last ACK never comes`() {
        let labels = Labels(
            """
            0     A S  0
            10    B S. 0 ack 1
            20    A .  1 ack 1
            30    A F. 1 ack 1
            40    B F. 1 ack 2
            240   B F. 1 ack 2
            640   B F. 1 ack 2
            """)
        #expect(labels.completeness == [23])
        #expect(labels.connections == ["SF ShAFf"])
    }

    @Test func `a segment that only the capture lost`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A P. 1(100) ack 1
            32  A P. 201(100) ack 1
            40  B .  1 ack 301
            50  A F. 301 ack 1
            60  B F. 1 ack 302
            70  A .  302 ack 2
            """)
        #expect(labels.completeness == [31])
        #expect(labels.connections == ["SF ShADaGFf"])
        #expect(labels.records.first?.missedOctets == 100)
    }

    @Test func `a FIN before the data that it follows`() {
        let labels = Labels(
            """
            0   A S  0
            10  B S. 0 ack 1
            20  A .  1 ack 1
            30  A F. 101 ack 1
            31  A P. 1(100) ack 1
            40  B .  1 ack 102
            50  B F. 1 ack 102
            60  A .  102 ack 2
            """)
        #expect(labels.completeness == [31])
        #expect(labels.connections == ["SF ShAFDTaf"])
    }
}

/// What both observers make of a conversation.
struct Labels {
    var completeness: [UInt8] = []
    /// conn_state and history, in the order in which Zeek would write them.
    var connections: [String] = []
    var records: [ZeekRecord] = []
    /// conn_state, history and completeness of each flow, in the order of their numbers.
    var flows: [String] = []

    init(_ text: String, ports: LikelyServerPorts = .standard) {
        let segments = Conversation(text).lines.compactMap { line in
            if case .segment(let segment) = line.happening { segment } else { nil }
        }
        self.init(segments, ports: ports)
    }

    init(_ segments: [CapturedSegment], ports: LikelyServerPorts = .standard, maximumFlows: Int = 1000) {
        var options = TrackerOptions()
        options.interest = [.flows, .labels, .connections]
        options.likelyServerPorts = ports
        options.maximumFlows = maximumFlows
        var tracker = FlowTracker(options: options)
        var observer = WiresharkObserver()
        for segment in segments {
            tracker.process([segment], count: 1)
            _ = observer.observe(segment)
        }
        tracker.finish()
        completeness = observer.completeness
        for record in tracker.records {
            switch record {
            case .connection(let connection):
                records.append(connection)
                connections.append("\(connection.state.name) \(connection.history.text)")
            case .flow, .transition, .withdrawal, .segment, .finding: continue
            }
        }
        flows = Self.flows(in: tracker.records)
        expectPlainLabelsToSayTheSame(segments, options)
    }

    /// Without Zeek's connections most flows have plain labels, each for as long as nothing happens that is none of it.
    private func expectPlainLabelsToSayTheSame(_ segments: [CapturedSegment], _ options: TrackerOptions) {
        var options = options
        options.interest = [.flows, .labels]
        for most: UInt32 in [.max, 0, 1, 3] {
            options.plainSegments = most
            var tracker = FlowTracker(options: options)
            for segment in segments { tracker.process([segment], count: 1) }
            tracker.finish()
            #expect(Self.flows(in: tracker.records) == flows, "plain for \(most) segments of each end")
        }
    }

    private static func flows(in records: [Record]) -> [String] {
        var numbered: [UInt64: String] = [:]
        for case .flow(let flow) in records {
            guard let labels = flow.labels else { continue }
            numbered[flow.flow] = "\(labels.connState.name) \(labels.history.text) \(labels.completeness)"
        }
        return numbered.sorted { $0.key < $1.key }.map(\.value)
    }
}
