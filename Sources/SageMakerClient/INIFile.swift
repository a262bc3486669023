/// A file of AWS's shared configuration: sections of `key = value` lines.
///
/// A line that begins further to the right than the key above continues that key's value, or, where
/// that is empty, is a key of its own within it: `sagemaker =` with `  endpoint_url = …` below is kept as
/// `sagemaker.endpoint_url`. A `#` or `;` begins a comment at the start of a line and behind
/// white space. Of repeated keys the last counts, and repeated sections are one.
/// Source: "Shared config and credentials files", AWS SDKs reference guide.
package struct INIFile: Sendable, Equatable {
    /// The settings of each section, by their keys in lower case.
    package private(set) var sections: [String: [String: String]] = [:]

    /// - Parameters:
    ///   - bytes: UTF-8, with or without a byte order mark.
    ///   - path: The file's path, for errors.
    /// - Throws: ``SageMakerClientError`` with the line, but never with its content.
    package init(parsing bytes: [UInt8], path: String) throws(SageMakerClientError) {
        guard bytes.count <= SageMakerClientLimits.fileBytesMax else {
            throw .fileTooLarge(path: path, limit: SageMakerClientLimits.fileBytesMax)
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        var reader = Reader()
        let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (position, line) in lines.enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard let text = String(validating: line, as: UTF8.self), !text.utf8.contains(0) else {
                throw .malformedLine(path: path, line: position + 1, expected: "UTF-8 text")
            }
            if let expected = reader.read(text) {
                throw .malformedLine(path: path, line: position + 1, expected: expected)
            }
        }
        sections = reader.sections
    }

    /// What is known while the lines are read one after the other.
    private struct Reader {
        var sections: [String: [String: String]] = [:]
        private var section: String?
        private var key: String?
        /// How far the line of the key is indented, in bytes of white space.
        private var indent = 0

        /// - Returns: What was expected instead, for a line that cannot be read.
        mutating func read(_ line: String) -> String? {
            let content = trimmed(withoutComment(line))
            if content.isEmpty { return nil }
            let indent = line.utf8.prefix { Optional($0).isWhiteSpace }.count
            if key != nil, indent > self.indent { return readContinuation(content) }
            // As in botocore's parser, keys may all be indented.
            self.indent = indent
            return content.hasPrefix("[") ? readSection(content) : readSetting(content)
        }

        private mutating func readSection(_ line: Substring) -> String? {
            let name = trimmed(line.dropFirst().dropLast())
            guard line.hasSuffix("]"), !name.isEmpty else { return "[section]" }
            // `[profile "a b"]` quotes a name with a space, and runs of white space are one space.
            let words = name.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
                .map { unquoted(trimmed($0)) }
            let joined = words.joined(separator: " ")
            guard !joined.isEmpty else { return "[section]" }
            section = joined
            key = nil
            if sections[joined] == nil { sections[joined] = [:] }
            return nil
        }

        private mutating func readSetting(_ line: Substring) -> String? {
            guard let section else { return "a [section] before the first key" }
            guard let (name, value) = setting(line) else { return "key = value" }
            key = name
            sections[section]?[name] = value
            return nil
        }

        private mutating func readContinuation(_ line: Substring) -> String? {
            // A continuation is only looked for behind a key.
            guard let section, let key else { return "key = value" }
            let value = sections[section]?[key] ?? ""
            guard value.isEmpty else {
                sections[section]?[key] = "\(value)\n\(line)"
                return nil
            }
            guard let (name, nested) = setting(line) else { return "key = value" }
            sections[section]?["\(key).\(name)"] = nested
            return nil
        }
    }
}

private func setting(_ line: Substring) -> (key: String, value: String)? {
    let halves = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let key = trimmed(halves[0])
    guard halves.count == 2, !key.isEmpty else { return nil }
    return (key.lowercased(), String(trimmed(halves[1])))
}

private func withoutComment(_ line: String) -> Substring {
    var before: UInt8?
    for index in line.utf8.indices {
        let byte = line.utf8[index]
        let isMark = byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
        if isMark, before == nil || before.isWhiteSpace { return line[..<index] }
        before = byte
    }
    return line[...]
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.utf8.first.isWhiteSpace { text = text.dropFirst() }
    while text.utf8.last.isWhiteSpace { text = text.dropLast() }
    return text
}

private func unquoted(_ text: Substring) -> Substring {
    for quote in ["\"", "'"] where text.hasPrefix(quote) && text.hasSuffix(quote) {
        if text.utf8.count >= 2 { return text.dropFirst().dropLast() }
    }
    return text
}

extension UInt8? {
    fileprivate var isWhiteSpace: Bool { self == 0x20 || self == 0x09 }
}
