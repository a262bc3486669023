import JSON
import SageMakerAPI

// The first two bytes choose the status and the fields; the rest is the content of a reply that
// anybody may have sent.

private let statuses = [200, 200, 204, 301, 400, 400, 403, 404, 408, 413, 429, 500, 502, 503, 999]

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSageMakerReply(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard count >= 2 else { return 0 }
    var fields: [(name: String, value: String)] = []
    let text = String(decoding: input.dropFirst(2).prefix(40), as: UTF8.self)
    if input[1] & 1 != 0 { fields.append(("x-amzn-RequestId", text)) }
    if input[1] & 2 != 0 { fields.append(("X-Amzn-ErrorType", text)) }
    if input[1] & 4 != 0 { fields.append(("x-amz-retry-after", text)) }
    let reply = ServiceReply(
        status: statuses[Int(input[0]) % statuses.count], fields: fields,
        body: Array(input.dropFirst(2)))
    check(StartReply(reply), of: reply)
    if let pause = reply.retryAfter { precondition(pause >= .zero) }
    _ = PipelineDefinition(describePipeline: reply.body)
    let operations = PipelineOperation.allCases
    check(OperationReply(reply, to: operations[Int(input[1] >> 3) % operations.count]), of: reply)
    return 0
}

/// What holds for every reply to any operation.
private func check(_ outcome: OperationReply, of reply: ServiceReply) {
    switch outcome {
    case .done(let document):
        precondition((200..<300).contains(reply.status))
        precondition(document.root.kind == .object)
    case .refused(let code, let message), .retry(let code, let message, _):
        precondition(!code.isEmpty && code.utf8.count <= SageMakerAPILimits.errorCodeBytesMax)
        // Ours names a member of the reply, which is as long as it may be printed.
        precondition(message.utf8.count <= 16 << 10)
    }
}

/// What holds for every reply: a start only by a well-formed ARN, and bounded texts for the rest.
private func check(_ outcome: StartReply, of reply: ServiceReply) {
    switch outcome {
    case .started(let arn):
        precondition((200..<300).contains(reply.status))
        precondition(PipelineExecutionARN(arn) != nil)
    case .refused(let code, let message), .retry(let code, let message, _):
        precondition(!code.isEmpty && code.utf8.count <= SageMakerAPILimits.errorCodeBytesMax)
        precondition(message.utf8.count <= SageMakerAPILimits.errorMessageBytesMax)
        if case .refused = outcome { precondition((400..<500).contains(reply.status)) }
    }
}
