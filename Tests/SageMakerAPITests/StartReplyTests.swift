import SageMakerAPI
import Testing

@Suite struct StartReplyTests {
    private let arn =
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/abcdef123456"

    private func reply(
        _ status: Int, _ body: String, _ fields: [(name: String, value: String)] = []
    ) -> StartReply {
        StartReply(ServiceReply(status: status, fields: fields, body: Array(body.utf8)))
    }

    private func kind(_ reply: StartReply) -> StartReply.Retry? {
        guard case .retry(_, _, let kind) = reply else { return nil }
        return kind
    }

    @Test func `a success carries the execution's ARN`() {
        #expect(
            reply(200, #"{"PipelineExecutionArn":"\#(arn)","New":1}"#)
                == .started(executionARN: arn))
    }

    // curl reports a reply that was cut within its header fields as 200 without content.
    @Test(arguments: [
        "", "{}", "null", "[]", #"{"PipelineExecutionArn":null}"#, #"{"PipelineExecutionArn":""}"#,
        #"{"PipelineExecutionArn":"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"}"#,
        #"{"PipelineExecutionArn":"arn:aws:sagemaker:eu-west-1:123456789012:pip"#,
        "<html>welcome to the proxy</html>",
    ])
    func `a success without a well-formed ARN is ambiguous`(body: String) {
        #expect(kind(reply(200, body)) == .unusableReply)
    }

    @Test func `a success cut at any byte is ambiguous`() {
        let body = #"{"PipelineExecutionArn":"\#(arn)"}"#
        for count in 0..<body.utf8.count {
            #expect(kind(reply(200, String(body.prefix(count)))) == .unusableReply)
        }
    }

    @Test func `a reply is read to its limit and no further`() {
        let body = #"{"PipelineExecutionArn":"\#(arn)"}"#
        func padded(_ count: Int) -> String {
            body + String(repeating: " ", count: count - body.utf8.count)
        }
        #expect(reply(200, padded(1 << 20)) == .started(executionARN: arn))
        #expect(kind(reply(200, padded(1 << 20 + 1))) == .unusableReply)
        #expect(kind(reply(400, padded(1 << 20 + 1))) == .unusableReply)
    }

    @Test func `the throttle that SageMaker sends is retried`() {
        // aws/aws-sdk#486: HTTP 400 with a body of 58 bytes.
        let body = #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#
        #expect(body.utf8.count == 58)
        #expect(
            reply(400, body)
                == .retry(
                    code: "ThrottlingException", message: "Rate exceeded", kind: .throttling))
    }

    @Test(arguments: [
        (#"{"__type":"com.amazonaws.sagemaker#ResourceNotFound","Message":"none"}"#, ""),
        (#"{"__type":"ResourceNotFound","message":"none","Message":"other"}"#, "ignored:x"),
        (#"{"__type":"ResourceNotFound:http://x/","message":"none"}"#, ""),
        (#"{"Message":"none"}"#, "ResourceNotFound:http://internal.amazon.com/coral/"),
        (#"{"message":"none"}"#, "ResourceNotFound"),
        (
            "<ErrorResponse><Error><Code>ResourceNotFound</Code><Message>none</Message></Error></ErrorResponse>",
            ""
        ),
    ])
    func `reads code and message wherever they are`(body: String, field: String) {
        let fields = field.isEmpty ? [] : [(name: "x-Amzn-ErrorType", value: field)]
        #expect(reply(400, body, fields) == .refused(code: "ResourceNotFound", message: "none"))
    }

    @Test func `resolves the entities of an XML message once`() {
        let body =
            "<Code>ValidationError</Code><Message>a &lt;b&gt; &amp;lt; &quot;&apos;</Message>"
        #expect(
            reply(400, body) == .refused(code: "ValidationError", message: #"a <b> &lt; "'"#))
    }

    @Test(arguments: [
        ("ConflictException", 400), ("ResourceNotFound", 400), ("ValidationException", 400),
        ("ValidationError", 400), ("AccessDeniedException", 403), ("AccessDenied", 403),
        ("OptInRequired", 403), ("NotAuthorized", 401), ("RequestEntityTooLarge", 413),
        ("UnknownOperationException", 404), ("SomethingNew", 400), ("ConflictException", 429),
        ("ResourceNotFound", 429),
    ])
    func `a no is permanent`(code: String, status: Int) {
        #expect(
            reply(status, #"{"__type":"\#(code)","Message":"m"}"#)
                == .refused(code: code, message: "m"))
    }

    @Test(arguments: [
        ("ThrottlingException", 400, StartReply.Retry.throttling), ("Throttling", 400, .throttling),
        ("TooManyRequestsException", 429, .throttling), ("SlowDown", 503, .throttling),
        ("RequestLimitExceeded", 400, .throttling), ("LimitExceededException", 400, .throttling),
        ("Unmodeled", 429, .throttling), ("ResourceLimitExceeded", 400, .resourceLimit),
        ("InternalFailure", 500, .service), ("InternalFailure", 400, .service),
        ("ServiceUnavailable", 503, .service), ("Unmodeled", 500, .service),
        ("Unmodeled", 599, .service), ("AccessDeniedException", 500, .service),
        ("RequestTimeoutException", 408, .service), ("Unmodeled", 408, .service),
        ("RequestTimeout", 400, .service), ("ExpiredTokenException", 403, .credentials),
        ("ExpiredToken", 400, .credentials), ("UnrecognizedClientException", 403, .credentials),
        ("InvalidClientTokenId", 403, .credentials), ("SignatureDoesNotMatch", 403, .credentials),
        ("InvalidSignatureException", 403, .credentials),
        ("IncompleteSignature", 403, .credentials),
        ("IncompleteSignatureException", 403, .credentials),
        ("MissingAuthenticationTokenException", 403, .credentials),
        ("MissingAuthenticationToken", 403, .credentials), ("RequestExpired", 400, .clock),
        ("RequestTimeTooSkewed", 403, .clock), ("RequestInTheFuture", 403, .clock),
    ])
    func `a fault that can pass is retried`(code: String, status: Int, kind: StartReply.Retry) {
        #expect(
            reply(status, #"{"__type":"\#(code)","message":"m"}"#)
                == .retry(code: code, message: "m", kind: kind))
    }

    @Test(arguments: [
        ("Signature expired: 20261121T010000Z is now earlier than 20261121T020000Z", true),
        ("Signature not yet current: 20261121T030000Z is still later than 20261121T020000Z", true),
        ("The request signature we calculated does not match the signature you provided.", false),
    ])
    func `a signature's age is a fault of the clock`(message: String, isClock: Bool) {
        let body = #"{"__type":"InvalidSignatureException","message":"\#(message)"}"#
        #expect(kind(reply(403, body)) == (isClock ? .clock : .credentials))
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func `a busy or failing reply needs no body`(status: Int) {
        #expect(
            reply(status, "")
                == .retry(
                    code: "HTTP \(status)", message: "the reply has no message",
                    kind: status == 429 ? .throttling : .service))
    }

    @Test func `what only a proxy says is no answer`() {
        let page = "<html><body><h1>Blocked by policy</h1></body></html>"
        for status in [301, 307, 400, 403, 404, 407] {
            #expect(kind(reply(status, page)) == .unusableReply)
            #expect(kind(reply(status, "")) == .unusableReply)
        }
        // Gateways write JSON as well as the service does.
        for body in [
            "{}", #"{"message":"no Route matched with those values"}"#,
            #"{"error":"blocked by policy"}"#, #"{"code":403,"Message":"no"}"#,
        ] {
            for status in [400, 401, 403, 404] {
                #expect(kind(reply(status, body)) == .unusableReply)
            }
        }
        // A request id or a code shows the service.
        #expect(
            reply(404, page, [(name: "x-amzn-requestid", value: "r")])
                == .refused(code: "HTTP 404", message: "the reply has no message"))
        #expect(
            reply(403, #"{"message":"m"}"#, [(name: "x-amzn-RequestId", value: "r")])
                == .refused(code: "HTTP 403", message: "m"))
        #expect(
            reply(404, "", [(name: "x-amzn-ErrorType", value: "NotHere")])
                == .refused(code: "NotHere", message: "the reply has no message"))
    }

    @Test func `keeps no more of a message than its limit and no half character`() throws {
        let body =
            #"{"__type":"\#(String(repeating: "C", count: 200))","message":"\#(String(repeating: "é", count: 3000))é"}"#
        guard case .refused(let code, let message) = reply(400, body) else {
            Issue.record("not refused")
            return
        }
        #expect(code == String(repeating: "C", count: 128))
        #expect(message == String(repeating: "é", count: 2048))
        let odd = #"{"__type":"A","message":"x\#(String(repeating: "é", count: 3000))"}"#
        guard case .refused(_, let cut) = reply(400, odd) else {
            Issue.record("not refused")
            return
        }
        #expect(cut == "x" + String(repeating: "é", count: 2047))
    }

    @Test func `finds header fields in any case`() {
        let reply = ServiceReply(
            status: 200,
            fields: [
                (name: "X-AMZN-RequestID", value: "1"), (name: "x-amzn-requestid", value: "2"),
            ],
            body: [])
        #expect(reply.requestID == "1")
        #expect(reply.field("date") == nil)
    }

    @Test func `no damaged reply traps or starts anything else`() {
        let body = Array(
            #"{"PipelineExecutionArn":"\#(arn)","__type":"a#b:c","Message":"<Code>x</Code>&amp;"}"#
                .utf8)
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        for round in 0..<2000 {
            var damaged = body
            for _ in 0...(round % 4) {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let position = Int(seed >> 33) % damaged.count
                damaged[position] = UInt8(truncatingIfNeeded: seed >> 24)
            }
            let status = [200, 400, 500][round % 3]
            let read = StartReply(ServiceReply(status: status, fields: [], body: damaged))
            if case .started(let executionARN) = read {
                #expect(status == 200)
                #expect(PipelineExecutionARN(executionARN) != nil)
            }
        }
    }
}
