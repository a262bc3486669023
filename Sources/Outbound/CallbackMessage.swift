internal import JSON
internal import Journal

/// The JSON text that a callback posts.
enum CallbackMessage {
    static func body(
        of job: StartJob, _ next: StartSettlement.Next, occasion: CallbackOccasion,
        at now: UnixTime
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 + job.request.count + job.event.count)
        writer.beginObject()
        writer.member("type", occasion.messageType)
        writer.member("timestamp", now.description)
        writer.name("data")
        writer.beginObject()
        writer.member("delivery", job.delivery)
        writer.member("start", job.id)
        writer.member("source", job.source)
        writer.member("rule", job.rule)
        writer.name("request")
        writer.raw(job.request)
        writer.append(next)
        // Only a tracked execution has a status.
        writer.member("execution", nil)
        writer.name("event")
        writer.rawOrNull(job.event)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func append(_ next: StartSettlement.Next) {
        switch next {
        case .started(let executionARN):
            name("response")
            beginObject()
            member("PipelineExecutionArn", executionARN)
            endObject()
        case .refused(let code, let message), .expired(let code, let message):
            name("error")
            beginObject()
            member("code", code)
            member("message", message)
            endObject()
        case .queued: break
        }
    }

    fileprivate mutating func rawOrNull(_ json: [UInt8]) {
        if json.isEmpty { null() } else { raw(json) }
    }
}
