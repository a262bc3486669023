internal import JSON

// The steps of executions: listed, and completed from outside where they wait for a callback.

/// A ListPipelineExecutionSteps request.
struct StepListRequest {
    let executionARN: String
    /// 1...100.
    let countMax: Int
    let isDescending: Bool
    /// The name of the step behind which the page begins, as an earlier page's NextToken has it.
    let after: String?
}

/// A SendPipelineExecutionStepSuccess or …Failure request.
struct StepCompletionRequest {
    let callbackToken: String
    let outcome: ExecutionStep.Completion.Outcome
    /// ClientRequestToken, which these operations do not insist on.
    let token: String?

    var operation: EmulatedOperation {
        switch outcome {
        case .succeeded: .sendStepSuccess
        case .failed: .sendStepFailure
        }
    }
}

/// Where a callback step is.
struct StepPlace: Sendable {
    let executionARN: String
    let stepName: String
}

/// What a ClientRequestToken has completed.
struct StepCompletionUse: Sendable {
    let callbackToken: String
    let operation: EmulatedOperation
    let executionARN: String
}

extension ServiceState {
    /// A page of an execution's steps. The token of the next one is the last name of this.
    func listed(
        _ list: StepListRequest, _ region: String, at now: Int64
    ) throws(ServiceRefusal) -> [UInt8] {
        let execution = try execution(list.executionARN, region)
        var found = list.isDescending ? execution.steps.reversed() : execution.steps
        if let after = list.after {
            guard let position = found.firstIndex(where: { $0.declared.name == after }) else {
                throw .validation(["NextToken: is none of this list"])
            }
            found.removeFirst(position + 1)
        }
        let page = found.prefix(list.countMax)
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.name("PipelineExecutionSteps")
        writer.beginArray()
        for step in page { execution.write(step, to: &writer, at: now) }
        writer.endArray()
        if page.count < found.count, let last = page.last {
            writer.member("NextToken", last.declared.name)
        }
        writer.endObject()
        return writer.bytes
    }

    /// - Returns: The ARN of the execution whose step it was.
    mutating func complete(
        _ request: StepCompletionRequest, _ region: String, at now: Int64
    ) throws(ServiceRefusal) -> String {
        let key = request.token.map { TokenKey(region: region, token: $0) }
        if let key, let use = completions[key] {
            guard use.callbackToken == request.callbackToken, use.operation == request.operation
            else {
                throw .conflict(
                    reason: "ClientRequestToken '\(key.token)' has been used for "
                        + "\(use.operation.rawValue) of another callback token.")
            }
            return use.executionARN
        }
        let place = callbackSteps[TokenKey(region: region, token: request.callbackToken)]
        guard let place, var execution = executions[place.executionARN] else {
            throw .resourceNotFound(
                reason: "No step waits for the callback token '\(request.callbackToken)'.")
        }
        let completion = ExecutionStep.Completion(outcome: request.outcome, at: now)
        guard execution.complete(request.callbackToken, completion, at: now) else {
            throw .conflict(
                reason: "Step \(place.stepName) of \(execution.arn) waits for no callback.")
        }
        executions.set(execution, for: execution.arn)
        if let key {
            completions.set(
                StepCompletionUse(
                    callbackToken: request.callbackToken, operation: request.operation,
                    executionARN: execution.arn), for: key)
        }
        return execution.arn
    }

    /// Makes the callback tokens of an execution known.
    mutating func noteCallbacks(of execution: Execution, _ region: String) {
        for step in execution.steps where step.awaitsCallback {
            guard let token = step.callbackToken else { continue }
            callbackSteps.set(
                StepPlace(executionARN: execution.arn, stepName: step.declared.name),
                for: TokenKey(region: region, token: token))
        }
    }
}
