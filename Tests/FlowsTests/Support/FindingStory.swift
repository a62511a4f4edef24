import Flows
import Testing

/// A conversation that raises a finding, or does not though it looks alike.
struct FindingStory: CustomTestStringConvertible {
    var code: FindingCode
    var text: String
    var vantage = Vantage.middle
    /// Nil: the flow as a whole.
    var party: Party?
    /// The packet that the finding names; 0 if it names none.
    var packet: UInt64 = 0
    /// Nil: any.
    var detail: FindingDetail?

    var testDescription: String { code.name }

    /// Both ends have spoken, and both their round trips are known: 10 ms to A, 10 ms to B.
    static let talking = """
        0   A S   0
        10  B S.  0 ack 1
        20  A .   1 ack 1
        30  A P.  1(50) ack 1
        40  B P.  1(50) ack 51
        50  A .   51 ack 51

        """

    static let talkingWithStamps = """
        0   A S   0 ts 100:0
        10  B S.  0 ack 1 ts 900:100
        20  A .   1 ack 1 ts 120:900
        30  A P.  1(50) ack 1 ts 130:900
        40  B P.  1(50) ack 51 ts 930:130
        50  A .   51 ack 51 ts 150:930

        """

    static let told = opened + closed + resent + unseen + probed + odd
    static let untold = untoldOpenings + untoldClosings + untoldNumbers + untoldOddities
}
