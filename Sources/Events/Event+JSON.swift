internal import CEL
package import JSON

// The JSON form of an event, which every delivery that is kept has: written straight from its parts,
// without a CEL value for each list and object on the way.

extension Event {
    /// Writes the event as a JSON object, all its members included.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, field) in Self.members {
            writer.name(plain: name)
            if let field {
                writer.value(fields.field(field))
            } else {
                writeOwn(name, to: &writer)
            }
        }
        writer.endObject()
    }

    /// Writes a member that the event holds itself.
    private func writeOwn(_ name: String, to writer: inout JSONWriter) {
        switch name {
        case "kind": writer.string(kind.rawValue)
        case "action": writer.value(action.map { .string($0) })
        case "ref": writer.value(ref)
        case "paths": writer.value(paths)
        default: preconditionFailure("an event has no member \(name) of its own")
        }
    }
}

extension JSONWriter {
    /// Writes a part of an event; nil is null.
    fileprivate mutating func value(_ value: CELValue?) {
        switch value {
        case nil, .null?: null()
        case .bool(let value)?: bool(value)
        case .string(let text)?: string(text)
        case .jsonString(let text)?: string(utf8: text.utf8)
        case .object(let object)?:
            if let object = object as? EventObject {
                self.value(object)
            } else {
                other(.object(object))
            }
        case let value?: other(value)
        }
    }

    private mutating func value(_ object: EventObject) {
        beginObject()
        for (name, value) in object.members {
            self.name(plain: name)
            self.value(value)
        }
        endObject()
    }

    private mutating func other(_ value: CELValue) {
        // A payload's JSON is always JSON again; nothing else is in an event.
        do throws(CELError) {
            try value.write(to: &self, bytesMax: .max)
        } catch {
            preconditionFailure("a part of an event has no JSON form: \(error)")
        }
    }

    fileprivate mutating func value(_ ref: GitReference?) {
        guard let ref else { return null() }
        beginObject()
        name(plain: "full")
        string(ref.full)
        name(plain: "name")
        string(ref.name)
        name(plain: "type")
        string(ref.namespace.rawValue)
        endObject()
    }

    fileprivate mutating func value(_ paths: ChangedPaths) {
        beginObject()
        name(plain: "changed")
        if let changed = paths.changed {
            beginArray()
            for path in changed { string(path) }
            endArray()
        } else {
            null()
        }
        name(plain: "complete")
        bool(paths.complete)
        endObject()
    }
}
