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
    /// A slash, a name, and behind a space or tab anything: `^/NAME(?:[ \t]+(.*))?$`. So a line that
    /// is indented or quoted is none, nor is one within a code fence, whose marks come before it.
    init?(comment text: String) {
        let lines = text.unicodeScalars.split(separator: "\n").lazy.map {
            $0.last == "\r" ? $0.dropLast() : $0
        }
        guard !text.contains(Self.marker),
            let line = lines.first(where: { !$0.allSatisfy(\.isBlank) }), line.first == "/"
        else { return nil }
        self.init(line.dropFirst(), nameEnd: \.isBlank)
    }

    /// The command that a message to us is: the first word, with a slash or without.
    init?(message text: String) {
        let line = Self.trimmed(text.unicodeScalars[...])
        self.init(line.first == "/" ? line.dropFirst() : line, nameEnd: \.isSpace)
    }

    private init?(
        _ line: Substring.UnicodeScalarView, nameEnd: (Unicode.Scalar) -> Bool
    ) {
        guard String(line).utf8.count <= Self.lineBytesMax else { return nil }
        let name = line.prefix { !nameEnd($0) }
        guard let first = name.first, first.properties.isAlphabetic,
            name.allSatisfy(\.isNamePart), String(name).utf8.count <= 64
        else { return nil }
        self.name = String(name)
        arguments = String(Self.trimmed(line.dropFirst(name.count)))
    }

    private static func trimmed(
        _ text: Substring.UnicodeScalarView
    ) -> Substring.UnicodeScalarView {
        var text = text.drop(while: \.isSpace)
        while text.last?.isSpace == true { text.removeLast() }
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
            } else if character.isWhitespace {
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

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
    fileprivate var isSpace: Bool { properties.isWhitespace }
    fileprivate var isNamePart: Bool {
        properties.isAlphabetic || ("0"..."9").contains(self) || self == "-" || self == "_"
            || self == "."
    }
}
