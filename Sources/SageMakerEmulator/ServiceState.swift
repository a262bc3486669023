internal import HTTP1
internal import HTTPServer
internal import JSON
internal import SageMakerAPI

/// All that the emulated service knows, and what each request does to it. No I/O, no clock.
struct ServiceState: Sendable {
    /// Names for what a request may bring about, made beforehand since they are random.
    struct FreshNames {
        let requestID: String
        let executionID: String
    }

    /// How a request is answered.
    enum Answer {
        case response(Response)
        case delayed(Response, by: Duration)
        /// A byte at a time, each behind a wait.
        case drip(Response, every: Duration)
        case cut(Response, ScriptedFault.Cut)
        case abort(Abort)
        /// A reply that is no response of ours; the connection ends behind it.
        case foreign(ForeignReply)
    }

    let options: EmulatorOptions
    var faults: FaultScript
    /// Requests to the service, refused ones too.
    private(set) var requestsSeen = 0
    private(set) var executionsCreated = 0
    private(set) var journal = RequestJournal()
    var executions = BoundedTable<String, Execution>(
        countMax: EmulatorLimits.executionsMax)
    private var starts = BoundedTable<TokenKey, TokenUse>(countMax: EmulatorLimits.executionsMax)
    private var stops = BoundedTable<TokenKey, String>(countMax: EmulatorLimits.executionsMax)
    /// What CreatePipeline has made of each token.
    var creations = BoundedTable<TokenKey, CreationUse>(countMax: EmulatorLimits.pipelinesMax)
    private var retries = BoundedTable<TokenKey, String>(countMax: EmulatorLimits.executionsMax)
    /// The callback steps that wait, or have waited, by their tokens.
    var callbackSteps = BoundedTable<TokenKey, StepPlace>(countMax: EmulatorLimits.executionsMax)
    var completions = BoundedTable<TokenKey, StepCompletionUse>(
        countMax: EmulatorLimits.executionsMax)
    var pipelines = BoundedTable<EmulatedPipeline.Key, EmulatedPipeline>(
        countMax: EmulatorLimits.pipelinesMax)

    struct TokenKey: Hashable, Sendable {
        let region: String
        let token: String
    }

    private struct TokenUse: Sendable {
        let fingerprint: StartFingerprint
        let executionARN: String
    }

    init(_ options: EmulatorOptions, faults: FaultScript) {
        self.options = options
        self.faults = faults
    }

    /// Answers a request and writes it down.
    /// - Parameter now: Milliseconds since 1970.
    mutating func answer(_ call: ServiceCall, _ names: FreshNames, at now: Int64) -> Answer {
        requestsSeen += 1
        var entry = JournalEntry(call.trace, requestID: names.requestID, at: now)
        defer { journal.append(entry) }
        switch call.request {
        case .failure(let refusal): return .response(refused(refusal, &entry))
        case .success(let request):
            guard let fault = faults.take(for: request, call.trace) else {
                return .response(carriedOut(request, call.trace, names, at: now, &entry))
            }
            entry.fault = fault.kind
            return answer(request, call.trace, fault, names, at: now, &entry)
        }
    }

    /// Writes a request to another service down, which is not counted as one to SageMaker.
    mutating func note(_ entry: JournalEntry) { journal.append(entry) }

    private mutating func answer(
        _ request: ServiceRequest, _ trace: CallTrace, _ fault: ScriptedFault, _ names: FreshNames,
        at now: Int64, _ entry: inout JournalEntry
    ) -> Answer {
        switch fault.effect {
        case .refuse(let refusal):
            var response = refused(refusal, &entry)
            if let retryAfter = fault.retryAfter {
                response.fields.append(("x-amz-retry-after", String(retryAfter.milliseconds)))
            }
            if fault.isEmpty { response.content = [] }
            return .response(response)
        case .abort(let abort): return .abort(abort)
        case .lose(let abort):
            _ = carriedOut(request, trace, names, at: now, &entry)
            entry.status = nil
            return .abort(abort)
        case .delay(let delay):
            return .delayed(carriedOut(request, trace, names, at: now, &entry), by: delay)
        case .drip(let pause):
            return .drip(carriedOut(request, trace, names, at: now, &entry), every: pause)
        case .cut(let cut):
            return .cut(carriedOut(request, trace, names, at: now, &entry), cut)
        case .replace(let content):
            var response = carriedOut(request, trace, names, at: now, &entry)
            if response.status == .ok { response.content = content }
            return .response(response)
        case .raw(let reply):
            entry.status = reply.status
            return .foreign(reply)
        }
    }

    private func refused(_ refusal: ServiceRefusal, _ entry: inout JournalEntry) -> Response {
        entry.status = refusal.status.rawValue
        entry.error = refusal.code
        return refusal.response(requestID: entry.requestID)
    }

    private mutating func carriedOut(
        _ request: ServiceRequest, _ trace: CallTrace, _ names: FreshNames, at now: Int64,
        _ entry: inout JournalEntry
    ) -> Response {
        let region = trace.region ?? SignatureCheck.defaultRegion
        do throws(ServiceRefusal) {
            let content: [UInt8]
            switch request {
            case .start(let start):
                let arn = try self.start(start, region, names, at: now)
                entry.executionARN = arn
                content = naming(arn)
            case .describeExecution(let arn):
                entry.executionARN = arn
                content = try execution(arn, region).described(at: now)
            case .describePipeline(let pipeline, let alias):
                content = try describePipeline(pipeline, alias, region, at: now)
            case .retry(let arn, let token):
                entry.executionARN = arn
                try retry(arn, TokenKey(region: region, token: token), at: now)
                content = naming(arn)
            case .listExecutions(let list):
                content = try listed(list, region, at: now)
            case .listSteps(let list):
                entry.executionARN = list.executionARN
                content = try listed(list, region, at: now)
            case .completeStep(let completion):
                let arn = try complete(completion, region, at: now)
                entry.executionARN = arn
                content = naming(arn)
            case .createPipeline(let request):
                content = try create(request, region, at: now)
            case .stop(let arn, let token):
                entry.executionARN = arn
                try stop(arn, TokenKey(region: region, token: token), at: now)
                content = naming(arn)
            }
            entry.status = HTTPStatus.ok.rawValue
            return .service(.ok, content, requestID: names.requestID)
        } catch {
            return refused(error, &entry)
        }
    }
}

// MARK: - The operations

extension ServiceState {
    /// - Returns: The ARN of the execution, created now or earlier with the same token.
    private mutating func start(
        _ start: StartRequest, _ region: String, _ names: FreshNames, at now: Int64
    ) throws(ServiceRefusal) -> String {
        let key = TokenKey(region: region, token: start.token)
        if let use = starts[key] {
            if let difference = start.fingerprint.difference(from: use.fingerprint) {
                try refuseReuse(
                    "ClientRequestToken '\(start.token)' has been used for a request "
                        + "with \(difference); it started \(use.executionARN).")
            }
            return use.executionARN
        }
        try checkExists(start.pipeline)
        try check(start.alias, of: start.pipeline, region)
        try checkParameters(of: start, region)
        try checkQuota(at: now)
        let execution = Execution(
            arn: arn(ofExecution: names.executionID, of: start, in: region),
            pipelineARN: arn(of: start.pipeline, in: region),
            members: start.described, alias: start.alias, createdAt: now,
            endsAt: now + options.executionDuration.milliseconds,
            fails: start.pipeline.name.hasPrefix(EmulatorOptions.failingPrefix),
            steps: steps(of: start, region, seed: names.executionID))
        executions.set(execution, for: execution.arn)
        noteCallbacks(of: execution, region)
        starts.set(
            TokenUse(fingerprint: start.fingerprint, executionARN: execution.arn), for: key)
        note(start, region, at: now)
        executionsCreated += 1
        return execution.arn
    }

    func refuseReuse(_ reason: String) throws(ServiceRefusal) {
        switch options.tokenReuse {
        case .conflict: throw .conflict(reason: reason)
        case .validation: throw .validation([reason])
        case .replay: break
        }
    }

    private func checkParameters(
        of start: StartRequest, _ region: String
    ) throws(ServiceRefusal) {
        let key = EmulatedPipeline.Key(region: region, pipeline: start.pipeline)
        let violations = pipeline(key, at: 0).violations(of: start.parameters)
        guard violations.isEmpty else { throw .validation(violations) }
    }

    /// The steps of a new execution: those of the definition, or those that were selected.
    private func steps(
        of start: StartRequest, _ region: String, seed: String
    ) -> [ExecutionStep] {
        let key = EmulatedPipeline.Key(region: region, pipeline: start.pipeline)
        return pipeline(key, at: 0).steps
            .filter { start.selectedSteps?.contains($0.name) ?? true }
            .map { ExecutionStep($0, seed: seed) }
    }

    private func checkQuota(at now: Int64) throws(ServiceRefusal) {
        guard let most = options.concurrentExecutionsMax else { return }
        let running = executions.values.count { $0.status(at: now) == .executing }
        guard running < most else {
            throw .resourceLimitExceeded(
                reason: "The account-level service limit for pipeline executions at the same "
                    + "time is \(most), with \(running) running.")
        }
    }

    private mutating func note(_ start: StartRequest, _ region: String, at now: Int64) {
        let key = EmulatedPipeline.Key(region: region, pipeline: start.pipeline)
        var pipeline = pipeline(key, at: now)
        pipeline.noteStart(with: start.parameters, at: now)
        pipelines.set(pipeline, for: key)
    }

    func execution(
        _ arn: String, _ region: String
    ) throws(ServiceRefusal) -> Execution {
        guard let execution = executions[arn], PipelineExecutionARN(arn)?.region == region else {
            throw .resourceNotFound(
                reason: "Pipeline execution with ARN \(quoted(arn)) does not exist.")
        }
        return execution
    }

    private mutating func stop(
        _ arn: String, _ key: TokenKey, at now: Int64
    ) throws(ServiceRefusal) {
        if let earlier = stops[key] {
            guard earlier == arn else {
                throw .conflict(
                    reason: "ClientRequestToken '\(key.token)' has been used to stop \(earlier).")
            }
            return
        }
        var execution = try execution(arn, key.region)
        let doneAt = now + options.stoppingDuration.milliseconds
        guard execution.stop(at: now, doneAt: doneAt) else {
            throw .conflict(
                reason: "Pipeline execution with ARN \(arn) is "
                    + "\(execution.status(at: now).rawValue) and cannot be stopped.")
        }
        executions.set(execution, for: arn)
        stops.set(arn, for: key)
    }

    private mutating func retry(
        _ arn: String, _ key: TokenKey, at now: Int64
    ) throws(ServiceRefusal) {
        if retries[key] == arn { return }
        var execution = try execution(arn, key.region)
        guard execution.retry(at: now, until: now + options.executionDuration.milliseconds) else {
            throw .conflict(
                reason: "Pipeline execution with ARN \(arn) is "
                    + "\(execution.status(at: now).rawValue) and cannot be retried.")
        }
        executions.set(execution, for: arn)
        noteCallbacks(of: execution, key.region)
        retries.set(arn, for: key)
    }

    /// A page of a pipeline's executions. The token of the next one is the last ARN of this.
    private func listed(
        _ list: ListRequest, _ region: String, at now: Int64
    ) throws(ServiceRefusal) -> [UInt8] {
        try checkExists(list.pipeline)
        try check(list.alias, of: list.pipeline, region)
        let pipelineARN = arn(of: list.pipeline, in: region)
        var found = executions.values
            .filter { $0.pipelineARN == pipelineARN && list.includes($0) }
            .sorted {
                list.isByARN ? $0.arn < $1.arn : ($0.createdAt, $0.arn) < ($1.createdAt, $1.arn)
            }
        if !list.isAscending { found.reverse() }
        if let after = list.after {
            guard let position = found.firstIndex(where: { $0.arn == after }) else {
                throw .validation(["NextToken: is none of this list"])
            }
            found.removeFirst(position + 1)
        }
        let page = found.prefix(list.countMax)
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.name("PipelineExecutionSummaries")
        writer.beginArray()
        for execution in page { execution.writeSummary(to: &writer, at: now) }
        writer.endArray()
        if page.count < found.count, let last = page.last { writer.member("NextToken", last.arn) }
        writer.endObject()
        return writer.bytes
    }

    private func naming(_ executionARN: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("PipelineExecutionArn", executionARN)
        writer.endObject()
        return writer.bytes
    }
}
