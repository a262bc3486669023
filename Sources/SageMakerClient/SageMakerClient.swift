internal import OpenSSLCrypto
package import SageMakerAPI

/// Turns stored requests into signed ones and replies into outcomes; it sends nothing itself.
///
/// A value for one thread: signing keys and the service's clock are remembered in it.
package struct SageMakerClient {
    /// Replaced when they are renewed; nil until they are known.
    package var credentials: Credentials? {
        didSet { if credentials != oldValue { prepared = nil } }
    }
    /// Seconds to add to our clock for the service's, learnt from a reply that refused our time.
    package private(set) var clockOffset: Int64 = 0
    private let endpoints: EndpointResolver
    private var keys = SigningKeys()
    /// What the last request had, for all of its kind within the same second.
    private var prepared: PreparedRequest?

    package init(credentials: Credentials? = nil, endpoints: EndpointResolver) {
        self.credentials = credentials
        self.endpoints = endpoints
    }

    /// Signs one attempt.
    ///
    /// The same body gives another signature at another time; the token in it stays.
    /// - Parameters:
    ///   - target: The operation, as `X-Amz-Target` names it.
    ///   - body: The request as it was stored, in AWS's JSON.
    ///   - epochSeconds: Our clock, in seconds since 1970.
    /// - Throws: ``SageMakerClientError/invalidRegion(source:)``, and
    ///   ``SageMakerClientError/noCredentials(lookedAt:)`` while there are none.
    package mutating func request(
        target: String = StartPipelineExecution.target, body: [UInt8], region: String,
        at epochSeconds: Int64
    ) throws(SageMakerClientError) -> SignedRequest {
        let seconds = epochSeconds &+ clockOffset
        let prepared = try prepared(target: target, region: region, at: seconds)
        let authorization = prepared.form.authorization(contentHash: hexEncoded(sha256(body)))
        return SignedRequest(
            method: "POST", url: prepared.url, fields: prepared.fields + [authorization],
            body: body)
    }

    private mutating func prepared(
        target: String, region: String, at seconds: Int64
    ) throws(SageMakerClientError) -> PreparedRequest {
        if let prepared, prepared.seconds == seconds, prepared.region == region,
            prepared.target == target
        {
            return prepared
        }
        guard let credentials else { throw .noCredentials(lookedAt: []) }
        let endpoint = try endpoints.endpoint(region: region)
        // The five that botocore signs; whatever the sender adds stays unsigned.
        let fields = [
            (name: "Host", value: endpoint.host),
            (name: "Content-Type", value: StartPipelineExecution.contentType),
            (name: "X-Amz-Target", value: target),
        ]
        let form = SigningForm(
            SignableRequest(method: "POST", path: endpoint.path, fields: fields),
            credentials: credentials, region: region, service: StartPipelineExecution.signingName,
            at: SigningTime(epochSeconds: seconds), keys: &keys)
        let prepared = PreparedRequest(
            target: target, region: region, seconds: seconds, url: endpoint.url,
            fields: fields + form.added, form: form)
        self.prepared = prepared
        return prepared
    }

    /// Checks and signs one attempt of a call of any operation.
    ///
    /// - Throws: ``SageMakerClientError/invalidRequest(operation:violations:)`` for what AWS's model
    ///   does not take, and as above.
    package mutating func request(
        _ operation: PipelineOperation, _ call: RequestValue, region: String,
        at epochSeconds: Int64
    ) throws(SageMakerClientError) -> SignedRequest {
        let violations = operation.violations(in: call, region: region)
        guard violations.isEmpty else {
            throw .invalidRequest(
                operation: operation.rawValue, violations: violations.map(\.description))
        }
        return try request(
            target: operation.target, body: call.encoded(), region: region, at: epochSeconds)
    }

    /// Reads a reply to a call of any operation, as ``outcome(of:at:)`` does.
    /// - Parameter bytesMax: The longest content that is read.
    package mutating func outcome(
        of reply: ServiceReply, to operation: PipelineOperation,
        bytesMax: Int = SageMakerAPILimits.replyBytesMax, at epochSeconds: Int64
    ) -> OperationReply {
        let outcome = OperationReply(reply, to: operation, bytesMax: bytesMax)
        if case .retry(_, _, .clock) = outcome { learnClock(from: reply, at: epochSeconds) }
        return outcome
    }

    /// Reads a reply to a request to start a pipeline.
    ///
    /// When the service says that our time is wrong, its Date field corrects the next signature.
    /// - Parameter epochSeconds: Our clock when the reply came, in seconds since 1970.
    package mutating func outcome(
        of reply: ServiceReply, at epochSeconds: Int64
    ) -> StartReply {
        let outcome = StartReply(reply)
        if case .retry(_, _, .clock) = outcome { learnClock(from: reply, at: epochSeconds) }
        return outcome
    }

    private mutating func learnClock(from reply: ServiceReply, at epochSeconds: Int64) {
        clockOffset = serviceClockOffset(of: reply, at: epochSeconds) ?? clockOffset
    }
}

/// What the requests to one operation in one region have in common for a second.
private struct PreparedRequest: CustomReflectable {
    let target: String
    let region: String
    let seconds: Int64
    let url: String
    /// All but Authorization, in the order in which they are sent.
    let fields: [(name: String, value: String)]
    let form: SigningForm

    /// The fields can hold a session token, so nothing is printed.
    var customMirror: Mirror { Mirror(self, children: []) }
}
