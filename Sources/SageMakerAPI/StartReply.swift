internal import JSON

/// What became of one request to start a pipeline.
package enum StartReply: Sendable, Equatable {
    case started(executionARN: String)
    /// The service will never accept this request.
    case refused(code: String, message: String)
    /// Nobody knows, or not now: the same request with the same token may be sent again.
    case retry(code: String, message: String, kind: Retry)

    /// Why a request may be sent again.
    package enum Retry: Sendable, Equatable, CaseIterable {
        /// Too many requests, a failing service or a reply that is not the service's.
        case throttling, service, unusableReply
        /// No complete reply; the code and message are those of the transport.
        case connection
        /// A quota is used up; it will not be free again in seconds.
        case resourceLimit
        /// Our own credentials or clock; requests will fail until somebody renews them.
        case credentials, clock
    }

    /// Reads a reply.
    ///
    /// A success without a well-formed execution ARN is ambiguous (curl reports a reply that ends
    /// within its header fields as 200 without content), so it is a retry.
    package init(_ reply: ServiceReply) {
        guard reply.body.count <= SageMakerAPILimits.replyBytesMax else {
            let limit = SageMakerAPILimits.replyBytesMax
            self = .unusable(reply.status, "the reply is longer than \(limit) bytes")
            return
        }
        if (200..<300).contains(reply.status) {
            self = StartReply(success: reply)
            return
        }
        let error = ServiceError(reply)
        let fault = ServiceFault(
            status: reply.status, code: error.code, message: error.message,
            isFromService: error.isFromService)
        let code = error.code ?? "HTTP \(reply.status)"
        let message = error.message ?? "the reply has no message"
        switch fault {
        case .throttling: self = .retry(code: code, message: message, kind: .throttling)
        case .resourceLimit: self = .retry(code: code, message: message, kind: .resourceLimit)
        case .credentials: self = .retry(code: code, message: message, kind: .credentials)
        case .clock: self = .retry(code: code, message: message, kind: .clock)
        case .service: self = .retry(code: code, message: message, kind: .service)
        case .permanent: self = .refused(code: code, message: message)
        case .unusable:
            self = .unusable(reply.status, error.message ?? "the reply is not the service's")
        }
    }

    private init(success reply: ServiceReply) {
        guard let document = try? JSONDocument(parsing: reply.body) else {
            self = .unusable(reply.status, "the reply is not JSON")
            return
        }
        guard let text = document.root["PipelineExecutionArn"]?.string,
            PipelineExecutionARN(text) != nil
        else {
            self = .unusable(reply.status, "the reply has no well-formed PipelineExecutionArn")
            return
        }
        self = .started(executionARN: text)
    }

    private static func unusable(_ status: Int, _ message: String) -> StartReply {
        .retry(code: "HTTP \(status)", message: message, kind: .unusableReply)
    }
}
