internal import OpenSSLCrypto
package import SageMakerAPI

/// Turns stored requests into signed ones and replies into outcomes; it sends nothing itself.
///
/// A value for one thread: signing keys and the service's clock are remembered in it.
package struct SageMakerClient: Sendable {
    /// Replaced when they are renewed; nil until they are known.
    package var credentials: Credentials?
    /// Seconds to add to our clock for the service's, learnt from a reply that refused our time.
    package private(set) var clockOffset: Int64 = 0
    private let endpoints: EndpointResolver
    private var keys = SigningKeys()
    /// The last one, for all that are signed within its second.
    private var time = SigningTime(epochSeconds: 0)

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
        guard let credentials else { throw .noCredentials(lookedAt: []) }
        let endpoint = try endpoints.endpoint(region: region)
        // The five that botocore signs; whatever the sender adds stays unsigned.
        let fields = [
            (name: "Host", value: endpoint.host),
            (name: "Content-Type", value: StartPipelineExecution.contentType),
            (name: "X-Amz-Target", value: target),
        ]
        let signed = SignableRequest(method: "POST", path: endpoint.path, fields: fields)
        let seconds = epochSeconds &+ clockOffset
        if time.epochSeconds != seconds { time = SigningTime(epochSeconds: seconds) }
        let added = SigV4.sign(
            signed, contentHash: hexEncoded(sha256(body)), credentials: credentials,
            region: region, service: StartPipelineExecution.signingName,
            at: time, keys: &keys)
        return SignedRequest(method: "POST", url: endpoint.url, fields: fields + added, body: body)
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
