#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the documents in folders.
enum DocumentFinder {
    /// What is read in a folder where no pattern is given.
    private static let usual = [
        "*.md", "*.markdown", "*.mdx", "*.txt", "*.rst", "*.adoc", "*.asciidoc", "*.html", "*.htm", "*.tex", "*.mmd",
        "*.puml", "*.plantuml", "*.dot", "*.gv", "*.csv", "*.tsv", "*.json", "*.yaml", "*.yml", "*.xml", "*.scxml",
    ]
    /// Folders that hold nothing that a person has written.
    private static let passedOver: Set<String> = ["node_modules", "target", "build", "dist", "__pycache__"]
    /// A folder that several links lead to is read once; so none is read for ever.
    private struct FileIdentity: Hashable {
        let device: dev_t
        let number: ino_t

        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            (device, number) = (status.st_dev, status.st_ino)
        }
    }

    /// The file of that name, or those of the folder of that name, in the order of their names.
    static func paths(_ argument: String, include: [String], exclude: [String]) -> [String] {
        guard argument != "-", isFolder(argument) else { return [argument] }
        var visited: Set<FileIdentity> = []
        return files(in: argument, include.isEmpty ? usual : include, exclude, &visited)
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, R_OK) == 0
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func files(
        in folder: String, _ include: [String], _ exclude: [String], _ visited: inout Set<FileIdentity>
    ) -> [String] {
        guard let identity = FileIdentity(folder), visited.insert(identity).inserted else { return [] }
        var found: [String] = []
        for name in names(in: folder).sorted() where !name.hasPrefix(".") && !passedOver.contains(name) {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            if exclude.contains(where: { matches(name, $0) || matches(path, $0) }) { continue }
            if isFolder(path) {
                found += files(in: path, include, exclude, &visited)
            } else if include.contains(where: { matches(name, $0) || matches(path, $0) }) {
                found.append(path)
            }
        }
        return found
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        unsafe fnmatch(pattern, path, 0) == 0
    }
}
