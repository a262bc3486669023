internal import Yams

/// Reads one YAML document strictly.
///
/// Scalars keep their text, so that only the reader of a value decides what `1.10` is. Anchors,
/// aliases and tags (but `!!str`) are refused: no file of ours needs them, and with them a few
/// lines can stand for gigabytes.
package struct YAMLReader {
    private let file: SourceFile
    private let problems: ProblemList
    /// The keys that were renamed in order to read past their repetition, by their places.
    private let renamedKeys: [KeyPlace: String]

    /// Reads a file's content.
    /// - Parameter name: The path that places show.
    /// - Returns: The document's value; nil for an empty document and after problems that leave
    ///   none, which are then reported.
    package static func read(
        _ content: [UInt8], name: String, problems: ProblemList
    ) -> YAMLNode? {
        guard content.count <= RulesLimits.fileBytesMax else {
            let place = Place(file: SourceFile(name: name, text: ""))
            problems.report(place, "the file is longer than \(RulesLimits.fileBytesMax) bytes")
            return nil
        }
        guard var text = String(validating: content, as: UTF8.self) else {
            let place = Place(file: SourceFile(name: name, text: ""))
            problems.report(place, "the file is not UTF-8")
            return nil
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return read(SourceFile(name: name, text: text), problems: problems)
    }

    private static func read(_ file: SourceFile, problems: ProblemList) -> YAMLNode? {
        guard !hasManyAliases(file.text) else {
            problems.report(Place(file: file), "anchors and aliases are not supported")
            return nil
        }
        do {
            let document = try YAMLDocument(composing: file.text)
            guard let root = document.root else { return nil }
            let reader = YAMLReader(
                file: file, problems: problems, renamedKeys: document.renamedKeys)
            // A node holds its anchor weakly; the document holds the parser that owns it.
            return withExtendedLifetime(document) { reader.node(root, depth: 0) }
        } catch {
            let fault = YAMLFault(error)
            let place = Place(file: file, line: fault.line, column: fault.column)
            problems.report(place, fault.message)
            return nil
        }
    }

    private func node(_ node: Node, depth: Int) -> YAMLNode? {
        let place = place(node.mark)
        guard depth <= RulesLimits.nestingMax else {
            problems.report(place, "nested deeper than \(RulesLimits.nestingMax) levels")
            return nil
        }
        guard node.anchor == nil else {
            problems.report(place, "anchors and aliases are not supported")
            return nil
        }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar, at: place)
        case .sequence(let sequence):
            guard hasNoTag(sequence.tag, at: place) else { return nil }
            return YAMLNode(
                place: place,
                content: .sequence(sequence.compactMap { self.node($0, depth: depth + 1) }))
        case .mapping(let mapping):
            guard hasNoTag(mapping.tag, at: place) else { return nil }
            return YAMLNode(place: place, content: .mapping(members(mapping, depth: depth)))
        case .alias:
            problems.report(place, "anchors and aliases are not supported")
            return nil
        }
    }

    private func scalar(_ scalar: Node.Scalar, at place: Place) -> YAMLNode? {
        let isString = scalar.tag.rawValue == Tag.Name.str.rawValue
        guard isString || hasNoTag(scalar.tag, at: place) else { return nil }
        let style: YAMLScalar.Style =
            switch scalar.style {
            case .singleQuoted: .singleQuoted
            case .doubleQuoted: .doubleQuoted
            case .literal: .literal
            case .folded: .folded
            case .plain, .any: .plain
            }
        return YAMLNode(
            place: place,
            content: .scalar(YAMLScalar(scalar.string, style: style, isString: isString)))
    }

    private func members(_ mapping: Node.Mapping, depth: Int) -> [YAMLMember] {
        var members: [YAMLMember] = []
        var places: [String: Place] = [:]
        for (keyNode, valueNode) in mapping {
            let keyPlace = place(keyNode.mark)
            guard let scalar = keyNode.scalar, keyNode.anchor == nil else {
                problems.report(keyPlace, "a key must be plain text")
                continue
            }
            let key =
                renamedKeys[KeyPlace(line: keyPlace.line, column: keyPlace.column)]
                ?? scalar.string
            if let first = places[key] {
                problems.report(
                    keyPlace, "duplicate key \"\(key)\"; the first is in line \(first.line)")
                continue
            }
            places[key] = keyPlace
            guard let value = node(valueNode, depth: depth + 1) else { continue }
            members.append(YAMLMember(key: key, keyPlace: keyPlace, value: value))
        }
        return members
    }

    private func hasNoTag(_ tag: Tag, at place: Place) -> Bool {
        // "!" is YAML's own way to ask for the plain kind.
        let isPlain = tag.rawValue.isEmpty || tag.rawValue == Tag.Name.nonSpecific.rawValue
        if !isPlain { problems.report(place, "the tag \(tag.rawValue) is not supported") }
        return isPlain
    }

    private func place(_ mark: Mark?) -> Place {
        Place(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}

/// Whether a text names so many anchors again that composing it could take long.
///
/// Composing shares what aliases repeat, but hashes keys, and frees nests, from end to end. Some
/// `*name` in a text or a comment are no aliases; more than a few, with as many anchors of the same
/// names, are.
private func hasManyAliases(_ text: String) -> Bool {
    let aliasesMax = 16
    var anchors: Set<Substring> = []
    var aliasCount = 0
    for word in text.split(whereSeparator: { " \n\r\t,[]{}:".contains($0) }) {
        // A lone sign, as between numbers or in front of a point, is neither.
        guard word.utf8.count > 1 else { continue }
        if word.hasPrefix("&") {
            anchors.insert(word.dropFirst())
        } else if word.hasPrefix("*"), anchors.contains(word.dropFirst()) {
            aliasCount += 1
        }
        if aliasCount > aliasesMax { return true }
    }
    return false
}
