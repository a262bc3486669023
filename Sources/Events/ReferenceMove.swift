internal import CEL
internal import JSON

/// What a push did to a reference, as far as the object ids on both sides tell.
struct ReferenceMove {
    /// The object before; nil where there was none, or nobody tells.
    let before: JSONValue?
    let after: JSONValue?
    /// Nil where the sender does not tell: an id that is left out is no zeros.
    let created: Bool?
    let deleted: Bool?

    /// - Parameters:
    ///   - before: What was there: an object id, zeros or null for nothing, nil for unknown.
    ///   - after: What is there.
    init(before: JSONValue?, after: JSONValue?) {
        self.before = objectID(before)
        self.after = objectID(after)
        created = Self.isNothing(before, self.before)
        deleted = Self.isNothing(after, self.after)
    }

    /// `created`, `deleted` or `updated`.
    var action: String? {
        if created == true { return "created" }
        if deleted == true { return "deleted" }
        return created == false && deleted == false ? "updated" : nil
    }

    private static func isNothing(_ value: JSONValue?, _ id: JSONValue?) -> Bool? {
        guard let value, id == nil else { return value.map { _ in false } }
        let isZeros =
            (value.utf8.count == 40 || value.utf8.count == 64)
            && value.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
        return value.isNull || isZeros ? true : nil
    }
}

extension EventParts {
    /// Takes over what a push did.
    mutating func take(_ move: ReferenceMove) {
        before = celValue(move.before)
        after = celValue(move.after)
        created = move.created
        deleted = move.deleted
    }
}
