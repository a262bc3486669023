internal import HTTP1
internal import JSON
internal import Journal

/// What a webhook's sender is told.
struct Receipt: Sendable {
    /// A rule that matched and could not be rendered.
    struct Failure: Sendable {
        let rule: String
        let eventIndex: Int
        let message: String
    }

    let delivery: String
    let starts: [RecordedStart]
    let failures: [Failure]
    /// What the sender's administrator should know.
    var notes: [String] = []

    var isNew: Bool { starts.contains(where: \.isNew) }

    /// 202 when at least one start is new, else 200.
    var response: Response {
        let isNew = isNew
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("delivery", delivery)
        writer.name("starts")
        writer.beginArray()
        for start in starts {
            writer.beginObject()
            writer.member("rule", start.rule)
            writer.name("event")
            writer.int(start.eventIndex)
            writer.member("start", start.id)
            writer.member("token", start.token)
            writer.endObject()
        }
        writer.endArray()
        writer.name("errors")
        writer.append(failures)
        if !isNew, !starts.isEmpty {
            writer.name("duplicate")
            writer.bool(true)
        }
        if !notes.isEmpty {
            writer.name("notes")
            writer.beginArray()
            for note in notes { writer.string(note) }
            writer.endArray()
        }
        writer.endObject()
        return .json(isNew ? .accepted : .ok, writer.bytes)
    }

    var outcome: IntakeMetrics.Outcome {
        if isNew { return .started }
        if !starts.isEmpty { return .duplicate }
        return failures.isEmpty ? .ignored : .failed
    }
}

extension JSONWriter {
    mutating func append(_ failures: [Receipt.Failure]) {
        beginArray()
        for failure in failures {
            beginObject()
            member("rule", failure.rule)
            name("event")
            int(failure.eventIndex)
            member("message", failure.message)
            endObject()
        }
        endArray()
    }
}
