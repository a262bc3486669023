internal import JSON
internal import Journal

/// One request that the emulator has seen, and what became of it.
package struct JournalEntry: Sendable {
    /// When it was received, in milliseconds since 1970.
    package let atMilliseconds: Int64
    /// The value of `x-amzn-RequestId` in the reply.
    package let requestID: String
    /// The operation, such as `StartPipelineExecution`; for an unknown one the whole target.
    package let operation: String?
    package let region: String?
    package let accessKeyID: String?
    package let token: String?
    /// The pipeline's name, also where the request had its ARN.
    package let pipeline: String?
    package let parameters: [PipelineParameter]
    /// The fault that befell it, in the word of the fault script.
    package var fault: FaultKind?
    /// The status of the reply, a proxy's too; nil when the connection ended without one.
    package var status: Int?
    /// The code of an error reply.
    package var error: String?
    /// The execution that the request created, named or asked for.
    package var executionARN: String?

    init(_ trace: CallTrace, requestID: String, at now: Int64) {
        atMilliseconds = now
        self.requestID = requestID
        operation = trace.operation
        region = trace.region
        accessKeyID = trace.accessKeyID
        token = trace.token
        pipeline = trace.pipeline
        parameters = trace.parameters
    }

    /// About how much memory the entry's own texts take.
    var byteCount: Int {
        let texts = [operation, region, accessKeyID, token, pipeline, executionARN]
        return texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
            + parameters.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("at", UnixTime(milliseconds: atMilliseconds).description)
        writer.member("requestId", requestID)
        writer.member("operation", operation)
        writer.member("region", region)
        writer.member("accessKeyId", accessKeyID)
        writer.member("token", token)
        writer.member("pipeline", pipeline)
        writer.name("parameters")
        writer.beginObject()
        for parameter in parameters { writer.member(parameter.name, parameter.value) }
        writer.endObject()
        writer.member("fault", fault?.rawValue)
        writer.name("status")
        if let status { writer.int(status) } else { writer.null() }
        writer.member("error", error)
        writer.member("executionArn", executionARN)
        writer.endObject()
    }
}
