import CEL
import JSON
import Testing

/// The conformance suite of cel-spec, kept next to the checkout (../shared/data/cel/FORMAT.md).
@Suite struct ConformanceTests {
    // Skipped on a fresh clone, where the data is absent; the other suites do not need it.
    @Test(.enabled(if: ConformanceData.isPresent, "no ../shared/data/cel/dev.json: skipped"))
    func `every test passes but those of the list of misses`() throws {
        let document = try ConformanceData.document()
        let tests = try #require(document.root["tests"])
        var failures: [String] = []
        var passedMisses: [String] = []
        var count = 0
        for test in tests.elements {
            let name = test["id"]?.string ?? ""
            count += 1
            let failure = ConformanceData.failure(of: test)
            if ConformanceData.isMiss(name, test) {
                if failure == nil { passedMisses.append(name) }
            } else if let failure {
                failures.append("\(name): \(test["expr"]?.string ?? ""): \(failure)")
            }
        }
        #expect(count == 1203)
        #expect(failures == [])
        #expect(passedMisses == [])
    }
}

/// Reads and runs tests of the suite.
private enum ConformanceData {
    static let path = PackageRoot.path + "/../shared/data/cel/dev.json"
    static var isPresent: Bool { FileBytes.read(path) != nil }

    /// Whole sections that are out of scope, each with its reason.
    private static let missedPrefixes = [
        // The network extension is not part of this library; the section's tests that expect an
        // error pass, since its functions are unknown.
        "network_ext/"
    ]

    static func isMiss(_ id: String, _ test: JSONValue) -> Bool {
        test["expect"]?["error"] == nil && missedPrefixes.contains { id.hasPrefix($0) }
    }

    static func document() throws -> JSONDocument {
        try JSONDocument(parsing: try #require(FileBytes.read(path)))
    }

    /// What went wrong, or nil: as `hookline eval --lines` runs an expression.
    static func failure(of test: JSONValue) -> String? {
        guard let expected = test["expect"] else { return "malformed test" }
        do {
            let outcome = try ExpressionLine(test).evaluate()
            if expected["error"] != nil { return "an error expected, got \(outcome)" }
            if let type = expected["deduced_type"] {
                var none: [String: Int] = [:]
                let wanted = StaticType(type, typeParameters: &none)
                guard outcome.type == wanted else { return "the type is \(outcome)" }
            }
            guard let value = expected["value"] else { return nil }
            guard let result = outcome.value else { return "no value" }
            return equals(value, result) ? nil : "got \(result)"
        } catch let error as CELError {
            return expected["error"] != nil ? nil : "\(error)"
        } catch {
            return "\(error)"
        }
    }

    private static func seconds(_ json: JSONValue) -> Int64 {
        Int64(json["seconds"]?.string ?? "") ?? 0
    }

    private static func nanoseconds(_ json: JSONValue) -> Int64 { json["nanos"]?.int ?? 0 }

    /// Whether a result has the kind and the value that the suite expects.
    private static func equals(_ expected: JSONValue, _ actual: CELValue) -> Bool {
        guard let (kind, content) = expected.members.first(where: { _ in true }) else {
            return false
        }
        let text = content.string ?? ""
        switch (kind.string ?? "", actual) {
        case ("null", .null): return true
        case ("bool", .bool(let value)): return content.bool == value
        case ("int", .int(let value)): return String(value) == text
        case ("uint", .uint(let value)): return String(value) == text
        case ("double", .double(let value)):
            guard let wanted = Double(text) else { return false }
            return wanted.isNaN ? value.isNaN : wanted == value && wanted.sign == value.sign
        case ("string", _):
            return actual.stringValue.map { Array($0.utf8) == Array(text.utf8) } ?? false
        case ("bytes", .bytes(let value)): return decodedBase64(text) == value
        case ("type", .type(let value)): return value.rawValue == text
        case ("list", .list(let values)):
            let wanted = Array(content.elements)
            return wanted.count == values.count && zip(wanted, values).allSatisfy { equals($0, $1) }
        case ("map", .map(let map)):
            let wanted = content.elements.map { Array($0.elements) }
            return wanted.count == map.entries.count
                && wanted.allSatisfy { pair in
                    map.entries.contains { equals(pair[0], $0.key) && equals(pair[1], $0.value) }
                }
        case ("timestamp", .timestamp(let seconds, let nanoseconds)):
            return self.seconds(content) == seconds && self.nanoseconds(content) == nanoseconds
        case ("duration", .duration(let nanoseconds)):
            return self.seconds(content) * 1_000_000_000 + self.nanoseconds(content) == nanoseconds
        default: return false
        }
    }
}
