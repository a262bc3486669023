import CEL
import Glibc
import JSON
import Testing

/// The folder of Package.swift.
enum PackageRoot {
    static let path = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/")
}

enum FileBytes {
    /// A file's content, nil when it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }
}

/// A decoder of its own, so that the library's is not tested by itself.
func decodedBase64(_ text: String) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bits = text.utf8.compactMap { alphabet.firstIndex(of: $0) }.flatMap { index in
        (0..<6).map { index >> (5 - $0) & 1 }
    }
    return (0..<(bits.count / 8)).map { byte in
        UInt8(bits[(byte * 8)..<(byte * 8 + 8)].reduce(0) { $0 << 1 | $1 })
    }
}

/// Values of variables by their names; the others have none.
final class Variables: CELActivation {
    let names: [String]
    private let values: [CELValue]

    init(_ values: [(String, CELValue)] = []) {
        names = values.map(\.0)
        self.values = values.map(\.1)
    }

    func value(ofVariable slot: Int) -> CELValue? {
        values.indices.contains(slot) ? values[slot] : nil
    }
}

/// The value of an expression over `body`, a JSON text.
/// - Parameter isChecked: Whether the checker comes first, as it does in rules; without it, what an
///   evaluation does with operands of the wrong type can be seen.
func evaluated(
    _ source: String, body: String? = nil, _ values: [(String, CELValue)] = [],
    limits: CELLimits = CELLimits(), isChecked: Bool = false
) throws -> CELValue {
    var values = values
    if let body {
        values.append(("body", CELValue(json: try JSONDocument(parsing: Array(body.utf8)).root)))
    }
    let variables = Variables(values)
    return try CELEnvironment(variables: variables.names, limits: limits)
        .compile(source, unknownNames: isChecked ? .refused : .evaluationError)
        .evaluate(variables)
}

/// Whether an expression is true.
func isTrue(_ source: String, body: String? = nil, _ values: [(String, CELValue)] = []) throws
    -> Bool
{
    try evaluated(source, body: body, values).boolValue == true
}

/// The error of an expression, nil when it has a value.
func failure(
    _ source: String, body: String? = nil, _ values: [(String, CELValue)] = [],
    limits: CELLimits = CELLimits()
) -> CELError? {
    do {
        _ = try evaluated(source, body: body, values, limits: limits)
        return nil
    } catch {
        return error as? CELError
    }
}
