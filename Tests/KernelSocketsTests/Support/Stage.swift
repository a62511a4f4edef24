import KernelSockets
import TestSupport

extension Stage {
    func namespace() throws -> NetworkNamespace { try .ofProcess(number) }
}

/// What the namespace's own tools say.
func inside(_ process: Int32, _ line: String) throws -> String {
    let result = try shell("nsenter -t \(process) -n \(line)")
    guard result.status == 0 else { throw Stage.Failure(description: "\(line): \(result.error)") }
    return result.output
}
