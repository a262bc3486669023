/// A mapping whose keys are known ones.
package struct YAMLFields {
    package let place: Place
    private let what: String
    private let members: [YAMLMember]
    private let problems: ProblemList

    /// Checks that a node is a mapping, and reports its unknown keys.
    /// - Parameters:
    ///   - what: The mapping's name with its article, for messages: `a rule`.
    ///   - keys: All keys that the mapping can have.
    /// - Returns: Nil when the node is no mapping, which is then reported.
    package init?(_ node: YAMLNode, _ what: String, keys: [String], problems: ProblemList) {
        guard case .mapping(let members) = node.content else {
            problems.report(
                node.place,
                "expected \(what) as a mapping with \(alternatives(keys)), not \(node.kindName)")
            return nil
        }
        problems.note(node.place) { $0.keys = keys }
        for member in members where !keys.contains(member.key) {
            problems.report(
                member.keyPlace,
                "unknown key \"\(printable(member.key))\""
                    + suggestion(for: member.key, among: keys))
        }
        place = node.place
        self.what = what
        self.members = members
        self.problems = problems
    }

    /// The value of a key, or nil without one.
    package subscript(_ key: String) -> YAMLNode? {
        members.first { $0.key == key }?.value
    }

    /// The key's own place, or the mapping's without one.
    package func place(ofKey key: String) -> Place {
        members.first { $0.key == key }?.keyPlace ?? place
    }

    /// The value of a key; a missing one is reported.
    package func required(_ key: String) -> YAMLNode? {
        problems.note(place) { $0.requiredKeys.append(key) }
        if let node = self[key] { return node }
        problems.report(place, "\(what) needs the key \"\(key)\"")
        return nil
    }
}

extension YAMLNode {
    /// A text; anything else is reported.
    /// - Parameter what: What the text is, with its article: `a rule name`.
    package func text(_ what: String, _ problems: ProblemList) -> String? {
        problems.note(place) { note in
            note.description = what
            note.types = ["string"]
        }
        guard let scalar, scalar.kind == .string else {
            let hint = scalar != nil && !isNull ? "; put it in quotes" : ""
            problems.report(place, "expected \(what) as text, not \(kindName)\(hint)")
            return nil
        }
        return scalar.text
    }

    /// The text of any scalar but null, as it is written; anything else is reported.
    package func writtenText(_ what: String, _ problems: ProblemList) -> String? {
        problems.note(place) { note in
            note.description = what
            note.types = ["string", "number", "boolean"]
        }
        guard let scalar, scalar.kind != .null else {
            problems.report(place, "expected \(what), not \(kindName)")
            return nil
        }
        return scalar.text
    }

    /// One of several words; anything else is reported.
    package func word<Word: RawRepresentable & CaseIterable>(
        _ what: String, _ problems: ProblemList
    ) -> Word? where Word.RawValue == String {
        guard let text = text(what, problems) else { return nil }
        problems.note(place) { note in
            note.description = nil
            note.words = Word.allCases.map(\.rawValue)
        }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        problems.report(
            place,
            "\(what) cannot be \"\(printable(text))\"" + suggestion(for: text, among: words))
        return nil
    }

    /// An integer within a range; anything else is reported.
    package func integer(
        _ what: String, in range: ClosedRange<Int>, _ problems: ProblemList
    ) -> Int? {
        problems.note(place) { note in
            note.description = what
            note.types = ["integer"]
            note.range = range
        }
        guard let value = scalar?.integer.flatMap({ Int(exactly: $0) }), range.contains(value)
        else {
            let found =
                switch scalar?.kind {
                case .string: "the text \"\(printable(scalar?.text ?? ""))\""
                case .integer, .float, .bool: printable(scalar?.text ?? "")
                case .null, nil: kindName
                }
            problems.report(
                place,
                "expected \(what) from \(range.lowerBound) to \(range.upperBound), not \(found)")
            return nil
        }
        return value
    }

    /// The elements of a list; any other node, but null, is a list of itself.
    package func oneOrMore(_ what: String, _ problems: ProblemList) -> [YAMLNode] {
        problems.note(place) { note in
            note.description = what
            note.isOneOrMore = true
        }
        if case .sequence(let elements) = content { return elements }
        guard !isNull else {
            problems.report(place, "expected \(what), one or a list, not null")
            return []
        }
        return [self]
    }

    /// The elements of a list; any other node is reported.
    package func elements(_ what: String, _ problems: ProblemList) -> [YAMLNode]? {
        problems.note(place) { note in
            note.description = what
            note.isList = true
        }
        if case .sequence(let elements) = content { return elements }
        problems.report(place, "expected a list of \(what), not \(kindName)")
        return nil
    }

    /// The members of a mapping; any other node is reported.
    package func members(_ what: String, _ problems: ProblemList) -> [YAMLMember]? {
        problems.note(place) { note in
            note.description = what
            note.isMap = true
        }
        if case .mapping(let members) = content { return members }
        problems.report(place, "expected \(what) as a mapping, not \(kindName)")
        return nil
    }
}

/// A foreign text as a message may repeat it: on one line, without control characters, shortened.
package func printable(_ text: String) -> String {
    let charactersMax = 64
    var printed = ""
    for (position, scalar) in text.unicodeScalars.enumerated() {
        if position == charactersMax { return printed + "…" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            printed += "\\u{\(String(scalar.value, radix: 16))}"
        default: printed.unicodeScalars.append(scalar)
        }
    }
    return printed
}
