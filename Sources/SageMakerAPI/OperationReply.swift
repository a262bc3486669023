package import JSON

/// What became of one request of any operation.
package enum OperationReply {
    /// Carried out. The content is a JSON object whose members are of the model's kinds; see
    /// ``ReplyShape`` for what is not looked at.
    case done(JSONDocument)
    /// The service will never accept this request.
    case refused(code: String, message: String)
    /// Nobody knows, or not now: the same request may be sent again.
    case retry(code: String, message: String, kind: StartReply.Retry)

    /// Reads a reply.
    ///
    /// A success that is not of the operation's shape, or has not the execution's ARN where the
    /// operation gives one, cannot be the service's and so is a retry.
    /// - Parameter bytesMax: The longest content that is read.
    package init(
        _ reply: ServiceReply, to operation: PipelineOperation,
        bytesMax: Int = SageMakerAPILimits.replyBytesMax
    ) {
        guard (200..<300).contains(reply.status) else {
            switch StartReply(reply) {
            case .started: self = .unusable(reply, "the reply is not the service's")
            case .refused(let code, let message): self = .refused(code: code, message: message)
            case .retry(let code, let message, let kind):
                self = .retry(code: code, message: message, kind: kind)
            }
            return
        }
        guard reply.body.count <= bytesMax else {
            self = .unusable(reply, "the reply is longer than \(bytesMax) bytes")
            return
        }
        guard let document = try? JSONDocument(parsing: reply.body),
            document.root.kind == .object
        else {
            self = .unusable(reply, "the reply is no JSON object")
            return
        }
        if let path = operation.output.mismatch(in: document.root) {
            self = .unusable(reply, "\(path) is not what \(operation.rawValue) replies")
            return
        }
        if operation.output.names("PipelineExecutionArn"),
            document.root["PipelineExecutionArn"]?.string.flatMap(PipelineExecutionARN.init) == nil
        {
            self = .unusable(reply, "the reply has no well-formed PipelineExecutionArn")
            return
        }
        self = .done(document)
    }

    private static func unusable(_ reply: ServiceReply, _ message: String) -> OperationReply {
        .retry(code: "HTTP \(reply.status)", message: message, kind: .unusableReply)
    }
}

extension ReplyShape {
    /// Whether a structure has a member of this name.
    fileprivate func names(_ member: String) -> Bool {
        guard case .structure(let members) = self else { return false }
        return members[member] != nil
    }
}
