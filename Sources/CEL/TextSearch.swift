import Glibc

/// Searching and measuring UTF-8; valid parts are found at boundaries of code points only.
extension UnsafeBufferPointer<UInt8> {
    /// Where `part` begins for the first time at or after a byte offset.
    func firstOffset(of part: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let needle = part.baseAddress, let first = part.first else { return start }
        guard let base = baseAddress, count - start >= part.count else { return nil }
        if part.count > Self.comparedCountMax {
            return offset(of: part, in: start..<count, isLast: false)
        }
        let last = count - part.count
        var position = start
        while position <= last,
            let found = memchr(base + position, Int32(first), last - position + 1)
        {
            position = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(base + position, needle, part.count) == 0 { return position }
            position += 1
        }
        return nil
    }

    /// Where `part` begins for the last time at or before a byte offset.
    func lastOffset(of part: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let needle = part.baseAddress, !part.isEmpty else { return start }
        guard let base = baseAddress, count >= part.count else { return nil }
        var position = Swift.min(start, count - part.count)
        if part.count > Self.comparedCountMax {
            return offset(of: part, in: 0..<(position + part.count), isLast: true)
        }
        while position >= 0 {
            if memcmp(base + position, needle, part.count) == 0 { return position }
            position -= 1
        }
        return nil
    }

    /// Up to this length, comparing at each place is quick enough whatever the bytes are.
    private static var comparedCountMax: Int { 32 }

    /// Knuth, Morris and Pratt's search, whose time does not depend on how the bytes repeat.
    private func offset(
        of part: UnsafeBufferPointer<UInt8>, in range: Range<Int>, isLast: Bool
    ) -> Int? {
        // For each prefix of the part, the length of its longest other prefix that ends it.
        var borders = [Int](repeating: 0, count: part.count)
        var length = 0
        for position in 1..<part.count {
            while length > 0, part[position] != part[length] { length = borders[length - 1] }
            if part[position] == part[length] { length += 1 }
            borders[position] = length
        }
        var found: Int?
        var matched = 0
        for position in range {
            while matched > 0, self[position] != part[matched] { matched = borders[matched - 1] }
            if self[position] == part[matched] { matched += 1 }
            guard matched == part.count else { continue }
            found = position + 1 - matched
            if !isLast { return found }
            matched = borders[matched - 1]
        }
        return found
    }

    var codePointCount: Int {
        var count = 0
        for byte in self where !byte.isContinuation { count += 1 }
        return count
    }

    /// The byte offset of a code point, also that behind the last one; nil beyond.
    func offset(ofCodePoint index: Int64) -> Int? {
        guard index >= 0 else { return nil }
        var passed: Int64 = 0
        for position in 0..<count where !self[position].isContinuation {
            if passed == index { return position }
            passed += 1
        }
        return passed == index ? count : nil
    }

    /// Without the white space (Unicode's White_Space) at both ends.
    var trimmed: Slice<UnsafeBufferPointer<UInt8>> {
        let text = String(decoding: self, as: UTF8.self).unicodeScalars
        guard let first = text.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = text.lastIndex(where: { !$0.properties.isWhitespace })
        else { return self[0..<0] }
        let start = text[..<first].reduce(0) { $0 + UTF8.width($1) }
        let end = text[text.index(after: last)...].reduce(0) { $0 + UTF8.width($1) }
        return self[start..<(count - end)]
    }
}
