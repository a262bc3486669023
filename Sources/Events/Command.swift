internal import CEL

/// A command in a comment's or a message's text: `/train churn lr=0.1`.
struct Command: Equatable {
    /// Without its slash.
    let name: String
    /// All behind the name, as it is written.
    let arguments: String

    /// The longest line that is read as a command, in bytes.
    static let lineBytesMax = 4096
    /// The most words of a command.
    static let wordsMax = 256
    /// What our own comments carry, so that we never answer ourselves.
    static let marker = "<!-- hookline -->"

    init(name: String, arguments: String) {
        self.name = name
        self.arguments = arguments
    }

    /// The command in a comment's first line that is not blank; nil when there is none.
    ///
    /// A quotation's line begins with `>` and a code fence's with its marks, so neither is one.
    init?(comment text: String) {
        guard !text.contains(Self.marker),
            let line = text.split(whereSeparator: \.isNewline).lazy
                .map({ Self.trimmed($0[...], ending: true) }).first(where: { !$0.isEmpty }),
            line.utf8.first == UInt8(ascii: "/")
        else { return nil }
        self.init(line: line.dropFirst())
    }

    /// The command that a message to us is: the first word, with a slash or without.
    init?(message text: String) {
        let line = Self.trimmed(text[...], ending: true)
        self.init(line: line.utf8.first == UInt8(ascii: "/") ? line.dropFirst() : line)
    }

    private init?(line: Substring) {
        guard line.utf8.count <= Self.lineBytesMax else { return nil }
        let name = line.prefix { !$0.isBlank }
        guard let first = name.unicodeScalars.first, first.properties.isAlphabetic,
            name.utf8.count <= 64, name.unicodeScalars.allSatisfy(\.isNamePart)
        else { return nil }
        self.name = String(name)
        arguments = String(Self.trimmed(line.dropFirst(name.count), ending: true))
    }

    private static func trimmed(_ text: Substring, ending: Bool) -> Substring {
        var text = text.drop { $0.isBlank || $0.isNewline }
        while ending, let last = text.last, last.isBlank || last.isNewline { text.removeLast() }
        return text
    }

    /// The words of the arguments. Quotation marks of either kind hold a word together, within
    /// double ones a backslash takes the next character for itself; nothing else is special, and a
    /// mark that is not closed ends with the text.
    var words: [String] {
        var words: [String] = []
        var word = ""
        var isInWord = false
        var quote: Character?
        var isEscaped = false
        for character in arguments {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if let open = quote {
                if character == open {
                    quote = nil
                } else if character == "\\", open == "\"" {
                    isEscaped = true
                } else {
                    word.append(character)
                }
            } else if character == "\"" || character == "'" {
                quote = character
                isInWord = true
            } else if character.isBlank || character.isNewline {
                if isInWord { words.append(word) }
                word = ""
                isInWord = false
                if words.count == Self.wordsMax { return words }
            } else {
                word.append(character)
                isInWord = true
            }
        }
        if isInWord { words.append(word) }
        return words
    }

    /// The words of the form `name=value`; of repeated names the last counts.
    func parameters(_ words: [String]) -> [(String, CELValue)] {
        words.compactMap { word in
            guard let mark = word.firstIndex(of: "="), mark > word.startIndex else { return nil }
            return (String(word[..<mark]), .string(String(word[word.index(after: mark)...])))
        }
    }

    /// The event's `command`.
    /// - Parameters:
    ///   - parameters: Where the sender gives them apart; else those among the words.
    ///   - reply: Where a later answer can go.
    func value(
        channel: CELValue? = nil, thread: CELValue? = nil,
        parameters: [(String, CELValue)]? = nil, reply: CELValue? = nil
    ) -> CELValue {
        let words = words
        return .object(
            EventObject([
                ("name", .string(name)), ("args", .string(arguments)),
                ("argv", .list(words.map { .string($0) })),
                ("params", .map(from: parameters ?? self.parameters(words))),
                ("channel", channel), ("thread", thread), ("reply", reply),
            ]))
    }

    /// What an event says of later answers; never an address, which would be a secret.
    static func reply(how: String, uses: Int64?, expiresAt: Int64?) -> CELValue {
        .object(
            EventObject([
                ("how", .string(how)),
                ("expires_at", expiresAt.map { .timestamp(seconds: $0, nanoseconds: 0) }),
                ("uses", uses.map { .int($0) }),
            ]))
    }
}

extension Character {
    /// A space or a tab.
    fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\u{A0}" }
}

extension Unicode.Scalar {
    fileprivate var isNamePart: Bool {
        properties.isAlphabetic || ("0"..."9").contains(self) || self == "-" || self == "_"
            || self == "."
    }
}
