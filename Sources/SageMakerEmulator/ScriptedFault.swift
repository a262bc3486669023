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
    // The connection ends without a reply; nothing is done.
    case resetBefore
    case closeBefore
    // The request is carried out and the reply is lost.
    case resetAfter
    case closeAfter
    // The request is carried out and the reply is late or wrong.
    case slow
    case halfReply
    case noARN

    /// Whether the fault is an error reply.
    var isRefusal: Bool {
        switch self {
        case .throttle, .tooManyRequests, .internalFailure, .serviceUnavailable, .resourceLimit,
            .accessDenied, .expiredToken:
            true
        case .resetBefore, .closeBefore, .resetAfter, .closeAfter, .slow, .halfReply, .noARN:
            false
        }
    }
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
    /// The operation it befalls.
    package var operation = EmulatedOperation.start
    /// The ClientRequestToken it befalls; nil for any.
    package var token: String?
    /// The name of the pipeline it befalls; nil for any.
    package var pipeline: String?
    /// How late a slow reply is: up to an hour.
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
    }

    func befalls(_ request: ServiceRequest, _ trace: CallTrace) -> Bool {
        request.operation == operation && (token == nil || token == trace.token)
            && (pipeline == nil || pipeline == trace.pipeline)
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
        case .resetBefore: .abort(.reset)
        case .closeBefore: .abort(.close(after: []))
        case .resetAfter: .lose(.reset)
        case .closeAfter: .lose(.close(after: []))
        case .slow: .delay(delay)
        case .halfReply: .cut(cut)
        case .noARN: .omitARN
        }
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
    /// Carries the request out and ends the connection within the reply.
    case cut(ScriptedFault.Cut)
    /// Carries the request out and answers 200 with an empty structure.
    case omitARN
}
