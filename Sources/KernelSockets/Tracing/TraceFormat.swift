/// Where the fields of an event are, by the kernel's own description: the file `format` beside it.
struct TraceFormat: Hashable {
    struct Field: Hashable {
        let offset: Int
        let size: Int
    }

    let fields: [String: Field]

    /// Reads lines such as `field:__u8 saddr_v6[16]; offset:40; size:16; signed:0;`; others are passed over.
    init(_ text: String) {
        var fields: [String: Field] = [:]
        for line in text.split(separator: "\n") {
            var name: Substring?
            var offset: Int?
            var size: Int?
            for part in line.split(separator: ";") {
                let part = part.drop { $0 == "\t" || $0 == " " }
                if part.hasPrefix("field:") {
                    name = part.split(separator: " ").last?.prefix { $0 != "[" }
                } else if part.hasPrefix("offset:") {
                    offset = Int(part.dropFirst("offset:".count))
                } else if part.hasPrefix("size:") {
                    size = Int(part.dropFirst("size:".count))
                }
            }
            guard let name, let offset, let size, (0..<65536).contains(offset), (0...65536).contains(size) else {
                continue
            }
            fields[String(name)] = Field(offset: offset, size: size)
        }
        self.fields = fields
    }

    /// A field that must be there and be so large.
    func field(_ name: String, size: Int) throws(KernelSocketsError) -> Int {
        guard let field = fields[name] else { throw .noTracepoint("its format has no field '\(name)'") }
        guard field.size == size else {
            throw .noTracepoint("its field '\(name)' has \(field.size) octets and not \(size)")
        }
        return field.offset
    }

    /// The number behind "ID:", by which events tell what they are.
    static func identifier(_ text: String) throws(KernelSocketsError) -> UInt16 {
        for line in text.split(separator: "\n") where line.hasPrefix("ID:") {
            if let number = UInt16(line.dropFirst("ID:".count).drop { $0 == " " }) { return number }
        }
        throw .noTracepoint("its format has no ID")
    }
}
