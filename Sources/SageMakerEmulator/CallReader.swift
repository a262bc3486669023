internal import HTTP1
internal import HTTPServer
internal import JSON
internal import SageMakerAPI

/// Makes a ``ServiceCall`` of a request: target, signature, JSON, model, in the service's order.
struct CallReader {
    let options: EmulatorOptions
    let signatures: SignatureCheck

    /// - Parameter now: Milliseconds since 1970.
    func read(_ request: Request, at now: Int64) -> ServiceCall {
        var trace = CallTrace()
        do throws(ServiceRefusal) {
            let read = try read(request, at: now, &trace)
            return ServiceCall(trace: trace, request: .success(read))
        } catch {
            return ServiceCall(trace: trace, request: .failure(error))
        }
    }

    private func read(
        _ request: Request, at now: Int64, _ trace: inout CallTrace
    ) throws(ServiceRefusal) -> ServiceRequest {
        let operation = try operation(of: request.head, &trace)
        let claim = request.head.field("authorization").flatMap(CredentialClaim.init)
        trace.accessKeyID = (claim?.accessKeyID).map(quoted)
        trace.region = (claim?.region).map(quoted)
        let region = try signatures.region(
            of: request.head, request.content, claim: claim, at: now)
        trace.region = region
        let value = try value(of: request.content)
        trace.token = value["ClientRequestToken"]?.text
        trace.pipeline = value["PipelineName"]?.text
        trace.parameters = PipelineParameter.all(in: value)
        try check(value, for: operation, region: region)
        let account = claim.flatMap { signatures.keys[$0.accessKeyID]?.account }
        let read = try self.request(
            value, for: operation, account: account ?? options.accountID)
        if case .start(let start) = read { trace.pipeline = start.pipeline.name }
        if case .describePipeline(let pipeline, _) = read { trace.pipeline = pipeline.name }
        if case .listExecutions(let list) = read { trace.pipeline = list.pipeline.name }
        return read
    }

    private func operation(
        of head: RequestHead, _ trace: inout CallTrace
    ) throws(ServiceRefusal) -> EmulatedOperation {
        guard let target = head.text("x-amz-target") else {
            throw .unknownOperation(reason: "X-Amz-Target is missing")
        }
        trace.operation = quoted(target)
        guard let operation = EmulatedOperation(target: target) else {
            throw .unknownOperation(reason: "the emulator has no \(quoted(target))")
        }
        trace.operation = operation.rawValue
        let type = head.text("content-type") ?? "nothing"
        guard type == StartPipelineExecution.contentType else {
            throw .unknownOperation(
                reason: "expected Content-Type \(StartPipelineExecution.contentType), "
                    + "found \(quoted(type))")
        }
        return operation
    }

    private func value(of content: UnsafeRawBufferPointer) throws(ServiceRefusal) -> RequestValue {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: content)
        } catch {
            throw .serialization(reason: error.description)
        }
        guard document.root.kind == .object else {
            throw .serialization(reason: "the content is no JSON object")
        }
        do throws(SageMakerAPIError) {
            return try RequestValue(json: document.root)
        } catch {
            throw .serialization(reason: error.description)
        }
    }

    private func check(
        _ value: RequestValue, for operation: EmulatedOperation, region: String
    ) throws(ServiceRefusal) {
        var violations = operation.violations(in: value, region: region).map(\.description)
        if operation == .start, violations.isEmpty {
            violations = parameterViolations(PipelineParameter.all(in: value))
        }
        guard violations.isEmpty else { throw .validation(violations) }
    }

    /// What the model does not say of parameters.
    private func parameterViolations(_ parameters: [PipelineParameter]) -> [String] {
        var names: Set<String> = []
        var violations: [String] = []
        for (position, parameter) in parameters.enumerated() {
            let path = "PipelineParameters[\(position)]"
            if parameter.value.isEmpty, !options.takesEmptyValues {
                violations.append("\(path).Value: must have at least 1 character, has 0")
            }
            if !names.insert(parameter.name).inserted {
                violations.append("\(path).Name: \(parameter.name) is given twice")
            }
        }
        return violations
    }

    /// - Parameter account: Whose key signed it.
    private func request(
        _ value: RequestValue, for operation: EmulatedOperation, account: String
    ) throws(ServiceRefusal) -> ServiceRequest {
        // The model has made sure of these.
        let token = value["ClientRequestToken"]?.text ?? ""
        let arn = value["PipelineExecutionArn"]?.text ?? ""
        let pipeline = value["PipelineName"]?.text ?? ""
        switch operation {
        case .start:
            return .start(
                StartRequest(
                    value, pipeline: try pipelineID(pipeline, account), account: account,
                    token: token))
        case .describeExecution: return .describeExecution(arn: arn)
        case .describePipeline:
            return .describePipeline(
                try pipelineID(pipeline, account), alias: value["PipelineVersionAlias"]?.text)
        case .stop: return .stop(arn: arn, token: token)
        case .retry: return .retry(arn: arn, token: token)
        case .listExecutions:
            return .listExecutions(
                ListRequest(value, pipeline: try pipelineID(pipeline, account)))
        case .listSteps:
            guard !arn.isEmpty else { throw .validation(["PipelineExecutionArn: is required"]) }
            return .listSteps(
                StepListRequest(
                    executionARN: arn,
                    countMax: value["MaxResults"]?.integer.map(Int.init) ?? 100,
                    isDescending: value["SortOrder"]?.text == "Descending",
                    after: value["NextToken"]?.text))
        case .sendStepSuccess:
            return completion(
                value, .succeeded(outputs: PipelineParameter.all(in: value["OutputParameters"])))
        case .sendStepFailure:
            return completion(value, .failed(reason: value["FailureReason"]?.text ?? ""))
        case .createPipeline:
            return .createPipeline(
                try CreateRequest(
                    value, pipeline: PipelineID(account: account, name: pipeline), token: token))
        }
    }

    private func completion(
        _ value: RequestValue, _ outcome: ExecutionStep.Completion.Outcome
    ) -> ServiceRequest {
        .completeStep(
            StepCompletionRequest(
                callbackToken: value["CallbackToken"]?.text ?? "", outcome: outcome,
                token: value["ClientRequestToken"]?.text))
    }

    /// The pipeline of an ARN, which is in whatever account that says, or of a name, which is in that
    /// of the caller.
    private func pipelineID(
        _ text: String, _ account: String
    ) throws(ServiceRefusal) -> PipelineID {
        guard text.utf8.contains(UInt8(ascii: ":")) else {
            return PipelineID(account: account, name: text)
        }
        guard let arn = PipelineARN(text), !arn.name.utf8.contains(where: { !$0.isNameCharacter })
        else { throw .resourceNotFound(reason: "Pipeline '\(quoted(text))' does not exist.") }
        return PipelineID(account: arn.account, name: arn.name)
    }
}

extension RequestHead {
    /// The only value of a field, or nil.
    fileprivate func text(_ name: String) -> String? {
        let values = allFields(name)
        return values.count == 1 ? String(decoding: values[0], as: UTF8.self) : nil
    }
}

extension UInt8 {
    /// A letter, a digit or a hyphen.
    fileprivate var isNameCharacter: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
