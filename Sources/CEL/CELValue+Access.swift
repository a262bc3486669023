import JSON

/// Reading lists and maps, whatever they are backed by.
extension CELValue {
    /// A map's value for a key of the expression, or nil when it is absent.
    func member(
        _ key: ConstantText, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue? {
        switch self {
        case .jsonMap(let value): return try value.member(key.utf8, &evaluation)
        case .object(let object): return object.member(key.text)
        case .map(let map): return map.value(of: key.key)
        default: throw .noOverload("select", self)
        }
    }

    /// The value for an index or key, or nil when there is none.
    ///
    /// Indices are int, uint or integral doubles; so are keys, which may also be bool or string.
    func element(
        at index: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue? {
        switch self {
        case .list(let elements):
            let position = try index.listIndex(of: self)
            return elements.indices.contains(position) ? elements[position] : nil
        case .jsonList(let value):
            let position = try index.listIndex(of: self)
            return try Self.element(of: value, at: position, &evaluation)
        case .map(let map): return CELKey(index).flatMap { map.value(of: $0) }
        case .jsonMap(let value):
            return try index.withUTF8 { name throws(CELError) in
                try value.member(name, &evaluation)
            } ?? nil
        case .object(let object): return index.stringValue.flatMap { object.member($0) }
        default: throw .noOverload("[]", self, index)
        }
    }

    private func listIndex(of list: CELValue) throws(CELError) -> Int {
        switch self {
        case .int(let value): return Int(value)
        case .uint(let value): return Int(clamping: value)
        case .double(let value):
            guard let index = Int(exactly: value) else { break }
            return index
        default: break
        }
        throw .noOverload("[]", list, self)
    }

    private static func element(
        of list: JSONValue, at position: Int, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue? {
        guard position >= 0 else { return nil }
        var elements = list.elements
        var passed = 0
        while let element = elements.next() {
            if passed == position {
                try evaluation.charge(passed / 8)
                return CELValue(json: element)
            }
            passed += 1
        }
        try evaluation.charge(passed / 8)
        return nil
    }

    /// The number of elements of a list or entries of a map, else nil.
    func count(_ evaluation: inout Evaluation) throws(CELError) -> Int? {
        switch self {
        case .list(let elements): return elements.count
        case .jsonList(let value):
            return value.count
        case .map(let map): return map.entries.count
        case .object(let object): return object.memberNames.count
        case .jsonMap: return try asMap(&evaluation)?.entries.count
        default: return nil
        }
    }

    /// A list's elements, or nil for a value that is no list.
    package var elements: [CELValue]? {
        if case .list(let elements) = self { return elements }
        guard var iterator = ElementIterator(self) else { return nil }
        var elements: [CELValue] = []
        while let element = iterator.next() { elements.append(element) }
        return elements
    }

    /// A map's entries, or nil for a value that is no map; of repeated JSON names the last counts.
    package var entries: [(key: CELValue, value: CELValue)]? { map?.entries }

    /// A map with all its entries read, or nil for a value that is no map.
    func asMap(_ evaluation: inout Evaluation) throws(CELError) -> CELMap? {
        if case .jsonMap(let value) = self {
            // A large object takes a microsecond or two for each member.
            let count = value.count
            try evaluation.charge(count > 64 ? 4 * count : count / 8)
        }
        return map
    }

    /// A map with all its entries read.
    private var map: CELMap? {
        switch self {
        case .map(let map): return map
        case .jsonMap(let value):
            var builder = CELMapBuilder()
            for (name, member) in value.members {
                let name = CELValue.jsonString(name)
                // Of members with the same name the last counts.
                guard let key = CELKey(name) else { continue }
                builder.set(name, key: key, to: CELValue(json: member))
            }
            return CELMap(builder)
        case .object(let object):
            var builder = CELMapBuilder()
            for name in object.memberNames {
                guard let member = object.member(name) else { continue }
                builder.set(.string(name), key: .string(ExactText(name)), to: member)
            }
            return CELMap(builder)
        default: return nil
        }
    }

    /// Whether a map has this key.
    func hasKey(
        _ key: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        guard CELKey(key) != nil else { return false }
        return try element(at: key, &evaluation) != nil
    }

    /// What an optional selection finds: nil for a null member of a computed map as well.
    var presentInObject: CELValue? { isNull ? nil : self }

    /// Whether null members count as absent to `has`, `.?` and `[?]`.
    var hidesNull: Bool {
        if case .object = self { true } else { false }
    }

    /// Whether null members count as absent to `.?` and `[?]`: of a payload as well, whose senders
    /// write null for what they do not know.
    var hidesNullFromOptionals: Bool {
        switch self {
        case .object, .jsonMap, .jsonList: true
        default: false
        }
    }
}

extension JSONValue {
    /// The member of this name, nil when there is none.
    ///
    /// All members are looked at, since the last of repeated ones counts.
    func member(
        _ name: UnsafeBufferPointer<UInt8>, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue? {
        try evaluation.charge(count / 32)
        return member(name).map { CELValue(json: $0) }
    }
}

/// A list's elements, one after the other.
///
/// Both sources lie side by side, since an enum's payload would be copied for each element.
struct ElementIterator {
    private let values: [CELValue]
    private var json: JSONValue.Elements?
    private var position = 0

    /// Nil for a value that is no list.
    init?(_ value: CELValue) {
        switch value {
        case .list(let elements): values = elements
        case .jsonList(let value):
            values = []
            json = value.elements
        default: return nil
        }
    }

    mutating func next() -> CELValue? {
        if json != nil { return json?.next().map { CELValue(json: $0) } }
        guard position < values.count else { return nil }
        position += 1
        return values[position - 1]
    }
}
