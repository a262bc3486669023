internal import JSON
internal import Journal

// Deliveries as the API shows them.

extension DeliveryPage {
    /// `{"deliveries": […], "next": "…"}`; `next` is null on the last page.
    func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 256 + 256 * deliveries.count)
        writer.beginObject()
        writer.name("deliveries")
        writer.beginArray()
        for delivery in deliveries {
            writer.beginObject()
            delivery.writeMembers(to: &writer)
            writer.name("starts")
            writer.beginArray()
            for start in delivery.starts { start.write(to: &writer) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.member("next", next.map { String($0) })
        writer.endObject()
        return writer.bytes
    }
}

extension DeliverySummary {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("source", source)
        writer.member("deliveryId", deliveryID)
        writer.member("receivedAt", receivedAt.description)
        writer.member("verifiedBy", verifiedBy)
    }
}

extension DeliverySummary.Start {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("rule", rule)
        writer.name("event")
        writer.int(eventIndex)
        writer.member("state", state.rawValue)
        writer.endObject()
    }
}

extension DeliveryHistory {
    func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        summary.writeMembers(to: &writer)
        writer.name("events")
        writer.raw(events.isEmpty ? Array("[]".utf8) : events)
        writer.name("errors")
        writer.raw(errors.isEmpty ? Array("[]".utf8) : errors)
        writer.name("starts")
        writer.beginArray()
        for start in starts { start.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension StartHistory {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("rule", rule)
        writer.name("event")
        writer.int(eventIndex)
        writer.member("token", token)
        writer.member("state", state.rawValue)
        writer.member("region", region)
        writer.name("request")
        writer.raw(request)
        writer.member("executionArn", executionARN)
        // AWS's own status word, once executions are followed.
        writer.name("execution")
        writer.null()
        writer.name("attempts")
        writer.beginArray()
        for attempt in attempts { attempt.write(to: &writer) }
        writer.endArray()
        writer.name("callbacks")
        writer.beginArray()
        for callback in callbacks { callback.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension CallbackHistory {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("url", url)
        writer.member("on", occasion.rawValue)
        writer.member("state", state.rawValue)
        writer.name("attempts")
        writer.beginArray()
        for attempt in attempts { attempt.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension Attempt {
    /// With what the SDKs call metadata; the delay is in milliseconds, as theirs is.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("at", at.description)
        writer.member("outcome", outcome.rawValue)
        writer.member("code", code)
        writer.member("message", message)
        writer.member("requestId", requestID)
        writer.name("status")
        if let status { writer.int(status) } else { writer.null() }
        writer.name("requests")
        writer.int(requests)
        writer.name("totalRetryDelay")
        let (seconds, attoseconds) = totalRetryDelay.components
        writer.int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        writer.endObject()
    }
}
