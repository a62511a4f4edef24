import TCPStateMachine

/// The table of codes: what each says and where the right fact is written. Data, not code.
extension DiagnosticCode {
    /// One row of the table.
    struct Row {
        let name: StaticString
        let claim: StaticString
        let severity: Severity
        let title: StaticString
        let fact: StaticString
        let source: StaticString
        let demonstration: Demonstration

        init(
            _ name: StaticString, _ claim: StaticString, _ severity: Severity,
            _ demonstration: Demonstration,
            _ title: StaticString, _ fact: StaticString, _ source: StaticString
        ) {
            self.name = name
            self.claim = claim
            self.severity = severity
            self.demonstration = demonstration
            self.title = title
            self.fact = fact
            self.source = source
        }
    }

    // Columns: name; number in the catalogue; severity at worst; story; claim; fact; source.
    var row: Row {
        switch self {
        case .connectedState:
            Row(
                "connected-state", "M01", .error, .handshake,
                "CONNECTED is given as a state of TCP",
                """
                TCP has eleven states, and none of them is CONNECTED. An open connection is ESTABLISHED; CONNECTED \
                is what netstat prints of UNIX-domain sockets
                """,
                "RFC 9293 3.3.2; RFC 793 3.2")
        case .aliasAsTwoStates:
            Row(
                "alias-as-two-states", "M02", .warning, .handshake,
                "Two spellings of one state are described as two states",
                "LISTENING is Windows' spelling of LISTEN. There is one state that waits for a connection request",
                "RFC 9293 3.3.2")
        case .unknownAsState:
            Row(
                "unknown-as-state", "M03", .note, .handshake,
                "UNKNOWN is listed among the states",
                "UNKNOWN is a word of the tool for what it cannot tell, and no state of the protocol",
                "RFC 9293 3.3.2")
        case .incompleteList:
            Row(
                "incomplete-list", "M04", .note, .normalClose,
                "A list of the states that reads as complete lacks some",
                """
                There are eleven states: LISTEN, SYN-SENT, SYN-RECEIVED, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, \
                CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT and the fictional CLOSED
                """,
                "RFC 9293 3.3.2")
        case .inventedState:
            Row(
                "invented-state", "M05", .warning, .handshake,
                "A name that is no state of TCP is drawn as one",
                "Sending or receiving a segment is what happens on an arrow, not a state of its own",
                "RFC 9293 3.3.2, Fig. 5")
        case .misspelledState:
            Row(
                "misspelled-state", "M06", .note, .handshake,
                "A state's name is misspelled",
                """
                The names are those of RFC 793; LISTENING, SYN_RECV, SYN_RCVD and the like are usual spellings of \
                them
                """,
                "RFC 9293 3.3.2")
        case .mergedFinWait:
            Row(
                "merged-fin-wait", "M07", .note, .normalClose,
                "One FIN-WAIT stands for FIN-WAIT-1 and FIN-WAIT-2",
                """
                FIN-WAIT-1 lasts until our FIN is acknowledged, FIN-WAIT-2 follows it. With one state for both, \
                CLOSING and the direct way to TIME-WAIT cannot be told
                """,
                "RFC 9293 3.3.2")
        case .implementationValue:
            Row(
                "implementation-value", "M08", .note, .normalClose,
                "A value of an implementation is listed as a state of the protocol",
                """
                DELETE_TCB, BOUND, NEW_SYN_RECV and the like are a kernel's or an interface's bookkeeping; in the \
                RFC's words the TCB is deleted and the state is CLOSED
                """,
                "RFC 9293 3.3.2, 3.10.4")
        case .closeAsState:
            Row(
                "close-as-state", "M09", .note, .normalClose,
                "CLOSE, a user call, is given as a state besides CLOSED",
                """
                Linux calls the state CLOSED "CLOSE". As a state it is the same as CLOSED, on an arrow it is the \
                user's call
                """,
                "RFC 9293 3.3.2, 3.9.1.4")
        case .duplicateNode:
            Row(
                "duplicate-node", "M10", .warning, .handshake,
                "One state is drawn as several nodes that lead to different places",
                "A state is one place, whatever led there: all ways into it have the same ways out",
                "RFC 9293 Fig. 5")
        case .unixRows:
            Row(
                "unix-rows", "M89", .note, .handshake,
                "Sockets of the UNIX domain stand beside TCP's states without a word",
                "CONNECTED, LISTENING and the like in rows of UNIX-domain sockets are not TCP's states",
                "RFC 9293 3.3.2")
        case .closedNotCleanedUp:
            Row(
                "closed-not-cleaned-up", "M11", .error, .timeWait,
                "CLOSED is said to be a connection whose socket has not been cleaned up yet",
                """
                CLOSED is no connection at all: there is no TCB left to clean up. What is kept of a finished \
                connection for a while is TIME-WAIT
                """,
                "RFC 9293 3.3.2, 3.10.8")
        case .closedAsOrdinaryState:
            Row(
                "closed-as-ordinary-state", "M12", .note, .normalClose,
                "CLOSED is given as a state that can be observed",
                """
                CLOSED is fictional: it stands for the absence of a connection, before OPEN and after the TCB is \
                deleted
                """,
                "RFC 9293 3.3.2")
        case .closedToClosingState:
            Row(
                "closed-to-closing-state", "M94", .error, .closedAnswers,
                "CLOSED is said to lead to a state other than LISTEN and SYN-SENT",
                """
                From CLOSED, a passive OPEN leads to LISTEN and an active OPEN to SYN-SENT; a segment that arrives \
                there is answered by a RST
                """,
                "RFC 9293 3.10.1, 3.10.7.1")
        case .clientListens:
            Row(
                "client-listens", "M13", .error, .handshake,
                "The active opener is said to pass through LISTEN",
                "An active OPEN leads from CLOSED to SYN-SENT. LISTEN is where a passive OPEN waits",
                "RFC 9293 3.10.1")
        case .listenToEstablished:
            Row(
                "listen-to-established", "M14", .error, .handshake,
                "LISTEN is said to lead straight to ESTABLISHED",
                """
                A SYN takes LISTEN to SYN-RECEIVED (a SYN,ACK is sent), and only the ACK of that SYN takes it to \
                ESTABLISHED. accept() moves nothing
                """,
                "RFC 9293 3.10.7.2, Fig. 5")
        case .listenerBecomesConnection:
            Row(
                "listener-becomes-connection", "M15", .note, .handshake,
                "The listening socket itself is said to become the connection",
                """
                With sockets each SYN gets a connection of its own and the listener stays in LISTEN; in the RFC's \
                bare model the one TCB moves on
                """,
                "RFC 1122 4.2.2.18; RFC 9293 3.9.1.1")
        case .synReceivedAwaitsData:
            Row(
                "syn-received-awaits-data", "M16", .error, .handshake,
                "SYN-RECEIVED is said to wait for data, or to have received a SYN and no more",
                """
                In SYN-RECEIVED a SYN has been received and one has been sent; it waits for the ACK of that, data or \
                not
                """,
                "RFC 9293 3.3.2")
        case .synSentAnswersAck:
            Row(
                "syn-sent-answers-ack", "M17", .error, .simultaneousOpen,
                "In SYN-SENT a SYN is said to be answered by a bare ACK",
                """
                Where two SYNs cross, each end answers with SYN,ACK and enters SYN-RECEIVED. RFC 793's figure 6 \
                prints "snd ACK" there by mistake
                """,
                "RFC 1122 4.2.2.8(a); RFC 9293 3.10.7.3")
        case .synSentLeavesOnAck:
            Row(
                "syn-sent-leaves-on-ack", "M18", .warning, .handshake,
                "SYN-SENT is said to be left on a bare ACK",
                "It takes a SYN,ACK (to ESTABLISHED) or a SYN (to SYN-RECEIVED). An ACK alone opens nothing",
                "RFC 9293 3.10.7.3")
        case .synSentEstablishedOnSyn:
            Row(
                "syn-sent-established-on-syn", "M19", .error, .simultaneousOpen,
                "In SYN-SENT a SYN without ACK is said to give ESTABLISHED",
                "A SYN that does not acknowledge ours leads to SYN-RECEIVED; our SYN must be acknowledged first",
                "RFC 9293 3.10.7.3")
        case .synReceivedEstablishedOnSyn:
            Row(
                "syn-received-established-on-syn", "M20", .error, .handshake,
                "SYN-RECEIVED is said to become ESTABLISHED on another SYN",
                "It becomes ESTABLISHED on the ACK of its own SYN",
                "RFC 9293 3.10.7.4")
        case .synReceivedCloseToClosed:
            Row(
                "syn-received-close-to-closed", "M21", .error, .closeInSynReceived,
                "CLOSE in SYN-RECEIVED is said to give CLOSED",
                "CLOSE sends a FIN and leads to FIN-WAIT-1; CLOSED is for ABORT, a RST and the user timeout",
                "RFC 9293 3.10.4")
        case .synReceivedAckToFinWait1:
            Row(
                "syn-received-ack-to-fin-wait-1", "M22", .error, .handshake,
                "The ACK of our SYN is said to lead to FIN-WAIT-1",
                "The ACK of our SYN leads to ESTABLISHED; FIN-WAIT-1 is entered by CLOSE",
                "RFC 9293 3.10.7.4, 3.10.4")
        case .synReceivedFinToClosing:
            Row(
                "syn-received-fin-to-closing", "M23", .error, .normalClose,
                "A FIN in SYN-RECEIVED is said to give CLOSING",
                """
                A FIN that comes with the ACK of our SYN leads through ESTABLISHED to CLOSE-WAIT; CLOSING needs a \
                FIN of our own
                """,
                "RFC 9293 3.10.7.4")
        case .synSentToFinWait1:
            Row(
                "syn-sent-to-fin-wait-1", "M24", .error, .closeInSynSent,
                "SYN-SENT is said to lead to FIN-WAIT-1",
                "CLOSE in SYN-SENT deletes the TCB and sends nothing. The arrow to FIN-WAIT-1 begins at SYN-RECEIVED",
                "RFC 9293 3.10.4, Fig. 5")
        case .refusedSendsFin:
            Row(
                "refused-sends-fin", "M25", .error, .refused,
                "A connection that was refused or not answered is said to be ended by a FIN",
                """
                No FIN is sent before a connection exists: a RST leads to CLOSED, silence to retransmissions and \
                then to CLOSED
                """,
                "RFC 9293 3.10.7.3, 3.8.3")
        case .failedConnectEndsElsewhere:
            Row(
                "failed-connect-ends-elsewhere", "M26", .error, .refused,
                "A failed connect is said to end in TIME-WAIT or CLOSE-WAIT",
                "It ends in CLOSED. TIME-WAIT needs both FINs, CLOSE-WAIT the FIN of a peer that was connected",
                "RFC 9293 3.10.7.3, 3.10.8")
        case .establishedByRequest:
            Row(
                "established-by-request", "M27", .warning, .handshake,
                "The connection is said to become ESTABLISHED because the application asked for data",
                "The handshake comes first (SYN; SYN,ACK; ACK); the request is sent in ESTABLISHED",
                "RFC 9293 3.5 Fig. 6")
        case .openingStateByRole:
            Row(
                "opening-state-by-role", "M28", .note, .simultaneousOpen,
                "SYN-SENT is tied to the client, or SYN-RECEIVED to the server",
                "That is the usual case. When both open actively, both ends pass through SYN-SENT and SYN-RECEIVED",
                "RFC 9293 3.5 Fig. 7, MUST-10")
        case .synAckInSynReceived:
            Row(
                "syn-ack-in-syn-received", "M29", .error, .simultaneousOpen,
                "A SYN,ACK in SYN-RECEIVED is said to be invalid or to close the connection",
                "Where SYNs crossed, the peer's SYN,ACK carries the ACK that completes the opening",
                "RFC 1122 4.2.2.10; RFC 9293 3.5 Fig. 7")
        case .rstUnconditionalInSynReceived:
            Row(
                "rst-unconditional-in-syn-received", "M30", .warning, .rstInSynReceived,
                "A RST is said to take SYN-RECEIVED to LISTEN whatever came before",
                """
                It returns to LISTEN only if it came from there (passive OPEN); after an active OPEN it goes to \
                CLOSED
                """,
                "RFC 9293 3.3.2 note 1, 3.10.7.4; RFC 1122 4.2.2.8(b)")
        case .synStatesVanish:
            Row(
                "syn-states-vanish", "M31", .note, .unanswered,
                "The SYN states are said to be over in an instant",
                """
                On a healthy path they are. Without an answer SYN-SENT lasts for minutes, and SYN-RECEIVED does when \
                the last ACK is lost
                """,
                "RFC 9293 3.8.3 MUST-23")
        case .establishedTooEarly:
            Row(
                "established-too-early", "M32", .warning, .handshake,
                "An end is said to be ESTABLISHED before its SYN has been acknowledged",
                """
                The active opener is ESTABLISHED when the SYN,ACK arrives, the passive one when the ACK of its SYN \
                arrives, half a round trip later
                """,
                "RFC 9293 3.5 Fig. 6")
        case .synSentAsRemote:
            Row(
                "syn-sent-as-remote", "M93", .warning, .handshake,
                "SYN-SENT is read as the remote end's attempt to open",
                """
                SYN-SENT is this end's: it has sent a SYN and waits for the answer. An attempt from outside shows as \
                SYN-RECEIVED
                """,
                "RFC 9293 3.3.2")
        case .establishedMeansTraffic:
            Row(
                "established-means-traffic", "M33", .warning, .handshake,
                "ESTABLISHED is said to mean that data is flowing",
                "ESTABLISHED means that data may be exchanged; a connection may be silent for ever",
                "RFC 9293 3.3.2, 3.8.4")
        case .stateOfPort:
            Row(
                "state-of-a-port", "M34", .warning, .handshake,
                "A state is said to belong to a port",
                """
                A state belongs to a connection, that is a pair of sockets. One port has a listener and many \
                connections in different states
                """,
                "RFC 9293 3.3.1, 3.9.1.1 MUST-42")
        case .closeSkipsStates:
            Row(
                "close-skips-states", "M35", .error, .normalClose,
                "CLOSE in ESTABLISHED is said to lead past FIN-WAIT-1",
                """
                CLOSE sends a FIN and leads to FIN-WAIT-1. Only ABORT, a RST or the user timeout lead to CLOSED at \
                once
                """,
                "RFC 9293 3.10.4, 3.10.5")
        case .closeToCloseWait:
            Row(
                "close-to-close-wait", "M36", .error, .normalClose,
                "The local CLOSE is said to lead to CLOSE-WAIT",
                "CLOSE-WAIT is entered when the peer's FIN arrives; the local CLOSE leads to FIN-WAIT-1",
                "RFC 9293 3.10.7.4, 3.10.4")
        case .finToClosing:
            Row(
                "fin-to-closing", "M37", .error, .normalClose,
                "A FIN that arrives in ESTABLISHED is said to lead to CLOSING",
                "It leads to CLOSE-WAIT. CLOSING needs a FIN of our own that is not acknowledged yet",
                "RFC 9293 3.10.7.4")
        case .finWait1AsFinReceived:
            Row(
                "fin-wait-1-as-fin-received", "M38", .error, .normalClose,
                "FIN-WAIT-1 is said to mean that a FIN was received",
                """
                FIN-WAIT-1: this end has sent a FIN that is not acknowledged yet. A FIN that arrives first leads to \
                CLOSE-WAIT
                """,
                "RFC 9293 3.3.2")
        case .finWait1AsClosed:
            Row(
                "fin-wait-1-as-closed", "M39", .warning, .halfClose,
                "FIN-WAIT-1 is said to mean that the socket or the port is closed",
                """
                The user has closed and a FIN is under way; the connection still exists, receives data and may have \
                to send its FIN again
                """,
                "RFC 9293 3.6, 3.10.3")
        case .finWait2AsClosed:
            Row(
                "fin-wait-2-as-closed", "M40", .error, .halfClose,
                "FIN-WAIT-2 is said to mean that the connection is closed",
                """
                Only this end's direction is closed: its FIN is acknowledged. The peer may send on, and its FIN is \
                awaited
                """,
                "RFC 9293 3.3.2, 3.6.1")
        case .finWait2AsFinReceived:
            Row(
                "fin-wait-2-as-fin-received", "M41", .error, .normalClose,
                "FIN-WAIT-2 is said to mean that a FIN was received",
                "FIN-WAIT-2 is entered when our own FIN is acknowledged; the peer's FIN is what it waits for",
                "RFC 9293 3.10.7.4, 3.3.2")
        case .finWait1WrongExit:
            Row(
                "fin-wait-1-wrong-exit", "M42", .error, .normalClose,
                "FIN-WAIT-1 is left by the wrong segment",
                "The ACK of our FIN leads to FIN-WAIT-2, a FIN without it to CLOSING, a FIN with it to TIME-WAIT",
                "RFC 9293 3.10.7.4")
        case .finWait1ToCloseWait:
            Row(
                "fin-wait-1-to-close-wait", "M43", .error, .normalClose,
                "FIN-WAIT-1 is said to lead to CLOSE-WAIT",
                """
                CLOSE-WAIT is a state of an end that has not sent a FIN. From FIN-WAIT-1 a FIN leads to CLOSING or \
                TIME-WAIT; the other end is in CLOSE-WAIT
                """,
                "RFC 9293 3.10.7.4, Fig. 12")
        case .finWait1FinToClosed:
            Row(
                "fin-wait-1-fin-to-closed", "M44", .error, .simultaneousClose,
                "A FIN in FIN-WAIT-1 is said to give CLOSED",
                "It leads to CLOSING, or to TIME-WAIT if it acknowledges our FIN",
                "RFC 9293 3.10.7.4")
        case .returnToEstablished:
            Row(
                "return-to-established", "M45", .error, .halfClose,
                "A closing connection is said to return to ESTABLISHED",
                """
                No way leads back to ESTABLISHED. Data that arrives in FIN-WAIT-1 or FIN-WAIT-2 is taken and changes \
                no state
                """,
                "RFC 9293 3.10.7.4")
        case .finTimeoutToFinWait2:
            Row(
                "fin-timeout-to-fin-wait-2", "M46", .error, .unansweredFin,
                "A FIN that is not acknowledged is said to time out into FIN-WAIT-2",
                "The FIN is sent again; when the connection is given up, it is CLOSED",
                "RFC 9293 3.6, 3.8.3, 3.10.8")
        case .missingDirectTimeWait:
            Row(
                "missing-direct-time-wait", "M47", .note, .threeSegmentClose,
                "The way from FIN-WAIT-1 straight to TIME-WAIT is missing",
                """
                A FIN that acknowledges our FIN, too, leads from FIN-WAIT-1 straight to TIME-WAIT. The figures of \
                the RFCs leave it out
                """,
                "RFC 1122 4.2.2.8(c); RFC 9293 3.3.2 note 2")
        case .finWait2WrongExit:
            Row(
                "fin-wait-2-wrong-exit", "M48", .error, .normalClose,
                "FIN-WAIT-2 is said to be left by an ACK or by CLOSE",
                """
                Only the peer's FIN leads from FIN-WAIT-2 to TIME-WAIT. CLOSE there is answered "connection closing"
                """,
                "RFC 9293 3.10.7.4, 3.10.4")
        case .finSilencesPeer:
            Row(
                "fin-silences-peer", "M49", .warning, .halfClose,
                "After a FIN the peer is said to be silent, or its data to be ignored",
                """
                A FIN closes one direction. In CLOSE-WAIT the peer may send on, and FIN-WAIT-1 and FIN-WAIT-2 must \
                take what arrives
                """,
                "RFC 9293 3.6.1, 3.10.2")
        case .finWait2Timeout:
            Row(
                "fin-wait-2-timeout", "M50", .note, .halfClose,
                "FIN-WAIT-2 is said to end by a timeout of TCP",
                """
                The RFCs give FIN-WAIT-2 no timer; Linux' tcp_fin_timeout and its like are an implementation's \
                policy
                """,
                "RFC 9293 3.10.8, 3.3.2")
        case .closingStateByRole:
            Row(
                "closing-state-by-role", "M51", .warning, .serverCloses,
                "A closing state is tied to the client or the server",
                """
                FIN-WAIT-1, FIN-WAIT-2 and TIME-WAIT are those of the end that closes first, CLOSE-WAIT and LAST-ACK \
                of the other, client or server alike
                """,
                "RFC 9293 3.6")
        case .finAckAsOneEvent:
            Row(
                "fin-ack-as-one-event", "M52", .warning, .simultaneousClose,
                "FIN,ACK is treated as one special answer, or as the acknowledgment of a FIN",
                "Nearly every FIN carries an ACK. What matters is whether the acknowledgment number covers our FIN",
                "RFC 9293 Fig. 12-13, 3.10.7.4")
        case .closeWaitHostDown:
            Row(
                "close-wait-host-down", "M53", .warning, .normalClose,
                "CLOSE-WAIT is said to mean that the remote host is down",
                """
                The remote TCP has closed its direction with a FIN and may still receive. A host that is down sends \
                nothing, and we stay ESTABLISHED
                """,
                "RFC 9293 3.3.2, 3.5.1")
        case .automaticFin:
            Row(
                "automatic-fin", "M54", .warning, .halfClose,
                "The passive closer is said to send its FIN by itself",
                "CLOSE-WAIT waits for the user's CLOSE, which may never come; only then is the FIN sent",
                "RFC 9293 3.6, 3.10.4")
        case .closeWaitToClosed:
            Row(
                "close-wait-to-closed", "M55", .error, .normalClose,
                "CLOSE-WAIT is said to lead straight to CLOSED",
                """
                CLOSE sends a FIN and leads to LAST-ACK, whose ACK leads to CLOSED. Only ABORT, a RST and the user \
                timeout are shorter
                """,
                "RFC 9293 3.10.4, 3.10.5")
        case .closeWaitToTimeWait:
            Row(
                "close-wait-to-time-wait", "M56", .error, .normalClose,
                "CLOSE-WAIT is said to lead to TIME-WAIT",
                "The end that closes last goes from CLOSE-WAIT to LAST-ACK to CLOSED and never sees TIME-WAIT",
                "RFC 9293 Fig. 5, Fig. 12")
        case .closeWaitByOwnFin:
            Row(
                "close-wait-by-own-fin", "M57", .error, .normalClose,
                "CLOSE-WAIT is said to begin with our own FIN",
                "CLOSE-WAIT begins when the peer's FIN arrives; our own FIN ends it, in LAST-ACK",
                "RFC 9293 3.10.7.4, Fig. 12")
        case .dataAfterPeerFin:
            Row(
                "data-after-peer-fin", "M58", .error, .normalClose,
                "Data is said to arrive after the peer's FIN",
                """
                A FIN is the last octet of its direction: in CLOSE-WAIT, CLOSING, LAST-ACK and TIME-WAIT the text of \
                a segment is ignored
                """,
                "RFC 9293 3.10.7.4")
        case .closeWaitForced:
            Row(
                "close-wait-forced", "M90", .warning, .normalClose,
                "CLOSE-WAIT is said to need force to be left",
                "An ordinary CLOSE of the application is enough",
                "RFC 9293 3.10.4")
        case .lastAckSwapped:
            Row(
                "last-ack-swapped", "M59", .error, .normalClose,
                "LAST-ACK is taken for another state",
                "LAST-ACK is reached from CLOSE-WAIT by our own FIN and waits for the ACK of that",
                "RFC 9293 3.3.2, 3.10.4")
        case .lastAckToTimeWait:
            Row(
                "last-ack-to-time-wait", "M60", .error, .normalClose,
                "LAST-ACK is said to lead to TIME-WAIT",
                "The ACK of our FIN leads from LAST-ACK to CLOSED at once, without a timer",
                "RFC 9293 3.10.7.4")
        case .wrongFinalAck:
            Row(
                "wrong-final-ack", "M61", .error, .normalClose,
                "The last steps of a close are sent or left by the wrong thing",
                """
                An ACK is never acknowledged: LAST-ACK and CLOSING end on the ACK of our FIN and send nothing. \
                CLOSE-WAIT is left by CLOSE, which sends a FIN
                """,
                "RFC 9293 Fig. 5, 3.10.7.4")
        case .middleboxMachine:
            Row(
                "middlebox-machine", "M62", .warning, .normalClose,
                "The states of a middlebox are given as those of TCP",
                "A connection tracker follows both directions in one variable. That is the state of neither end",
                "RFC 9293 3.3.2, Fig. 12")
        case .oneEndVisitsAll:
            Row(
                "one-end-visits-all", "M63", .error, .normalClose,
                "One chain of states mixes those of both ends",
                "Each step of a chain must be one that one end can take",
                "RFC 9293 Fig. 5")
        case .closingAsLostAck:
            Row(
                "closing-as-lost-ack", "M64", .error, .simultaneousClose,
                "CLOSING is said to mean that an acknowledgment was lost",
                "In CLOSING both ends have sent a FIN, and the ACK of ours has not come yet. Nothing need be lost",
                "RFC 9293 3.3.2, Fig. 13")
        case .closingAsUnsentData:
            Row(
                "closing-as-unsent-data", "M65", .warning, .simultaneousClose,
                "CLOSING is said to have data left to send",
                "A FIN follows all data. What CLOSING waits for is the ACK of our FIN",
                "RFC 9293 3.3.2")
        case .closingAsFinWait2:
            Row(
                "closing-as-fin-wait-2", "M66", .error, .simultaneousClose,
                "CLOSING is said to wait for the peer's FIN",
                "That is FIN-WAIT-2. In CLOSING the peer's FIN is there, and the ACK of ours is not",
                "RFC 9293 3.3.2")
        case .closingAsSameInstant:
            Row(
                "closing-as-same-instant", "M67", .warning, .simultaneousClose,
                "CLOSING is described by what both ends do at one instant",
                "CLOSING is one end's state: its own FIN is not acknowledged and the peer's has come",
                "RFC 9293 3.10.7.4")
        case .closingStatesLumped:
            Row(
                "closing-states-lumped", "M68", .note, .simultaneousClose,
                "Closing states are lumped together",
                "CLOSE-WAIT waits for the local user, CLOSING for an ACK of the peer, FIN-WAIT-2 for its FIN",
                "RFC 9293 3.3.2")
        case .timeWaitDuration:
            Row(
                "time-wait-duration", "M69", .error, .timeWait,
                "TIME-WAIT is given a fixed duration as a fact of TCP",
                """
                TIME-WAIT lasts two maximum segment lifetimes: 240 seconds with the RFCs' MSL of two minutes. 60 \
                seconds are Linux'
                """,
                "RFC 9293 3.6.1 MUST-13, 3.4.2; RFC 1122 4.2.2.13")
        case .timeWaitServesRequests:
            Row(
                "time-wait-serves-requests", "M70", .error, .timeWait,
                "TIME-WAIT is said to wait for further requests",
                """
                The connection is over and cannot be used again. TIME-WAIT answers a repeated FIN and keeps old \
                segments out of a new connection
                """,
                "RFC 9293 3.3.2, 3.10.2")
        case .timeWaitAwaitsData:
            Row(
                "time-wait-awaits-data", "M71", .warning, .timeWait,
                "TIME-WAIT is said to make sure that all data has arrived",
                """
                All data of both directions was acknowledged before. TIME-WAIT makes sure of the peer's getting the \
                last ACK and lets old segments die
                """,
                "RFC 9293 3.3.2")
        case .timeWaitByCrash:
            Row(
                "time-wait-by-crash", "M72", .error, .normalClose,
                "TIME-WAIT is said to come from a crash or from not closing",
                """
                TIME-WAIT is the regular end for whoever closes first. A crashed program's connections are closed or \
                reset by its host
                """,
                "RFC 9293 3.6, 3.5.1, 3.10.5")
        case .timeWaitBlocksPort:
            Row(
                "time-wait-blocks-port", "M73", .warning, .timeWait,
                "TIME-WAIT is said to keep the whole port",
                """
                It keeps one pair of sockets. Other peers can connect to the port, and a new SYN may reopen the pair \
                itself
                """,
                "RFC 1122 4.2.2.13; RFC 9293 3.6.1 MAY-2; RFC 6191")
        case .timeWaitAwaitsFin:
            Row(
                "time-wait-awaits-fin", "M74", .error, .normalClose,
                "TIME-WAIT is said to wait for the peer's FIN",
                "That is FIN-WAIT-2. In TIME-WAIT the FIN has arrived and has been acknowledged",
                "RFC 9293 3.3.2")
        case .timeWaitWrongExit:
            Row(
                "time-wait-wrong-exit", "M75", .error, .timeWait,
                "TIME-WAIT is said to be left by a segment or a call",
                "Only the 2 MSL timer ends it, or a RST or ABORT. CLOSE there is answered \"connection closing\"",
                "RFC 9293 3.10.7.4, 3.10.8")
        case .twiceMSLExplained:
            Row(
                "2msl-explained", "M76", .error, .timeWait,
                "2 MSL is explained as something else",
                """
                MSL is the maximum segment lifetime, a constant; it is neither a length nor a measured round-trip \
                time
                """,
                "RFC 9293 3.4.2, 4")
        case .timeWaitBeforeClosing:
            Row(
                "time-wait-before-closing", "M77", .warning, .timeWait,
                "TIME-WAIT is said to come before the closing",
                "It comes after both FINs: closing is over",
                "RFC 9293 Fig. 12")
        case .timeWaitEntries:
            Row(
                "time-wait-entries", "M78", .note, .threeSegmentClose,
                "TIME-WAIT is said to be entered from FIN-WAIT-2 and CLOSING only",
                "A FIN that acknowledges ours leads there from FIN-WAIT-1, too",
                "RFC 1122 4.2.2.8(c)")
        case .silenceProvesClosed:
            Row(
                "silence-proves-closed", "M79", .note, .timeWait,
                "Silence for 2 MSL is said to prove that the peer has closed",
                "It is assumed, not proven: every repetition of the peer's FIN may have been lost",
                "RFC 9293 3.3.2")
        case .finWaitFinalAck:
            Row(
                "fin-wait-final-ack", "M91", .error, .normalClose,
                "FIN-WAIT is said to lead to TIME-WAIT on an ACK",
                "The peer's FIN leads to TIME-WAIT; the final ACK is the one that is sent for it",
                "RFC 9293 3.10.7.4")
        case .timeWaitReceivesNothing:
            Row(
                "time-wait-receives-nothing", "M92", .warning, .timeWait,
                "TIME-WAIT is said to receive nothing, or to keep the host from connecting",
                """
                A repeated FIN is taken and answered, other connections are not concerned, and a new SYN may reopen \
                the pair
                """,
                "RFC 9293 3.10.7.4, 3.6.1 MAY-2")
        case .passiveCloseSwapped:
            Row(
                "passive-close-swapped", "M80", .error, .normalClose,
                "The passive close is told as the active one",
                """
                The passive closer receives a FIN (CLOSE-WAIT), sends its own on CLOSE (LAST-ACK), and is CLOSED by \
                the ACK of it
                """,
                "RFC 9293 3.6")
        case .resetStates:
            Row(
                "reset-states", "M81", .error, .reset,
                "A reset is said to occur in some states only",
                "A RST is taken in every state that has a peer; LISTEN and CLOSED ignore it",
                "RFC 9293 3.5.3, 3.10.7.3-4")
        case .resetCauses:
            Row(
                "reset-causes", "M82", .error, .reset,
                "A bad checksum or number is said to draw a RST",
                "A bad checksum is dropped in silence; a segment outside the window draws an empty ACK",
                "RFC 9293 3.1, 3.5.2, 3.10.7.4")
        case .resetDestination:
            Row(
                "reset-destination", "M83", .note, .reset,
                "The texts of the RFCs disagree about where a reset leads",
                "ABORT leads to CLOSED (3.10.5); that who issues a reset enters TIME-WAIT (3.5.2) stands against it",
                "RFC 9293 3.5.2, 3.10.5")
        case .closeWaitCloseToClosing:
            Row(
                "close-wait-close-to-closing", "M84", .error, .normalClose,
                "CLOSE in CLOSE-WAIT is said to lead to CLOSING",
                "It leads to LAST-ACK. Page 61 of RFC 793 has the mistake, its figures are right",
                "RFC 1122 4.2.2.20(a); RFC 9293 3.10.4")
        case .fourSegments:
            Row(
                "four-segments", "M85", .note, .threeSegmentClose,
                "A close is said to take four segments always",
                "The ACK and the FIN of the passive side may share a segment (three); a RST is one",
                "RFC 9293 3.6, Fig. 12-13")
        case .halfOpenHalfClosed:
            Row(
                "half-open-half-closed", "M86", .note, .halfClose,
                "Half-open and half-closed are mixed up",
                "Half-open: one end has lost the connection. Half-closed: one direction is closed",
                "RFC 9293 3.5.1, 3.6.1")
        case .localAnyAddress:
            Row(
                "local-any-address", "M87", .warning, .handshake,
                "A local address of 0.0.0.0 is read as \"any remote address may connect\"",
                """
                It means any local address. That any peer may connect is what the unspecified remote socket says \
                (0.0.0.0:0, *:*, *.*)
                """,
                "RFC 9293 3.9.1.1")
        case .refusedOrBlocked:
            Row(
                "refused-or-blocked", "M88", .warning, .refused,
                "\"Connection refused\" is read as a blocked port",
                """
                A refusal is a RST that answers the SYN: nobody listens. A SYN that is dropped shows as SYN-SENT and \
                ends in a timeout
                """,
                "RFC 9293 3.10.7.1, 3.10.7.3, 3.9.2.2")
        case .illegalTransition:
            Row(
                "illegal-transition", "", .error, .normalClose,
                "No rule leads from the one state to the other",
                "Every step is one of the rules of the state diagram",
                "RFC 9293 3.10, Fig. 5")
        case .wrongEvent:
            Row(
                "wrong-event", "", .error, .normalClose,
                "The step exists, but something else causes it",
                "Each step has its cause: a user's call, a segment or a timeout",
                "RFC 9293 3.10, Fig. 5")
        case .wrongAction:
            Row(
                "wrong-action", "", .error, .normalClose,
                "The step sends something else",
                "What a step sends is part of its rule",
                "RFC 9293 3.10, Fig. 5")
        case .ladderState:
            Row(
                "ladder-state", "", .error, .handshake,
                "A line of a ladder shows a state that the segments before it do not lead to",
                "The states of a ladder are those after the departure or arrival of its segments",
                "RFC 793 p. 31; RFC 9293 3.10")
        case .ladderNumber:
            Row(
                "ladder-number", "", .error, .handshake,
                "A sequence or acknowledgment number of a ladder does not follow from the lines before it",
                "SYN and FIN take one number each, data one for each octet; an ACK names the next number expected",
                "RFC 9293 3.4")
        case .ladderSegment:
            Row(
                "ladder-segment", "", .error, .handshake,
                "A line of a ladder shows a segment that its sender would not send",
                "What is sent follows from the state and what has arrived",
                "RFC 9293 3.10")
        case .implausiblePair:
            Row(
                "implausible-pair", "", .warning, .normalClose,
                "Two sockets of one connection are in states that never meet",
                "The states of both ends of a connection at one moment must be reachable together",
                "RFC 9293 3.5, 3.6")
        case .implausibleRow:
            Row(
                "implausible-row", "", .warning, .handshake,
                "A row of a socket listing cannot be",
                "A listening TCP socket has no remote address; every other one has",
                "RFC 9293 3.9.1.1")
        case .wrongStateNumber:
            Row(
                "wrong-state-number", "", .error, .handshake,
                "A state has a number that no system gives it",
                """
                Linux counts ESTABLISHED 1 to CLOSING 11, BSD CLOSED 0 to TIME_WAIT 10, Windows CLOSED 1 to \
                TIME_WAIT 11
                """,
                "RFC 9293 3.3.2 (the names; numbers are the systems')")
        case .unreadableBlock:
            Row(
                "unreadable-block", "", .note, .handshake,
                "A block that seems to be a diagram or a table could not be read",
                "Only what was read was checked",
                "RFC 9293 3.3.2")
        case .wrongHistory:
            Row(
                "wrong-history", "", .error, .normalClose,
                "A state is given what another state has behind it",
                """
                Each state has its history: which of SYN and FIN this end has sent, which of them were acknowledged, \
                and which have come from the peer
                """,
                "RFC 9293 3.3.2, 3.6")
        case .wrongWait:
            Row(
                "wrong-wait", "", .error, .normalClose,
                "A state is said to wait for what another state waits for",
                "What leads out of a state is what it waits for",
                "RFC 9293 3.3.2, Fig. 5")
        case .unknownSwitch:
            Row(
                "unknown-switch", "", .warning, .handshake,
                "A comment that switches codes off names one that there is not",
                "It switches off nothing by that name. `postel verify --help` and Docs/verify.md have all names",
                "Docs/verify.md, Switching it off")
        }
    }
}
