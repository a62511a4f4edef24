public import Foundation

/// What a test needs and a machine may lack.
///
/// With POSTEL_CI=1 what is missing is an error, which fails the test that asked. Without it the test says loudly that
/// it did not run.
public enum Demands {
    /// A demand that was not met where all must be.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether everything must be there.
    public static let areStrict = ProcessInfo.processInfo.environment["POSTEL_CI"] == "1"

    /// A file or folder of the shared reference material (POSTEL_SHARED, or `shared` beside the package); nil if it is
    /// missing, which has then been said.
    public static func shared(_ path: String, test: String = #function) throws -> URL? {
        let url = Places.shared.appendingPathComponent(path)
        let isThere = FileManager.default.fileExists(atPath: url.path)
        return try met(isThere, "\(url.path) is missing; POSTEL_SHARED names another folder", test: test) ? url : nil
    }

    /// Root, which namespaces and the kernel's trace take.
    public static func root(test: String = #function) throws -> Bool {
        try met(getuid() == 0, "it takes root", test: test)
    }

    private static func met(_ isMet: Bool, _ what: String, test: String) throws -> Bool {
        if isMet { return true }
        if areStrict { throw Missing(description: "POSTEL_CI=1, and \(what)") }
        FileHandle.standardError.write(Data("*** DID NOT RUN: \(test): \(what) ***\n".utf8))
        return false
    }
}
