public import Flows

/// Who takes the records that a replay makes.
///
/// It is called once for what a batch of packets has settled, never once for each packet.
public protocol RecordSink: ~Copyable {
    associatedtype Failure: Error

    /// Takes records in the order in which they were settled.
    mutating func receive(_ records: borrowing [Record]) throws(Failure)

    /// The same; the array is empty afterwards, or another one that is empty.
    mutating func take(_ records: inout [Record]) throws(Failure)

    /// How many records are worth a call, as long as more will come; 1 is what is there if nothing is said.
    var patience: Int { get }
}

extension RecordSink where Self: ~Copyable {
    public mutating func take(_ records: inout [Record]) throws(Failure) {
        try receive(records)
        records.removeAll(keepingCapacity: true)
    }

    public var patience: Int { 1 }
}
