import JSON

/// An immutable map in the order of its making.
package final class CELMap {
    /// The keys, each bool, int, uint or string, and their values.
    package let entries: [(key: CELValue, value: CELValue)]
    /// Where each key is, for maps that are too large to be searched from end to end.
    private let positions: [CELKey: Int]?

    /// Entries up to which a search from end to end beats hashing.
    private static let searchedCountMax = 8

    /// Makes a map of string keys; of repeated names the last counts.
    convenience init(members: [(String, CELValue)]) {
        var builder = CELMapBuilder()
        for (name, value) in members {
            builder.set(.string(name), key: .string(ExactText(name)), to: value)
        }
        self.init(builder)
    }

    init(_ builder: CELMapBuilder) {
        entries = builder.entries
        positions = builder.entries.count > Self.searchedCountMax ? builder.positions : nil
    }

    /// The value of a key, or nil when it is absent.
    func value(of key: CELKey) -> CELValue? {
        if let positions {
            return positions[key].map { entries[$0].value }
        }
        for entry in entries where CELKey(entry.key) == key { return entry.value }
        return nil
    }
}

/// Collects a map's entries and knows which keys are there.
struct CELMapBuilder {
    private(set) var entries: [(key: CELValue, value: CELValue)] = []
    private(set) var positions: [CELKey: Int] = [:]

    /// Adds an entry, unless the key is there already.
    /// - Returns: Whether it was added.
    mutating func insert(_ keyValue: CELValue, key: CELKey, _ value: CELValue) -> Bool {
        guard positions[key] == nil else { return false }
        positions[key] = entries.count
        entries.append((keyValue, value))
        return true
    }

    /// Adds or replaces an entry.
    mutating func set(_ keyValue: CELValue, key: CELKey, to value: CELValue) {
        if let position = positions[key] {
            entries[position].value = value
        } else {
            positions[key] = entries.count
            entries.append((keyValue, value))
        }
    }
}

/// A map key in the one form that all numbers equal to it share.
enum CELKey: Hashable {
    case bool(Bool)
    case int(Int64)
    /// Only above Int64.max; below, a uint is the int it equals.
    case uint(UInt64)
    case string(ExactText)

    /// The key that a value equals, or nil when no key can equal it.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = Int64(exactly: value).map { .int($0) } ?? .uint(value)
        case .double(let value):
            if let int = Int64(exactly: value) {
                self = .int(int)
            } else if let uint = UInt64(exactly: value) {
                self = .uint(uint)
            } else {
                return nil
            }
        case .string(let text): self = .string(ExactText(text))
        case .jsonString(let value): self = .string(ExactText(value.string ?? ""))
        default: return nil
        }
    }
}

/// A string that equals another only when the bytes are the same.
///
/// `String` compares by canonical equivalence, which CEL does not.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
