internal import HTTPServer

/// What goes wrong with a request, by the word that a fault script has for it.
package enum FaultKind: String, Sendable, CaseIterable {
    // Answered with an error; nothing is done.
    case throttle
    case tooManyRequests = "429"
    case internalFailure = "500"
    case serviceUnavailable = "503"
    case resourceLimit
    case accessDenied
    case expiredToken
    case unknownClient
    case badSignature
    case clockSkew
    case validation
    case notFound
    case conflict
    // Answered by something on the way to the service; nothing is done.
    case html
    case redirect
    // The connection ends without a reply; nothing is done.
    case resetBefore
    case closeBefore
    /// The same, but only to requests on a connection that has carried one already: what a client
    /// meets whose connection the service has let go.
    case resetReused
    case closeReused
    // The request is carried out and the reply is lost.
    case resetAfter
    case closeAfter
    // The request is carried out and the reply is late or wrong.
    case slow
    /// A byte at a time.
    case drip
    case halfReply
    case noARN
    case wrongJSON
    case hugeReply
    /// No reply for an hour, which is longer than any client waits.
    case never

    /// Whether the fault is an error reply.
    var isRefusal: Bool {
        switch self {
        case .throttle, .tooManyRequests, .internalFailure, .serviceUnavailable, .resourceLimit,
            .accessDenied, .expiredToken, .unknownClient, .badSignature, .clockSkew, .validation,
            .notFound, .conflict:
            true
        case .html, .redirect, .resetBefore, .closeBefore, .resetReused, .closeReused, .resetAfter,
            .closeAfter, .slow, .drip, .halfReply, .noARN, .wrongJSON, .hugeReply, .never:
            false
        }
    }

    /// Whether it befalls no request that is the first of its connection.
    var needsReuse: Bool { self == .resetReused || self == .closeReused }

    /// Whether `delayMilliseconds` says how slow it is.
    var isTimed: Bool { self == .slow || self == .drip }
}

/// An entry of a fault script: what goes wrong, with which requests and how often.
package struct ScriptedFault: Sendable, Equatable {
    /// Where half a reply ends.
    package enum Cut: String, Sendable, CaseIterable {
        /// Within the header fields.
        case headers
        /// Within the content, which is shorter than its Content-Length says.
        case body
    }

    package var kind: FaultKind
    /// How many requests it befalls: 1...1,000,000.
    package var times = 1
    /// How many requests that it is meant for are let through first.
    package var skip = 0
    /// The operation it befalls.
    package var operation = EmulatedOperation.start
    /// The ClientRequestToken it befalls; nil for any.
    package var token: String?
    /// The name of the pipeline it befalls; nil for any.
    package var pipeline: String?
    /// How late a slow reply is, or how long a dripping one rests before each byte: up to an hour.
    package var delay: Duration = .zero
    /// Where half a reply ends.
    package var cut = Cut.body
    /// What an error reply asks for in `x-amz-retry-after`, in milliseconds.
    package var retryAfter: Duration?
    /// Whether an error reply has no content.
    package var isEmpty = false

    package init(_ kind: FaultKind, times: Int = 1) {
        self.kind = kind
        self.times = times
        if kind == .drip { delay = Self.dripPause }
    }

    /// A dripping reply's rest before each byte, unless the script says another.
    package static let dripPause = Duration.milliseconds(10)

    func befalls(_ request: ServiceRequest, _ trace: CallTrace) -> Bool {
        request.operation == operation && (token == nil || token == trace.token)
            && (pipeline == nil || pipeline == trace.pipeline)
            && (!kind.needsReuse || trace.isOnReusedConnection)
    }

    var effect: FaultEffect {
        switch kind {
        case .throttle: .refuse(.throttling)
        case .tooManyRequests: .refuse(.tooManyRequests)
        case .internalFailure: .refuse(.internalFailure)
        case .serviceUnavailable: .refuse(.serviceUnavailable)
        case .resourceLimit:
            .refuse(
                .resourceLimitExceeded(
                    reason: "The account-level service limit for pipeline executions is reached."))
        case .accessDenied: .refuse(.accessDenied)
        case .expiredToken: .refuse(.expiredToken)
        case .unknownClient: .refuse(.unrecognizedClient)
        case .badSignature:
            .refuse(.invalidSignature(reason: "The signature does not match."))
        case .clockSkew:
            .refuse(.clockSkew(reason: "Signature expired: the clocks are too far apart."))
        case .validation: .refuse(.validation(["as the fault script says"]))
        case .notFound: .refuse(.resourceNotFound(reason: "Pipeline does not exist."))
        case .conflict: .refuse(.conflict(reason: "As the fault script says."))
        case .html: .raw(.proxyPage)
        case .redirect: .raw(.redirect)
        case .resetBefore, .resetReused: .abort(.reset)
        case .closeBefore, .closeReused: .abort(.close(after: []))
        case .resetAfter: .lose(.reset)
        case .closeAfter: .lose(.close(after: []))
        case .slow: .delay(delay)
        case .drip: .drip(delay)
        case .halfReply: .cut(cut)
        case .noARN: .replace(Array("{}".utf8))
        case .wrongJSON: .replace(Array(#"{"PipelineExecutionArn":["none"]}"#.utf8))
        case .hugeReply: .replace(Self.hugeContent)
        case .never: .delay(EmulatorLimits.delayMax)
        }
    }
}

extension ScriptedFault {
    /// 10 MB of well-formed JSON.
    private static let hugeContent =
        Array(#"{"PipelineExecutionArn":""#.utf8) + [UInt8](repeating: 0x61, count: 10_000_000)
        + Array(#""}"#.utf8)
}

/// A reply that is not the service's, as it goes over the wire.
enum ForeignReply {
    /// A proxy's page for a service that it cannot reach.
    case proxyPage
    /// To a host that does not exist (RFC 2606).
    case redirect

    var status: Int {
        switch self {
        case .proxyPage: 502
        case .redirect: 307
        }
    }

    var bytes: [UInt8] {
        let (line, content) =
            switch self {
            case .proxyPage:
                (
                    "Bad Gateway\r\nContent-Type: text/html",
                    "<html><body><h1>502 Bad Gateway</h1></body></html>"
                )
            case .redirect:
                ("Temporary Redirect\r\nLocation: http://sagemaker.invalid/", "")
            }
        return Array(
            ("HTTP/1.1 \(status) \(line)\r\nContent-Length: \(content.utf8.count)\r\nConnection: close\r\n\r\n"
                + content).utf8)
    }
}

/// What a fault does to a request.
enum FaultEffect {
    /// Answers with an error; nothing is done.
    case refuse(ServiceRefusal)
    /// Ends the connection; nothing is done.
    case abort(Abort)
    /// Carries the request out and ends the connection.
    case lose(Abort)
    /// Carries the request out and answers late.
    case delay(Duration)
    /// Carries the request out and answers a byte at a time, with this wait before each.
    case drip(Duration)
    /// Carries the request out and ends the connection within the reply.
    case cut(ScriptedFault.Cut)
    /// Carries the request out and answers 200 with another content.
    case replace([UInt8])
    /// Answers as something else would; nothing is done.
    case raw(ForeignReply)
}
