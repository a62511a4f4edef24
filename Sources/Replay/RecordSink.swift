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

    /// Makes text of records without the sink, on any thread; nil where the text depends on more than them.
    var renderer: RecordRenderer? { get }

    /// Takes, instead of records, what its `renderer` made of them.
    mutating func receive(text: [UInt8]) throws(Failure)
}

/// Makes text of records.
public typealias RecordRenderer = @Sendable (_ records: borrowing [Record]) -> [UInt8]

extension RecordSink where Self: ~Copyable {
    public mutating func take(_ records: inout [Record]) throws(Failure) {
        try receive(records)
        records.removeAll(keepingCapacity: true)
    }

    public var patience: Int { 1 }

    public var renderer: RecordRenderer? { nil }

    public mutating func receive(text: [UInt8]) throws(Failure) {}
}
