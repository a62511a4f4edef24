import Foundation

/// A validator for the part of JSON Schema (draft 2020-12) that the project's schemas use, and that of SARIF (draft 4).
///
/// A keyword that it does not know is an error in the schema: nothing is silently unchecked.
public struct JSONSchema: Sendable {
    private let root: JSONValue
    private static let annotations: Set<String> = [
        "$schema", "id", "title", "description", "$defs", "definitions", "default",
    ]

    public init(_ root: JSONValue) {
        self.root = root
    }

    /// What is wrong with a value; empty if it is valid.
    public func errors(in value: JSONValue) -> [String] {
        check(value, root, at: "$")
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
        guard case .object(let keywords) = schema else { return ["\(path): the schema is no object"] }
        return keywords.flatMap { keyword, argument in
            check(value, keyword, argument, keywords, at: path)
        }
    }

    private func check(
        _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ keywords: [String: JSONValue], at path: String
    ) -> [String] {
        switch (keyword, argument) {
        case ("$ref", .string(let name)):
            guard let target = resolve(name) else { return ["\(path): \(name) leads nowhere"] }
            return check(value, target, at: path)
        case ("type", .string), ("type", .array):
            let names = if case .array(let names) = argument { names.compactMap(\.string) } else { [argument.string!] }
            return names.contains { isOfType($0, value) } ? [] : ["\(path): \(value) is not \(names)"]
        case ("const", _):
            return value == argument ? [] : ["\(path): \(value) is not \(argument)"]
        case ("enum", .array(let values)):
            return values.contains(value) ? [] : ["\(path): \(value) is not among \(values)"]
        case ("anyOf", .array(let schemas)):
            let fits = schemas.contains { check(value, $0, at: path).isEmpty }
            return fits ? [] : ["\(path): \(value) fits no alternative"]
        case ("oneOf", .array(let schemas)):
            let fitting = schemas.count { check(value, $0, at: path).isEmpty }
            return fitting == 1 ? [] : ["\(path): \(value) fits \(fitting) alternatives, not one"]
        case ("format", .string(let name)):
            guard let text = value.string else { return [] }
            return hasFormat(name, text) ? [] : ["\(path): '\(text)' is no \(name)"]
        case ("minimum", .number(let bound)):
            return value.number.map { $0 >= bound } ?? true ? [] : ["\(path): \(value) is below \(bound)"]
        case ("maximum", .number(let bound)):
            return value.number.map { $0 <= bound } ?? true ? [] : ["\(path): \(value) is above \(bound)"]
        case ("minLength", .number(let bound)):
            return value.string.map { Double($0.count) >= bound } ?? true ? [] : ["\(path): '\(value)' is too short"]
        case ("pattern", .string(let pattern)):
            guard let text = value.string else { return [] }
            let fits = text.range(of: pattern, options: .regularExpression) != nil
            return fits ? [] : ["\(path): '\(text)' is not \(pattern)"]
        case ("minItems", .number(let bound)):
            guard case .array(let items) = value else { return [] }
            return Double(items.count) >= bound ? [] : ["\(path): too few items"]
        case ("uniqueItems", .bool(false)): return []
        case ("uniqueItems", .bool(true)):
            guard case .array(let items) = value else { return [] }
            return Set(items).count == items.count ? [] : ["\(path): an item occurs twice"]
        case ("items", .object):
            guard case .array(let items) = value else { return [] }
            return items.enumerated().flatMap { check($1, argument, at: "\(path)[\($0)]") }
        case ("properties", .object(let properties)):
            guard case .object(let members) = value else { return [] }
            return properties.flatMap { name, schema in
                members[name].map { check($0, schema, at: "\(path).\(name)") } ?? []
            }
        case ("required", .array(let names)):
            guard case .object(let members) = value else { return [] }
            return names.compactMap(\.string).filter { members[$0] == nil }.map { "\(path): \($0) is missing" }
        case ("additionalProperties", _):
            return checkOthers(value, argument, keywords, at: path)
        default:
            return JSONSchema.annotations.contains(keyword) ? [] : ["\(path): unknown keyword \(keyword): \(argument)"]
        }
    }

    /// The members that `properties` does not name.
    private func checkOthers(
        _ value: JSONValue, _ argument: JSONValue, _ keywords: [String: JSONValue], at path: String
    ) -> [String] {
        guard case .object(let members) = value else { return [] }
        var named: Set<String> = []
        if case .object(let properties)? = keywords["properties"] { named = Set(properties.keys) }
        let others = members.filter { !named.contains($0.key) }
        if argument == .bool(false) { return others.keys.map { "\(path): \($0) is not in the schema" } }
        return others.flatMap { check($1, argument, at: "\(path).\($0)") }
    }

    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(root)) { $0?[String($1)] }
    }

    private func hasFormat(_ name: String, _ text: String) -> Bool {
        switch name {
        case "uri": URL(string: text, encodingInvalidCharacters: false)?.scheme != nil
        case "uri-reference": URL(string: text, encodingInvalidCharacters: false) != nil
        case "date-time": (try? Date(text, strategy: .iso8601)) != nil
        default: false
        }
    }

    private func isOfType(_ name: String, _ value: JSONValue) -> Bool {
        switch (name, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("number", .number):
            true
        case ("integer", .number(let number)):
            number == number.rounded()
        default:
            false
        }
    }
}
