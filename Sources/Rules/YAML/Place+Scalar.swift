extension Place {
    /// The place of a character within a scalar's value.
    /// - Parameters:
    ///   - offset: Unicode scalars of the value before the character.
    ///   - node: The scalar; for other nodes its own place is given.
    package init(ofOffset offset: Int, in node: YAMLNode) {
        guard let scalar = node.scalar else {
            self = node.place
            return
        }
        switch scalar.style {
        case .plain, .singleQuoted, .doubleQuoted:
            var walk = FlowScalarWalk(node.place, style: scalar.style)
            walk.advance(by: offset)
            self.init(file: node.place.file, line: walk.line, column: walk.column)
        case .literal, .folded:
            self = blockPlace(ofOffset: offset, in: scalar, at: node.place)
        }
    }
}

/// Goes through the source of a plain or quoted scalar, one character of its value at a time.
private struct FlowScalarWalk {
    private(set) var line: Int
    private(set) var column: Int
    private let style: YAMLScalar.Style
    private let source: Substring.UnicodeScalarView
    private var position: String.Index

    init(_ start: Place, style: YAMLScalar.Style) {
        self.style = style
        line = start.line
        column = start.column
        source = start.file.text(fromLine: start.line).dropFirst(start.column - 1)
        position = source.startIndex
        if style != .plain { step() }
    }

    mutating func advance(by count: Int) {
        var passed = 0
        while passed < count, position < source.endIndex { passed += passValueCharacter() }
    }

    /// - Returns: How many characters of the value were passed; none for an escaped line break.
    private mutating func passValueCharacter() -> Int {
        if let breaks = lineBreaksAhead() {
            passLineBreaks()
            // YAML 1.2.2 §6.5: one break folds into a space, more into all but the first.
            return max(1, breaks - 1)
        }
        let character = source[position]
        step()
        if style == .singleQuoted, character == "'" { step() }
        if style == .doubleQuoted, character == "\\", position < source.endIndex {
            return passEscape()
        }
        return 1
    }

    private mutating func passEscape() -> Int {
        if lineBreaksAhead() != nil {
            passLineBreaks()
            return 0
        }
        let digits =
            switch source[position] {
            case "x": 2
            case "u": 4
            case "U": 8
            default: 0
            }
        for _ in 0...digits { step() }
        return 1
    }

    /// The number of line breaks in the white space ahead, or nil when there is none.
    private func lineBreaksAhead() -> Int? {
        let blanks = source[position...].prefix { " \t\r\n".unicodeScalars.contains($0) }
        let breaks = blanks.count { $0 == "\n" }
        return breaks > 0 ? breaks : nil
    }

    private mutating func passLineBreaks() {
        while position < source.endIndex, " \t\r\n".unicodeScalars.contains(source[position]) {
            step()
        }
    }

    private mutating func step() {
        guard position < source.endIndex else { return }
        if source[position] == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
        position = source.index(after: position)
    }
}

private func blockPlace(ofOffset offset: Int, in scalar: YAMLScalar, at header: Place) -> Place {
    let value = Array(scalar.text.unicodeScalars)
    let lines = header.file.lines(from: header.line + 1)
    guard let first = lines.first(where: { $0.contains { $0 != " " && $0 != "\r" } }) else {
        return header
    }
    // The value's own first spaces are not part of the block's indentation.
    let own = value.drop { $0 == "\n" }.prefix { $0 == " " }.count
    let indentation = max(0, first.prefix { $0 == " " }.count - own)
    var passed = 0
    for (number, line) in lines.enumerated() {
        let content = Array(line.dropFirst(indentation)).filter { $0 != "\r" }
        if scalar.style == .folded {
            // An empty line is part of the line breaks in front of the next one.
            if content.isEmpty { continue }
            while passed < value.count, value[passed] == "\n" || value[passed] == " ",
                !value[passed...].starts(with: content)
            {
                passed += 1
            }
        }
        if offset <= passed + content.count {
            let column = indentation + max(0, offset - passed) + 1
            return Place(file: header.file, line: header.line + 1 + number, column: column)
        }
        passed += content.count + (scalar.style == .literal ? 1 : 0)
    }
    return header
}
