/// Members of JSON texts whose values must not be kept: tokens and the like, by their paths.
///
/// A masked text is the same text but for those values. It is not written anew, so what else it
/// says, and how, stays as its author wrote it.
package struct JSONMask: Sendable, Equatable {
    /// What stands in a value's place.
    package static let replacement = "<redacted>"

    /// Each one's member names, from the outermost on.
    private let paths: [[String]]

    /// - Parameter paths: Member names with a point between them, such as `project.token`; `*` is
    ///   any name. A path goes through an array to each of its elements.
    package init(_ paths: [String]) {
        self.paths = paths.map { path in path.split(separator: ".").map { String($0) } }
        precondition(self.paths.allSatisfy { !$0.isEmpty }, "a path names a member")
    }

    package var isEmpty: Bool { paths.isEmpty }

    /// Whether the value of an outermost member of this name is masked.
    package func covers(_ name: some Sequence<UInt8>) -> Bool {
        paths.contains { $0.count == 1 && $0[0].utf8.elementsEqual(name) }
    }

    /// Whether a text may have something to mask, as far as its outermost members show.
    package func concerns(_ root: JSONValue) -> Bool {
        paths.contains { $0[0] == "*" || root[$0[0]] != nil }
    }

    /// A text without the values of its masked members, every one of repeated names included.
    /// - Parameter text: JSON; of any other text, which nothing has parsed, parts may be kept.
    /// - Returns: Nil where there is nothing to mask. A null stays.
    package func masked(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var scanner = MaskScanner(bytes: text)
        scanner.scan(paths.map { $0[...] })
        guard !scanner.found.isEmpty else { return nil }
        let replacement = Array("\"\(Self.replacement)\"".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(text.count + scanner.found.count * replacement.count)
        var copied = 0
        for range in scanner.found {
            output += text[copied..<range.lowerBound]
            output += replacement
            copied = range.upperBound
        }
        return output + text[copied...]
    }

    /// A text held in an array, masked.
    package func masked(_ text: [UInt8]) -> [UInt8]? { text.withUnsafeBytes { masked($0) } }
}

/// Finds the values at paths of a JSON text. Goes no deeper than the paths do; all else is skipped.
private struct MaskScanner {
    let bytes: UnsafeRawBufferPointer
    private(set) var found: [Range<Int>] = []
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Scans the value at hand.
    /// - Parameter paths: What is left of each path that leads into it.
    mutating func scan(_ paths: [ArraySlice<String>]) {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): scanObject(paths)
        case UInt8(ascii: "["): scanArray(paths)
        default: skipValue()
        }
    }

    private mutating func scanArray(_ paths: [ArraySlice<String>]) {
        position += 1
        while let byte = nextAfterBlanks, byte != UInt8(ascii: "]") {
            let start = position
            if byte == UInt8(ascii: "{") { scanObject(paths) } else { skipValue() }
            skipSeparator(after: start)
        }
        position += 1
    }

    private mutating func scanObject(_ paths: [ArraySlice<String>]) {
        position += 1
        while let byte = nextAfterBlanks, byte != UInt8(ascii: "}") {
            let start = position
            skipValue()
            let inner = behind(start..<min(position, bytes.count), paths)
            skipBlanks()
            if next == UInt8(ascii: ":") { position += 1 }
            scanMember(inner)
            skipSeparator(after: start)
        }
        position += 1
    }

    private mutating func scanMember(_ paths: [ArraySlice<String>]) {
        skipBlanks()
        guard paths.contains(where: \.isEmpty) else {
            return paths.isEmpty ? skipValue() : scan(paths)
        }
        let start = position
        skipValue()
        let value = start..<min(position, bytes.count)
        if !value.isEmpty, !bytes[value].elementsEqual("null".utf8) { found.append(value) }
    }

    /// What is left of the paths that lead into the member whose quoted name is here.
    private func behind(
        _ range: Range<Int>, _ paths: [ArraySlice<String>]
    ) -> [ArraySlice<String>] {
        let quoted = UnsafeRawBufferPointer(rebasing: bytes[range])
        // Most members are none of them: nothing is allocated for those.
        var inner: [ArraySlice<String>] = []
        if quoted.contains(UInt8(ascii: "\\")) {
            let name = (try? JSONDocument(parsing: quoted))?.root.string
            for path in paths where path.first == "*" || path.first == name {
                inner.append(path.dropFirst())
            }
            return inner
        }
        let name = quoted.dropFirst().dropLast()
        for path in paths {
            guard let first = path.first, first == "*" || first.utf8.elementsEqual(name) else {
                continue
            }
            inner.append(path.dropFirst())
        }
        return inner
    }

    // MARK: - Skipping

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private var nextAfterBlanks: UInt8? {
        mutating get {
            skipBlanks()
            return next
        }
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    /// - Parameter start: Where the element began: a text that is no JSON must end all the same.
    private mutating func skipSeparator(after start: Int) {
        skipBlanks()
        if next == UInt8(ascii: ",") || position == start { position += 1 }
    }

    private mutating func skipValue() {
        var depth = 0
        repeat {
            switch next {
            case nil: return
            case UInt8(ascii: "\"")?: skipString()
            case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
                depth += 1
                position += 1
            case UInt8(ascii: "}")?, UInt8(ascii: "]")?:
                // One that nothing has opened is the end of what the value is in.
                guard depth > 0 else { return }
                depth -= 1
                position += 1
            default: skipWord(within: depth)
            }
        } while depth > 0
    }

    private mutating func skipString() {
        position += 1
        while let byte = next {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return }
        }
        position = bytes.count
    }

    /// A number, a literal, and within brackets what stands between values.
    private mutating func skipWord(within depth: Int) {
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "}"),
                UInt8(ascii: "]"):
                return
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09...0x0D:
                guard depth > 0 else { return }
                position += 1
            default: position += 1
            }
        }
    }
}
