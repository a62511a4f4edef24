/// A place that mentions a state and was not checked.
public struct Unchecked: Hashable, Sendable {
    public var file: String
    public var place: Place
    /// The words there, shortened.
    public var text: String

    public init(file: String, place: Place, text: String) {
        self.file = file
        self.place = place
        self.text = text
    }
}
