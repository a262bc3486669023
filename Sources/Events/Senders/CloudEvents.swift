internal import CEL
internal import JSON
internal import Webhook

/// CloudEvents 1.0 over HTTP in its three modes, and CDEvents within them.
enum CloudEvents {
    /// One event with its attributes, wherever the mode puts them.
    struct Envelope {
        let type: String?
        let source: String?
        let id: String?
        let data: JSONValue?
        let attribute: (String) -> CELValue?
    }

    /// The events of a delivery: one, or those of a batch; none but an empty envelope for a body
    /// that is no CloudEvent.
    static func envelopes(_ delivery: Delivery) -> [Envelope] {
        switch mode(delivery.headers, delivery.body) {
        case .batch: return delivery.body.elements.map(structured)
        case .structured: return [structured(delivery.body)]
        case .binary:
            let headers = delivery.headers
            return [
                Envelope(
                    type: attribute("type", headers), source: attribute("source", headers),
                    id: attribute("id", headers), data: delivery.body,
                    attribute: { attribute($0, headers).map { .string($0) } })
            ]
        case nil:
            return [Envelope(type: nil, source: nil, id: nil, data: nil, attribute: { _ in nil })]
        }
    }

    private enum Mode {
        case binary, structured, batch
    }

    /// The content type decides, whatever other fields there are (HTTP binding §3).
    private static func mode(_ headers: any HeaderFields, _ body: JSONValue) -> Mode? {
        let type = headers.field("content-type")?.lowercased() ?? ""
        // The batch's type begins with the structured one's.
        if type.hasPrefix("application/cloudevents-batch") { return .batch }
        if type.hasPrefix("application/cloudevents") { return .structured }
        if headers.field("ce-specversion") != nil { return .binary }
        // A payload that has lost its header fields shows itself.
        return body["specversion"]?.kind == .string ? .structured : nil
    }

    private static func structured(_ event: JSONValue) -> Envelope {
        Envelope(
            type: event["type"]?.string, source: event["source"]?.string, id: event["id"]?.string,
            data: event["data"], attribute: { celText(event[$0]) })
    }

    /// Values outside of printable ASCII are percent-encoded, once (HTTP binding §3.1.3.2).
    private static func attribute(_ name: String, _ headers: any HeaderFields) -> String? {
        headers.field("ce-" + name).map { FormFields.percentDecoded($0) }
    }

    /// Source and id together name an event (CloudEvents §3.1.1); a batch has no id of its own.
    static func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        let source: String?
        let id: String?
        switch mode(headers, body) {
        case .binary: (source, id) = (attribute("source", headers), attribute("id", headers))
        case .structured: (source, id) = (body["source"]?.string, body["id"]?.string)
        case .batch, nil: return nil
        }
        guard let source, let id else { return nil }
        return "\(source)/\(id)"
    }

    static func normalise(_ delivery: Delivery) -> [Event] {
        envelopes(delivery).enumerated().map { event($0.element, $0.offset, delivery) }
    }

    private static func event(_ envelope: Envelope, _ index: Int, _ delivery: Delivery) -> Event {
        var parts = EventParts(
            NativeEvent(event: envelope.type, action: nil, delivery: delivery))
        guard let type = envelope.type else { return parts.event(.other, nil, index: index) }
        let words = type.split(separator: ".")
        // CDEvents: the version is behind, and the subject within the data.
        guard words.count >= 4, words[0] == "dev", words[1] == "cdevents" else {
            return parts.event(.other, nil, index: index)
        }
        let subject = envelope.data?["subject"]
        let content = subject?["content"]
        let predicate = String(words[3])
        parts.repo = celText(content?.at("repository", "id")).map {
            EventShape.repository(
                fullName: $0, url: celText(content?.at("repository", "uri")))
        }
        switch words[2] {
        case "change":
            if predicate == "reviewed" {
                parts.change = change(subject, "open")
                return parts.event(.review, nil, index: index)
            }
            let (action, state) = changeAction(predicate)
            parts.change = change(subject, state)
            return parts.event(.change, action, index: index)
        case "branch":
            let name = subject?["id"]?.string
            parts.created = predicate == "created"
            parts.deleted = predicate == "deleted"
            return parts.event(
                .push, predicate,
                ref: name.map {
                    GitReference(full: $0.hasPrefix("refs/") ? $0 : "refs/heads/" + $0)
                },
                index: index)
        case "artifact":
            parts.actor = celText(content?["user"]).map { EventShape.actor(id: nil, login: $0) }
            return parts.event(.artifact, predicate, index: index)
        default: return parts.event(.other, predicate, index: index)
        }
    }

    private static func changeAction(_ predicate: String) -> (action: String, state: String?) {
        switch predicate {
        case "created": ("opened", "open")
        case "merged": ("merged", "merged")
        case "abandoned": ("closed", "closed")
        default: (predicate, nil)
        }
    }

    private static func change(_ subject: JSONValue?, _ state: String?) -> CELValue {
        var change = EventShape.Change()
        // A subject's id is text, and need be no number.
        change.number = subject?["id"]?.string.flatMap { Int64($0) }.map { .int($0) }
        change.title = celText(subject?.at("content", "description"))
        change.state = state
        return change.value
    }
}

/// Senders of their own: what a rule needs is in the payload, and the event's name where most put it.
enum AnySender {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let name =
            body["type"]?.string ?? body["event"]?.string ?? body["event_type"]?.string
            ?? body["eventType"]?.string
        let action = body["action"]?.string
        return [
            EventParts(NativeEvent(event: name, action: action, delivery: delivery))
                .event(.other, action)
        ]
    }
}
