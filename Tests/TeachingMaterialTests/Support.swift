import Foundation
import TCPStateMachine
import TestSupport

@testable import TeachingMaterial

/// What the verifier says of a text: `line severity code`, in order.
func findings(in text: String, name: String = "notes.md", profile: Profile.Name? = nil) -> [String] {
    Verifier(profile: profile).verify(Document(name: name, text: text)).diagnostics.map {
        "\($0.place.line) \($0.severity.name) \($0.code.name)"
    }
}
