import Glibc
import Synchronization

/// A time zone's offsets from UTC, from the system's tz database (RFC 8536, TZif).
struct ZoneRules: Sendable {
    private static let directory = "/usr/share/zoneinfo/"
    /// The largest file of the tz database has some 4 KB.
    private static let fileBytesMax = 1 << 18
    private static let nameBytesMax = 64

    /// Zones that were read; no more than the database has, since only valid ones are kept.
    private static let cache = Mutex<[String: ZoneRules]>([:])

    /// Seconds since 1970 at which an offset begins, ascending.
    private let transitions: [Int64]
    /// The offset from UTC in seconds that begins with each transition.
    private let offsets: [Int]
    /// The offset before the first transition.
    private let firstOffset: Int
    /// The rule for times behind the last transition.
    private let rule: ZoneRule?

    /// The offset that `name` has at a time, in seconds east of UTC; nil for an unknown zone.
    ///
    /// A name is `UTC`, an offset such as `+11:00`, `-00:30` or `02:00`, or one of the database.
    static func offset(of name: String, at seconds: Int64) -> Int? {
        if name == "UTC" { return 0 }
        if let offset = fixedOffset(name) { return offset }
        return named(name)?.offset(at: seconds)
    }

    private static func fixedOffset(_ name: String) -> Int? {
        var name = name
        return name.withUTF8 { text in
            var reader = DigitReader(text)
            let isNegative = reader.skip("-")
            if !isNegative { _ = reader.skip("+") }
            guard let hours = reader.digits(2), reader.skip(":"), let minutes = reader.digits(2),
                reader.isAtEnd, hours < 24, minutes < 60
            else { return nil }
            let offset = hours * 3600 + minutes * 60
            return isNegative ? -offset : offset
        }
    }

    private static func named(_ name: String) -> ZoneRules? {
        if let known = cache.withLock({ $0[name] }) { return known }
        guard isName(name), let bytes = contents(of: directory + name),
            let rules = ZoneRules(tzif: bytes)
        else { return nil }
        cache.withLock { $0[name] = rules }
        return rules
    }

    /// Whether the name leads to a file inside the database.
    private static func isName(_ name: String) -> Bool {
        guard (1...nameBytesMax).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, first.isLetter else { return false }
            return part.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "+")
            }
        }
    }

    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
            if bytes.count > fileBytesMax { return nil }
        }
    }

    /// Reads a TZif file of version 2 or later; nil for anything else.
    init?(tzif bytes: [UInt8]) {
        guard let first = TZifHeader(bytes, at: 0), first.version >= UInt8(ascii: "2") else {
            return nil
        }
        // The first block is for readers of 32-bit times.
        let start = TZifHeader.size + first.blockSize(timeSize: 4)
        guard let header = TZifHeader(bytes, at: start), header.typeCount > 0 else { return nil }
        let times = start + TZifHeader.size
        let end = times + header.blockSize(timeSize: 8)
        guard end <= bytes.count else { return nil }
        let indices = times + header.timeCount * 8
        let types = indices + header.timeCount
        var transitions: [Int64] = []
        var offsets: [Int] = []
        for position in 0..<header.timeCount {
            let type = Int(bytes[indices + position])
            guard type < header.typeCount else { return nil }
            transitions.append(Int64(truncatingIfNeeded: bigEndian(bytes, times + position * 8, 8)))
            offsets.append(offset(bytes, types + type * 6))
        }
        self.transitions = transitions
        self.offsets = offsets
        firstOffset = offset(bytes, types)
        // The footer is a line break, the rule, a line break.
        let footer = bytes[end...].dropFirst().prefix { $0 != UInt8(ascii: "\n") }
        rule = ZoneRule(Array(footer))

        func offset(_ bytes: [UInt8], _ position: Int) -> Int {
            Int(Int32(truncatingIfNeeded: bigEndian(bytes, position, 4)))
        }
    }

    /// The offset from UTC at a time, in seconds.
    func offset(at seconds: Int64) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: seconds) ?? firstOffset }
        if seconds >= last, let rule { return rule.offset(at: seconds) }
        // The first transition that is later than the time.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : offsets[low - 1]
    }
}

/// The counts at the beginning of each of a TZif file's two parts (RFC 8536 §3.1).
private struct TZifHeader {
    static let size = 44

    let version: UInt8
    let timeCount: Int
    let typeCount: Int
    private let otherCounts: (utc: Int, standard: Int, leap: Int, characters: Int)

    init?(_ bytes: [UInt8], at start: Int) {
        guard start + Self.size <= bytes.count,
            bytes[start..<(start + 4)].elementsEqual("TZif".utf8)
        else { return nil }
        version = bytes[start + 4]
        // Six counts of four bytes each; a file of this size has no larger ones.
        let counts = (0..<6).map { Int(bigEndian(bytes, start + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ $0 <= bytes.count }) else { return nil }
        otherCounts = (counts[0], counts[1], counts[2], counts[5])
        timeCount = counts[3]
        typeCount = counts[4]
    }

    func blockSize(timeSize: Int) -> Int {
        timeCount * (timeSize + 1) + typeCount * 6 + otherCounts.characters
            + otherCounts.leap * (timeSize + 4) + otherCounts.standard + otherCounts.utc
    }
}

private func bigEndian(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
    bytes[start..<(start + count)].reduce(0) { $0 << 8 | UInt64($1) }
}
