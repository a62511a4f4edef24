public import TCPStateMachine

/// What can be wrong in teaching material: one case for each claim that is recognized.
///
/// A code is a name that stays the same in messages, records, documents and configuration. Where the catalogue of wrong
/// claims has it, its number there is `claim`. What each means in words is in `DiagnosticCode+Rows.swift`.
public enum DiagnosticCode: UInt8, CaseIterable, Hashable, Sendable {
    case connectedState
    case aliasAsTwoStates
    case unknownAsState
    case incompleteList
    case inventedState
    case misspelledState
    case mergedFinWait
    case implementationValue
    case closeAsState
    case duplicateNode
    case unixRows
    case closedNotCleanedUp
    case closedAsOrdinaryState
    case closedToClosingState
    case clientListens
    case listenToEstablished
    case listenerBecomesConnection
    case synReceivedAwaitsData
    case synSentAnswersAck
    case synSentLeavesOnAck
    case synSentEstablishedOnSyn
    case synReceivedEstablishedOnSyn
    case synReceivedCloseToClosed
    case synReceivedAckToFinWait1
    case synReceivedFinToClosing
    case synSentToFinWait1
    case refusedSendsFin
    case failedConnectEndsElsewhere
    case establishedByRequest
    case openingStateByRole
    case synAckInSynReceived
    case rstUnconditionalInSynReceived
    case synStatesVanish
    case establishedTooEarly
    case synSentAsRemote
    case establishedMeansTraffic
    case stateOfPort
    case closeSkipsStates
    case closeToCloseWait
    case finToClosing
    case finWait1AsFinReceived
    case finWait1AsClosed
    case finWait2AsClosed
    case finWait2AsFinReceived
    case finWait1WrongExit
    case finWait1ToCloseWait
    case finWait1FinToClosed
    case returnToEstablished
    case finTimeoutToFinWait2
    case missingDirectTimeWait
    case finWait2WrongExit
    case finSilencesPeer
    case finWait2Timeout
    case closingStateByRole
    case finAckAsOneEvent
    case closeWaitHostDown
    case automaticFin
    case closeWaitToClosed
    case closeWaitToTimeWait
    case closeWaitByOwnFin
    case dataAfterPeerFin
    case closeWaitForced
    case lastAckSwapped
    case lastAckToTimeWait
    case wrongFinalAck
    case middleboxMachine
    case oneEndVisitsAll
    case closingAsLostAck
    case closingAsUnsentData
    case closingAsFinWait2
    case closingAsSameInstant
    case closingStatesLumped
    case timeWaitDuration
    case timeWaitServesRequests
    case timeWaitAwaitsData
    case timeWaitByCrash
    case timeWaitBlocksPort
    case timeWaitAwaitsFin
    case timeWaitWrongExit
    case twiceMSLExplained
    case timeWaitBeforeClosing
    case timeWaitEntries
    case silenceProvesClosed
    case finWaitFinalAck
    case timeWaitReceivesNothing
    case passiveCloseSwapped
    case resetStates
    case resetCauses
    case resetDestination
    case closeWaitCloseToClosing
    case fourSegments
    case halfOpenHalfClosed
    case localAnyAddress
    case refusedOrBlocked
    case illegalTransition
    case wrongEvent
    case wrongAction
    case ladderState
    case ladderNumber
    case ladderSegment
    case implausiblePair
    case implausibleRow
    case wrongStateNumber
    case unreadableBlock
    case wrongHistory
    case wrongWait
    case unknownSwitch

    /// As messages have it: `listen-to-established`.
    public var name: String { row.name.description }
    /// Its number in the catalogue of wrong claims, `M14`; empty for what the catalogue does not count.
    public var claim: String { row.claim.description }
    /// How loud it is at worst; a mild wording or a hedge lowers it.
    public var severity: Severity { row.severity }
    /// The claim, as a sentence about the document.
    public var title: String { row.title.description }
    /// What is right.
    public var fact: String { row.fact.description }
    /// Where that is written.
    public var source: String { row.source.description }
    /// A story that shows it.
    public var demonstration: Demonstration { row.demonstration }

    /// The code of a name, or of a number of the catalogue; nil if there is none.
    public init?(name: some StringProtocol) {
        guard
            let code = DiagnosticCode.allCases.first(where: {
                $0.name == name || (!$0.claim.isEmpty && $0.claim == name)
            })
        else { return nil }
        self = code
    }

    /// The code whose name a misspelled one resembles most; nil if none is near.
    static func nearest(to name: some StringProtocol) -> DiagnosticCode? {
        guard (3...40).contains(name.utf8.count) else { return nil }
        let written = Array(name.utf8)
        let near = allCases.map { ($0, StateName.editDistance(Array($0.name.utf8), written)) }.min { $0.1 < $1.1 }
        return near.flatMap { $0.1 * 3 <= written.count ? $0.0 : nil }
    }
}
