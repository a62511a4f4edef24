public import Flows

/// Who takes the records that a replay makes.
///
/// It is called once for what a batch of packets has settled, never once for each packet.
public protocol RecordSink: ~Copyable {
    associatedtype Failure: Error

    /// Takes records in the order in which they were settled.
    mutating func receive(_ records: borrowing [Record]) throws(Failure)
}
