package import CEL

/// What happened, in words that are the same for every sender.
package enum EventKind: String, Sendable, CaseIterable {
    case push, tag, change, review, comment, release, artifact, model, dataset, command, ping
    /// An event that the model has no word for; its native name is kept.
    case other
}

/// A git reference of an event.
package struct GitReference: Sendable, Equatable {
    /// What a reference is, by its namespace.
    package enum Namespace: String, Sendable {
        case branch, tag, other
    }

    /// As the sender wrote it, such as `refs/heads/release/2`.
    package let full: String
    /// Without the namespace, such as `release/2`.
    package let name: String
    package let namespace: Namespace

    package init(full: String) {
        self.full = full
        if full.hasPrefix("refs/heads/") {
            name = String(full.dropFirst("refs/heads/".count))
            namespace = .branch
        } else if full.hasPrefix("refs/tags/") {
            name = String(full.dropFirst("refs/tags/".count))
            namespace = .tag
        } else {
            name = full
            namespace = .other
        }
    }
}

/// The paths that an event changed, as far as the sender says.
package struct ChangedPaths: Sendable, Equatable {
    /// Every changed path once, in the order of the payload; nil when the sender does not say.
    package let changed: [String]?
    /// Whether `changed` is known to be all of them.
    package let complete: Bool

    package init(changed: [String]?, complete: Bool) {
        self.changed = changed
        self.complete = complete
    }

    package static let unknown = ChangedPaths(changed: nil, complete: false)
}

/// What a sender's payload says about one event; each member is read when it is asked for.
package protocol EventFields: AnyObject {
    /// The paths changed, for `paths:` filters and `event.paths`.
    var paths: ChangedPaths { get }
    /// A member of the normalised event other than those ``Event`` holds itself; nil is null.
    func field(_ name: EventField) -> CELValue?
}

/// The members of a normalised event that come from the payload.
package enum EventField: String, Sendable, CaseIterable {
    case repo, before, after, created, deleted, forced, head, commits, change, comment, command
    case release, actor, native
}

/// One normalised happening of a delivery: `event` in CEL.
///
/// An unknown member is null. Read lazily from the payload; used on the thread that parsed it.
package final class Event: CELObject {
    /// The position within the delivery, from 0.
    package let index: Int
    package let kind: EventKind
    /// The normalised action, such as `created`, or nil.
    package let action: String?
    package let ref: GitReference?
    let fields: any EventFields

    package init(
        index: Int, kind: EventKind, action: String?, ref: GitReference?, fields: any EventFields
    ) {
        self.index = index
        self.kind = kind
        self.action = action
        self.ref = ref
        self.fields = fields
    }

    package private(set) lazy var paths = fields.paths

    /// The members in the order in which they are written.
    package var memberNames: [String] { Self.names }

    /// Every member, with the field that a payload fills it from where there is one.
    static let members: [(name: String, field: EventField?)] = [
        "kind", "action", "repo", "ref", "before", "after", "created", "deleted", "forced", "head",
        "commits", "paths", "change", "comment", "command", "release", "actor", "native",
    ].map { ($0, EventField(rawValue: $0)) }
    private static let names = members.map(\.name)

    package func forEachMember(
        _ receive: (String, CELValue) throws(CELError) -> Void
    ) throws(CELError) {
        for (name, field) in Self.members {
            let value = if let field { fields.field(field) } else { member(name) }
            try receive(name, value ?? .null)
        }
    }

    package func member(_ name: String) -> CELValue? {
        switch name {
        case "kind": return .string(kind.rawValue)
        case "action": return action.map { .string($0) } ?? .null
        case "ref": return ref.map { .object(referenceObject($0)) } ?? .null
        case "paths": return .object(pathsObject)
        default:
            guard let field = EventField(rawValue: name) else { return nil }
            return fields.field(field) ?? .null
        }
    }

    private func referenceObject(_ ref: GitReference) -> EventObject {
        EventObject([
            ("full", .string(ref.full)), ("name", .string(ref.name)),
            ("type", .string(ref.namespace.rawValue)),
        ])
    }

    private var pathsObject: EventObject {
        EventObject([
            ("changed", paths.changed.map { .list($0.map { .string($0) }) }),
            ("complete", .bool(paths.complete)),
        ])
    }
}

/// A part of an event with a fixed set of members.
final class EventObject: CELObject {
    let members: [(name: String, value: CELValue?)]

    /// - Parameter members: Names with values; nil stands for null. A name needs no escape in JSON.
    init(_ members: [(name: String, value: CELValue?)]) { self.members = members }

    func member(_ name: String) -> CELValue? {
        guard let found = members.first(where: { $0.name == name }) else { return nil }
        return found.value ?? .null
    }

    var memberNames: [String] { members.map(\.name) }

    func forEachMember(
        _ receive: (String, CELValue) throws(CELError) -> Void
    ) throws(CELError) {
        for (name, value) in members { try receive(name, value ?? .null) }
    }
}
