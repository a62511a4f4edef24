import Capture

/// Puts files in the order of their first packets, so that a connection goes on from one rotated file to the next.
///
/// Standard input cannot be looked into beforehand and comes last. So do files in which no packet can be read, in the
/// order in which they were named: what is wrong with them is said when they are opened again.
func inOrderOfFirstStamp(_ paths: [String]) -> [String] {
    guard paths.count > 1 else { return paths }
    let stamps = paths.map { path in path == "-" ? Int64.max : firstStamp(path) ?? Int64.max }
    return paths.indices
        .sorted { left, right in (stamps[left], left) < (stamps[right], right) }
        .map { paths[$0] }
}

private func firstStamp(_ path: String) -> Int64? {
    do throws(CaptureError) {
        return try CaptureFile.firstTime(path: path)
    } catch {
        return nil
    }
}
