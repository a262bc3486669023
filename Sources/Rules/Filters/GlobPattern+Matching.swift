extension GlobPattern {
    /// Whether the pattern matches the whole text, case-sensitively.
    ///
    /// Takes at most parts × bytes steps whatever the text and the pattern are: the set of places
    /// where a match can be is led through the pattern part by part, without going back.
    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    private func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.starts(with: prefix) else { return false }
        guard !parts.isEmpty else { return text.count == prefix.count }
        let rest = UnsafeRawBufferPointer(rebasing: text.dropFirst(prefix.count))
        guard rest.count >= suffix.count, rest.suffix(suffix.count).elementsEqual(suffix) else {
            return false
        }
        // One bit for each place between bytes, in two sets.
        let wordCount = rest.count / 64 + 1
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * wordCount) { words in
            words.initialize(repeating: 0)
            var places = PlaceSet(words: .init(rebasing: words[..<wordCount]))
            var next = PlaceSet(words: .init(rebasing: words[wordCount...]))
            places.insert(0)
            for part in parts {
                guard part.advance(places, through: rest, into: &next) else { return false }
                swap(&places, &next)
                next.removeAll()
            }
            return places.contains(rest.count)
        }
    }
}

/// Places between the bytes of a text.
private struct PlaceSet {
    let words: UnsafeMutableBufferPointer<UInt64>

    func contains(_ place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }
    mutating func insert(_ place: Int) { words[place >> 6] |= 1 << UInt64(place & 63) }
    mutating func removeAll() { words.update(repeating: 0) }

    /// The first place in the set at or behind another.
    func first(from start: Int) -> Int? {
        var index = start >> 6
        guard index < words.count else { return nil }
        var word = words[index] & (UInt64.max << UInt64(start & 63))
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index]
        }
        return index << 6 + word.trailingZeroBitCount
    }
}

extension GlobPattern.Part {
    /// Puts the places behind this part into `next`.
    /// - Returns: Whether there are any.
    fileprivate func advance(
        _ places: PlaceSet, through text: UnsafeRawBufferPointer, into next: inout PlaceSet
    ) -> Bool {
        switch atom {
        case .anything: return passAnything(places, text, &next)
        case .name: return passName(places, text, &next)
        case .directories: return passDirectories(places, text, &next)
        case .character(let bytes):
            return pass(places, text, &next, length: bytes.count) { place in
                text.count - place >= bytes.count
                    && UnsafeRawBufferPointer(rebasing: text[place..<(place + bytes.count)])
                        .elementsEqual(bytes)
            }
        case .oneOf(let set):
            return pass(places, text, &next, length: 1) { place in
                place < text.count && set.contains(text[place])
            }
        }
    }

    private func passAnything(
        _ places: PlaceSet, _ text: UnsafeRawBufferPointer, _ next: inout PlaceSet
    ) -> Bool {
        guard let first = places.first(from: 0) else { return false }
        for place in first...text.count { next.insert(place) }
        return true
    }

    private func passName(
        _ places: PlaceSet, _ text: UnsafeRawBufferPointer, _ next: inout PlaceSet
    ) -> Bool {
        guard var place = places.first(from: 0) else { return false }
        while true {
            next.insert(place)
            if place < text.count, text[place] != UInt8(ascii: "/") {
                place += 1
            } else {
                guard let start = places.first(from: place + 1) else { return true }
                place = start
            }
        }
    }

    /// Nothing, or at least one character and then a slash.
    private func passDirectories(
        _ places: PlaceSet, _ text: UnsafeRawBufferPointer, _ next: inout PlaceSet
    ) -> Bool {
        guard let first = places.first(from: 0) else { return false }
        for place in first...text.count {
            let isBehindSlash = place >= first + 2 && text[place - 1] == UInt8(ascii: "/")
            if isBehindSlash || places.contains(place) { next.insert(place) }
        }
        return true
    }

    private func pass(
        _ places: PlaceSet, _ text: UnsafeRawBufferPointer, _ next: inout PlaceSet, length: Int,
        matches: (Int) -> Bool
    ) -> Bool {
        var isPossible = false
        var place = 0
        while place <= text.count {
            let isRepeated = repetition == .onceOrMore && next.contains(place)
            if places.contains(place) || isRepeated {
                if repetition == .optional {
                    next.insert(place)
                    isPossible = true
                }
                if matches(place) {
                    next.insert(place + length)
                    isPossible = true
                }
                place += 1
            } else if repetition == .onceOrMore {
                place += 1
            } else {
                guard let start = places.first(from: place) else { break }
                place = start
            }
        }
        return isPossible
    }
}
