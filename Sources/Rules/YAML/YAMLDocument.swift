internal import Yams

/// The place of a key: line and column, 1-based.
struct KeyPlace: Hashable {
    let line: Int
    let column: Int
}

/// A composed document.
///
/// Yams gives up at the first mapping with a repeated key, and so would hide every other problem of
/// the file. The first of two equal keys is therefore renamed in a copy of the text, without moving
/// anything, and the copy is composed; the reader then finds the repetition itself.
struct YAMLDocument {
    let root: Node?
    /// What renamed keys are called in the file.
    let renamedKeys: [KeyPlace: String]
    private let parser: Parser

    /// More repetitions than this are told as one problem.
    private static let renamedMax = 16

    /// - Throws: Yams' errors.
    init(composing text: String) throws {
        var text = text
        var renamed: [KeyPlace: String] = [:]
        while true {
            // The basic resolver leaves plain scalars alone: no regular expression is run over
            // keys, and `1` and "1" are the same key, as all our keys are strings.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            do {
                root = try parser.singleRoot()
                renamedKeys = renamed
                self.parser = parser
                return
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let place = KeyPlace(line: context.mark.line, column: context.mark.column)
                guard let key = keys.first, renamed.count < Self.renamedMax,
                    let copy = renaming(keyAt: place, in: text, number: renamed.count)
                else {
                    throw YamlError.duplicatedKeysInMapping(duplicates: keys, context: context)
                }
                renamed[place] = renamed[place] ?? key
                text = copy
            }
        }
    }
}

/// The text with one character of a key replaced by one that no other key has.
private func renaming(keyAt place: KeyPlace, in text: String, number: Int) -> String? {
    var scalars = text.unicodeScalars
    guard var position = start(of: place, in: scalars) else { return nil }
    if scalars[position] == "\"" || scalars[position] == "'" {
        position = scalars.index(after: position)
    }
    guard position < scalars.endIndex,
        !"\"'\\!&?|>{[\r\n".unicodeScalars.contains(scalars[position]),
        let replacement = Unicode.Scalar(0xE000 + UInt32(number))
    else { return nil }
    scalars.replaceSubrange(position...position, with: CollectionOfOne(replacement))
    return String(scalars)
}

private func start(
    of place: KeyPlace, in scalars: String.UnicodeScalarView
) -> String.Index? {
    var line = 1
    var position = scalars.startIndex
    while line < place.line {
        guard let lineBreak = scalars[position...].firstIndex(of: "\n") else { return nil }
        position = scalars.index(after: lineBreak)
        line += 1
    }
    let found = scalars.index(position, offsetBy: place.column - 1, limitedBy: scalars.endIndex)
    return found == scalars.endIndex ? nil : found
}

/// What an error of Yams says, and where.
struct YAMLFault {
    let line: Int
    let column: Int
    let message: String

    init(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            self.init(mark, "not valid YAML: \(problem)")
        case .composer(let context, let problem, let mark, _):
            let isSecond = context?.text.contains("single document") == true
            self.init(
                mark,
                isSecond
                    ? "a second YAML document; expected one a file" : "not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            self.init(context.mark, "duplicate key \"\(keys.first ?? "")\"")
        case .reader(let problem, let offset, _, let text):
            self.init("not valid YAML: \(problem)", offset: offset ?? 0, in: text)
        default:
            self.init(nil, "not valid YAML")
        }
    }

    private init(_ mark: Mark?, _ message: String) {
        line = mark?.line ?? 1
        column = mark?.column ?? 1
        self.message = message
    }

    private init(_ message: String, offset: Int, in text: String) {
        let before = text.prefix(offset)
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        line = max(lines.count, 1)
        column = (lines.last?.unicodeScalars.count ?? 0) + 1
        self.message = message
    }
}
