import Foundation
import HTTPClient
import JSON
import Journal
import Outbound
import Rules
import SageMakerAPI
import SageMakerClient

/// Asks SageMaker about each rule's pipeline: whether it is there, and whether the rule's parameters
/// exist, are complete and have the right types.
final class PipelineCheck {
    private let aws: AWSAccess
    private let proxies: ProxySettings
    private var own: Result<ResolvedCredentials, SageMakerClientError>?
    private var roles: [String: Result<ResolvedCredentials, SageMakerClientError>] = [:]
    private var pipelines: [Question: Result<PipelineDefinition, Failure>] = [:]
    /// What is wrong, each with the place of the rule.
    private(set) var problems: [String] = []
    /// What was found to be right.
    private(set) var findings: [String] = []

    /// What is asked once, however many rules have it.
    private struct Question: Hashable {
        let role: String?
        let region: String
        let request: [UInt8]
        /// Whether it names a version of the pipeline.
        let namesVersion: Bool
    }

    private struct Failure: Error {
        let text: String
    }

    init(_ settings: GatewaySettings) {
        aws = settings.aws
        proxies = settings.proxies
    }

    func check(_ rules: [Rule]) {
        switch credentials(of: nil) {
        case .success(let found): findings.append("aws: credentials from \(found.provider)")
        case .failure(let error):
            // Every rule would fail for the same reason.
            return problems.append("aws: \(error)")
        }
        for rule in rules { check(rule) }
    }

    private func check(_ rule: Rule) {
        let outline = rule.outline
        guard let name = outline.pipelineName else {
            findings.append(
                "rule \(rule.name): its PipelineName is an expression, so it was not asked about")
            return
        }
        let region = rule.region ?? PipelineARN(name)?.region ?? aws.region ?? ""
        let role = rule.roleARN ?? aws.service.roleARN
        let question = Question(
            role: role, region: region, request: request(outline, name),
            namesVersion: outline.pipelineVersionID != nil || outline.pipelineVersionAlias != nil)
        let answer = pipelines[question] ?? ask(question)
        pipelines[question] = answer
        switch answer {
        case .success(let definition): compare(rule, outline, definition, "\(name) in \(region)")
        case .failure(let failure):
            problems.append("\(rule.place): pipeline \(name) in \(region): \(failure.text)")
        }
    }

    // MARK: - Comparing

    private func compare(
        _ rule: Rule, _ outline: StartOutline, _ definition: PipelineDefinition, _ pipeline: String
    ) {
        guard let declared = definition.parameters else {
            findings.append(
                "rule \(rule.name): pipeline \(pipeline) is there; its definition tells no parameters"
            )
            return
        }
        guard let given = outline.parameters else {
            findings.append(
                "rule \(rule.name): pipeline \(pipeline) is there; the names of the rule's parameters "
                    + "are expressions")
            return
        }
        let faults = faults(of: given, outline, declared)
        problems += faults.map { "\(rule.place): pipeline \(pipeline): \($0)" }
        if faults.isEmpty {
            findings.append(
                "rule \(rule.name): pipeline \(pipeline) takes its \(given.count) of "
                    + "\(declared.count) parameters")
        }
    }

    private func faults(
        of given: [StartOutline.Parameter], _ outline: StartOutline,
        _ declared: [PipelineDefinition.Parameter]
    ) -> [String] {
        var faults: [String] = []
        for parameter in given {
            guard let known = declared.first(where: { $0.name == parameter.name }) else {
                let names = declared.map(\.name)
                faults.append(
                    "there is no parameter \(parameter.name)"
                        + suggestion(for: parameter.name, among: names))
                continue
            }
            if let value = parameter.value, let fault = known.fault(of: value) {
                faults.append("parameter \(parameter.name): \(fault), is \"\(printable(value))\"")
            }
        }
        for parameter in declared where parameter.isRequired {
            guard !given.contains(where: { $0.name == parameter.name }) else { continue }
            let isOmitted = outline.omittedParameters.contains(parameter.name)
            faults.append(
                "parameter \(parameter.name) has no default value and is not given"
                    + (isOmitted ? ", as it is empty and emptyParameters is omit" : ""))
        }
        return faults
    }

    // MARK: - Asking

    private func request(_ outline: StartOutline, _ name: String) -> [UInt8] {
        var members = [RequestMember(name: "PipelineName", value: .string(name))]
        if let id = outline.pipelineVersionID {
            members.append(RequestMember(name: "PipelineVersionId", value: .integer(id)))
        }
        if let alias = outline.pipelineVersionAlias {
            members.append(RequestMember(name: "PipelineVersionAlias", value: .string(alias)))
        }
        return RequestValue.structure(members).encoded()
    }

    private func ask(_ question: Question) -> Result<PipelineDefinition, Failure> {
        switch credentials(of: question.role) {
        case .failure(let error): return .failure(Failure(text: "\(error)"))
        case .success(let found):
            var client = SageMakerClient(
                credentials: found.credentials, endpoints: aws.service.endpoints)
            var failure = Failure(text: "")
            for requests in 1...StandardRetry.requestsMax {
                let (result, retry) = send(question, &client)
                guard case .failure(let latest) = result, let retry,
                    requests < StandardRetry.requestsMax
                else { return result }
                failure = latest
                aws.tools.pause(
                    StandardRetry.delay(
                        afterRequest: requests, retry, retryAfter: nil, random: .random(in: 0...1)))
            }
            return .failure(failure)
        }
    }

    private func send(
        _ question: Question, _ client: inout SageMakerClient
    ) -> (Result<PipelineDefinition, Failure>, StandardRetry.Kind?) {
        let signed: SignedRequest
        do {
            signed = try client.request(
                target: PipelineOperation.describePipeline.target, body: question.request,
                region: question.region, at: aws.tools.clock())
        } catch {
            return (.failure(Failure(text: "\(error)")), nil)
        }
        var request = ClientRequest(id: 0, method: .post, url: signed.url)
        request.fields = signed.fields
        request.content = signed.body
        request.timeout = .seconds(20)
        request.allowsPlainHTTP = signed.url.hasPrefix("http://")
        request.replyBytesMax = SageMakerAPILimits.definitionReplyBytesMax
        request.proxy = proxies.proxy(for: signed.url)
        request.certificateAuthorities = aws.service.certificateAuthorities
        switch aws.tools.send(request) {
        case .failure(let error): return (.failure(Failure(text: "\(error)")), .transient)
        case .success(let reply):
            let service = ServiceReply(
                status: reply.status, fields: reply.fields, body: reply.content)
            let outcome = client.outcome(
                of: service, to: .describePipeline,
                bytesMax: SageMakerAPILimits.definitionReplyBytesMax,
                at: aws.tools.clock())
            return read(outcome, reply.content, of: question)
        }
    }

    private func read(
        _ outcome: OperationReply, _ content: [UInt8], of question: Question
    ) -> (Result<PipelineDefinition, Failure>, StandardRetry.Kind?) {
        switch outcome {
        case .done:
            guard let definition = PipelineDefinition(describePipeline: content) else {
                return (.failure(Failure(text: "the reply has no definition")), .transient)
            }
            return (.success(definition), nil)
        // With a version the service's message says whether that or the pipeline is missing.
        case .refused("ResourceNotFound", _) where !question.namesVersion:
            return (.failure(Failure(text: "there is none")), nil)
        case .refused(let code, let message):
            return (.failure(Failure(text: "\(code): \(worded(message))")), nil)
        case .retry(let code, let message, let kind):
            return (
                .failure(Failure(text: "\(code): \(worded(message))")),
                StandardRetry.kind(of: kind)
            )
        }
    }

    private func credentials(
        of role: String?
    ) -> Result<ResolvedCredentials, SageMakerClientError> {
        let own =
            self.own
            ?? Result { () throws(SageMakerClientError) in
                try CredentialChain(aws.tools, profile: aws.profile).resolve()
            }
        self.own = own
        guard let role else { return own }
        let known =
            roles[role]
            ?? own.flatMap { source in
                Result { () throws(SageMakerClientError) in
                    try assumedRole(role, with: source.credentials, aws.tools, profile: aws.profile)
                }
            }
        roles[role] = known
        return known
    }
}
