internal import JSON
internal import OpenSSLCrypto

/// A step as a pipeline's definition declares it.
///
/// Source: the definition's `Steps`, as the SageMaker Python SDK writes them.
struct DeclaredStep: Sendable {
    let name: String
    let displayName: String?
    let description: String?
    /// Where a step of type Callback puts its message; nil for a step of any other type.
    let callbackQueueURL: String?

    /// Nil for what has no name, or one that SageMaker would not take.
    init?(_ json: JSONValue) {
        guard let name = json["Name"]?.string, (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.name = name
        displayName = json["DisplayName"]?.string
        description = json["Description"]?.string
        callbackQueueURL =
            json["Type"]?.string == "Callback" ? json["SqsQueueUrl"]?.string ?? "" : nil
    }
}

/// A step of one execution.
///
/// All steps of an execution begin with it. A callback step ends when somebody says so by its token,
/// every other one with the execution's time.
struct ExecutionStep: Sendable {
    /// How a callback step has ended.
    struct Completion: Sendable {
        enum Outcome: Sendable {
            case succeeded(outputs: [PipelineParameter])
            case failed(reason: String)
        }

        let outcome: Outcome
        /// Milliseconds since 1970.
        let at: Int64
    }

    let declared: DeclaredStep
    /// 1 for the first; a retry of a failed step makes it 2.
    private(set) var attempt = 1
    /// What completes a callback step: ten letters and digits; nil for a step of any other type.
    private(set) var callbackToken: String?
    var completion: Completion?
    private let seed: String

    /// - Parameter seed: The execution's own identifier, which nobody can guess.
    init(_ declared: DeclaredStep, seed: String) {
        self.declared = declared
        self.seed = seed
        callbackToken = freshToken
    }

    var awaitsCallback: Bool { callbackToken != nil && completion == nil }

    var hasFailed: Bool {
        if case .failed = completion?.outcome { true } else { false }
    }

    /// Waits for another callback, with another token.
    mutating func retry() {
        attempt += 1
        completion = nil
        callbackToken = freshToken
    }

    private var freshToken: String? {
        guard declared.callbackQueueURL != nil else { return nil }
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let hash = sha256("\(seed)\u{0}\(declared.name)\u{0}\(attempt)")
        return String(
            decoding: hash.prefix(10).map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
    }
}

extension Execution {
    /// A status word of ListPipelineExecutionSteps.
    enum StepStatus: String {
        case executing = "Executing"
        case stopping = "Stopping"
        case stopped = "Stopped"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }

    /// What a step is, and since when where that is an end.
    func status(of step: ExecutionStep, at now: Int64) -> (status: StepStatus, endedAt: Int64?) {
        if let completion = step.completion {
            return (step.hasFailed ? .failed : .succeeded, completion.at)
        }
        let ended = lastModified(at: now)
        switch status(at: now) {
        case .stopping: return (.stopping, nil)
        case .stopped: return (.stopped, ended)
        case .executing:
            return step.awaitsCallback || now < endsAt ? (.executing, nil) : (.succeeded, endsAt)
        case .succeeded: return (.succeeded, endsAt)
        case .failed:
            // A failed callback stops what has not ended by then.
            if let failure = callbackFailure {
                return endsAt <= failure.at && !step.awaitsCallback
                    ? (.succeeded, endsAt) : (.stopped, failure.at)
            }
            let isLast = step.declared.name == steps.last { $0.callbackToken == nil }?.declared.name
            return (isLast ? .failed : .succeeded, endsAt)
        }
    }

    /// An element of the reply of ListPipelineExecutionSteps.
    func write(_ step: ExecutionStep, to writer: inout JSONWriter, at now: Int64) {
        let (status, endedAt) = status(of: step, at: now)
        writer.beginObject()
        writer.member("StepName", step.declared.name)
        if let name = step.declared.displayName { writer.member("StepDisplayName", name) }
        if let text = step.declared.description { writer.member("StepDescription", text) }
        writer.name("StartTime")
        writer.epochSeconds(createdAt)
        if let endedAt {
            writer.name("EndTime")
            writer.epochSeconds(endedAt)
        }
        writer.member("StepStatus", status.rawValue)
        if case .failed(let reason) = step.completion?.outcome {
            writer.member("FailureReason", reason)
        } else if status == .failed {
            writer.member("FailureReason", "as its pipeline's name says")
        }
        if let token = step.callbackToken { write(step, token, to: &writer) }
        writer.name("AttemptCount")
        writer.int(step.attempt)
        writer.endObject()
    }

    private func write(_ step: ExecutionStep, _ token: String, to writer: inout JSONWriter) {
        writer.name("Metadata")
        writer.beginObject()
        writer.name("Callback")
        writer.beginObject()
        writer.member("CallbackToken", token)
        writer.member("SqsQueueUrl", step.declared.callbackQueueURL)
        if case .succeeded(let outputs) = step.completion?.outcome {
            writer.name("OutputParameters")
            writer.beginArray()
            for output in outputs {
                writer.beginObject()
                writer.member("Name", output.name)
                writer.member("Value", output.value)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        writer.endObject()
    }
}
