internal import JSON
internal import SageMakerAPI

/// One execution of a pipeline and its life by the clock.
struct Execution: Sendable {
    /// A status word of DescribePipelineExecution.
    enum Status: String {
        case executing = "Executing"
        case stopping = "Stopping"
        case stopped = "Stopped"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }

    let arn: String
    let pipelineARN: String
    /// What was given at the start and is described.
    let members: [RequestMember]
    /// The alias of the version that it runs, where it was started by one.
    let alias: String?
    /// Milliseconds since 1970, as every moment here.
    let createdAt: Int64
    /// When it ends unless it is stopped.
    private(set) var endsAt: Int64
    private(set) var fails: Bool
    private(set) var steps: [ExecutionStep]
    /// When it was stopped, and when that is done.
    private var stopping: (at: Int64, doneAt: Int64)?

    init(
        arn: String, pipelineARN: String, members: [RequestMember], alias: String?,
        createdAt: Int64, endsAt: Int64, fails: Bool, steps: [ExecutionStep]
    ) {
        self.arn = arn
        self.pipelineARN = pipelineARN
        self.members = members
        self.alias = alias
        self.createdAt = createdAt
        self.endsAt = endsAt
        self.fails = fails
        self.steps = steps
    }

    /// When it was created, as replies tell it: seconds since 1970.
    var createdAtSeconds: Double { seconds(createdAt) }

    func status(at now: Int64) -> Status {
        if let stopping { return now < stopping.doneAt ? .stopping : .stopped }
        if callbackFailure != nil { return .failed }
        if now < endsAt || steps.contains(where: \.awaitsCallback) { return .executing }
        return fails ? .failed : .succeeded
    }

    /// The first callback that said that its step failed.
    var callbackFailure: (step: String, reason: String, at: Int64)? {
        for step in steps {
            guard let completion = step.completion, case .failed(let reason) = completion.outcome
            else { continue }
            return (step.declared.name, reason, completion.at)
        }
        return nil
    }

    func lastModified(at now: Int64) -> Int64 {
        if let stopping { return now < stopping.doneAt ? stopping.at : stopping.doneAt }
        let callbacks = steps.compactMap(\.completion?.at)
        if let failure = callbackFailure { return failure.at }
        let latest = callbacks.max() ?? createdAt
        return status(at: now) == .executing ? latest : max(latest, endsAt)
    }

    /// Completes the step that waits for a callback token.
    /// - Returns: False where none does, or the execution has come to its end.
    mutating func complete(
        _ callbackToken: String, _ completion: ExecutionStep.Completion, at now: Int64
    ) -> Bool {
        guard status(at: now) == .executing,
            let position = steps.firstIndex(where: {
                $0.callbackToken == callbackToken && $0.awaitsCallback
            })
        else { return false }
        steps[position].completion = completion
        return true
    }

    /// Ends it early.
    /// - Returns: False for one that has ended already.
    mutating func stop(at now: Int64, doneAt: Int64) -> Bool {
        switch status(at: now) {
        case .executing:
            stopping = (now, doneAt)
            return true
        case .stopping, .stopped: return true
        case .succeeded, .failed: return false
        }
    }

    /// Runs one that failed or was stopped again; it then succeeds.
    /// - Returns: False for one that runs or has succeeded.
    mutating func retry(at now: Int64, until end: Int64) -> Bool {
        switch status(at: now) {
        case .failed, .stopped:
            stopping = nil
            fails = false
            endsAt = end
            for position in steps.indices
            where steps[position].hasFailed || steps[position].completion == nil {
                steps[position].retry()
            }
            return true
        case .executing, .stopping, .succeeded: return false
        }
    }

    /// An element of the reply of ListPipelineExecutions.
    func writeSummary(to writer: inout JSONWriter, at now: Int64) {
        writer.beginObject()
        writer.member("PipelineExecutionArn", arn)
        writer.name("StartTime")
        writer.epochSeconds(createdAt)
        writer.member("PipelineExecutionStatus", status(at: now).rawValue)
        for member in members
        where ["PipelineExecutionDisplayName", "PipelineExecutionDescription"].contains(
            member.name)
        {
            writer.name(member.name)
            writer.raw(member.value.encoded())
        }
        writeAliases(to: &writer)
        writer.endObject()
    }

    private func writeAliases(to writer: inout JSONWriter) {
        guard let alias else { return }
        writer.name("PipelineVersionAliases")
        writer.beginArray()
        writer.string(alias)
        writer.endArray()
    }

    /// The reply of DescribePipelineExecution.
    func described(at now: Int64) -> [UInt8] {
        let status = status(at: now)
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("PipelineArn", pipelineARN)
        writer.member("PipelineExecutionArn", arn)
        for member in members {
            writer.name(member.name)
            writer.raw(member.value.encoded())
        }
        writeAliases(to: &writer)
        writer.member("PipelineExecutionStatus", status.rawValue)
        if let failure = callbackFailure {
            writer.member("FailureReason", "Step failure: \(failure.step): \(failure.reason)")
        } else if status == .failed {
            writer.member("FailureReason", "Step failed: as its name says")
        }
        writer.name("CreationTime")
        writer.epochSeconds(createdAt)
        writer.name("LastModifiedTime")
        writer.epochSeconds(lastModified(at: now))
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes a moment as AWS's JSON protocol has it: seconds, with a fraction.
    mutating func epochSeconds(_ milliseconds: Int64) { double(seconds(milliseconds)) }
}

private func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }
