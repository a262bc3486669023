import EventPoll
import Foundation
import HTTPClient
import Journal
import Outbound
import SageMakerAPI
import Testing

private let epoch = UnixTime(milliseconds: 1_795_233_906_789)

private func startJob(
    attempts: Int = 0, createdAt: UnixTime = epoch, occasions: [CallbackOccasion]? = nil
) -> StartJob {
    StartJob(
        id: "s1", delivery: "d1", source: "github", rule: "retrain", token: "t",
        region: "eu-west-1", request: Array(#"{"PipelineName":"p"}"#.utf8), createdAt: createdAt,
        attempts: attempts,
        callback: occasions.map { CallbackTarget(url: "https://ci.example.com/", occasions: $0) },
        event: Array(#"{"kind":"push"}"#.utf8))
}

private func settle(
    _ job: StartJob, _ reply: StartReply, at now: UnixTime = epoch
) -> StartSettlement {
    StartTransition.settlement(
        of: job, after: reply,
        AttemptFacts(requestID: "r1", status: 200, requests: 2, totalRetryDelay: .seconds(1)),
        at: now, jitter: 0, makeID: { "msg_1" })
}

@Suite struct StartTransitionTests {
    private let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"

    @Test func `an ARN ends a start and makes its callback`() throws {
        let settlement = settle(
            startJob(occasions: [.started, .failed]), .started(executionARN: arn))
        #expect(settlement.next == .started(executionARN: arn))
        #expect(
            settlement.attempt
                == Attempt(
                    at: epoch, outcome: .succeeded, requestID: "r1", status: 200, requests: 2,
                    totalRetryDelay: .seconds(1)))
        let callback = try #require(settlement.callbacks.first)
        #expect(callback.id == "msg_1")
        #expect(callback.occasion == .started)
        #expect(
            String(decoding: callback.body, as: UTF8.self)
                == #"{"type":"pipeline.execution.started","timestamp":"2026-11-21T04:05:06.789Z","#
                + #""data":{"delivery":"d1","start":"s1","source":"github","rule":"retrain","#
                + #""request":{"PipelineName":"p"},"response":{"PipelineExecutionArn":"\#(arn)"},"#
                + #""execution":null,"event":{"kind":"push"}}}"#)
    }

    @Test func `a refusal ends a start, with the code in its callback`() throws {
        let reply = StartReply.refused(code: "ResourceNotFound", message: "no \"p\"")
        let settlement = settle(startJob(occasions: [.failed]), reply)
        #expect(settlement.next == .refused(code: "ResourceNotFound", message: "no \"p\""))
        #expect(settlement.attempt.outcome == .failed)
        let body = try #require(settlement.callbacks.first).body
        #expect(
            String(decoding: body, as: UTF8.self)
                .contains(#""error":{"code":"ResourceNotFound","message":"no \"p\""}"#))
    }

    @Test func `only the occasions asked for make a callback`() {
        #expect(
            settle(startJob(occasions: [.failed]), .started(executionARN: arn)).callbacks.isEmpty)
        #expect(settle(startJob(), .started(executionARN: arn)).callbacks.isEmpty)
        let retry = StartReply.retry(code: "c", message: "m", kind: .service)
        #expect(settle(startJob(occasions: [.started, .failed]), retry).callbacks.isEmpty)
    }

    @Test func `what can be sent again waits as scheduled`() {
        for kind in StartReply.Retry.allCases {
            let reply = StartReply.retry(code: "c", message: "m", kind: kind)
            let seconds: Int64 = kind == .resourceLimit ? 60 : 10
            #expect(
                settle(startJob(attempts: 1), reply).next
                    == .queued(nextAttemptAt: epoch.advanced(by: .seconds(seconds))))
        }
    }

    @Test func `a start expires when its next attempt would be more than 24 hours old`() {
        let reply = StartReply.retry(code: "c", message: "m", kind: .service)
        // 40 attempts wait 15 minutes for the next.
        let last = epoch.advanced(by: .seconds(86_400 - 900))
        #expect(
            settle(startJob(attempts: 40), reply, at: last).next
                == .queued(nextAttemptAt: epoch.advanced(by: .seconds(86_400))))
        let late = last.advanced(by: .milliseconds(1))
        let settlement = settle(startJob(attempts: 40, occasions: [.failed]), reply, at: late)
        #expect(settlement.next == .expired(code: "c", message: "m"))
        #expect(settlement.attempt.outcome == .failed)
        #expect(settlement.callbacks.map(\.occasion) == [.failed])
    }
}

@Suite struct CallbackTransitionTests {
    private func settle(
        _ result: Result<ClientReply, ClientError>, attempts: Int = 0
    ) -> CallbackSettlement {
        let job = CallbackJob(
            id: "msg_1", start: "s1", url: "https://ci.example.com/", occasion: .started,
            body: [], createdAt: epoch, attempts: attempts)
        return CallbackTransition.settlement(of: job, after: result, at: epoch, jitter: 0)
    }

    private func reply(
        _ status: Int, _ fields: [(name: String, value: String)] = []
    ) -> Result<ClientReply, ClientError> {
        .success(ClientReply(status: status, fields: fields, content: []))
    }

    private func queued(_ seconds: Int64) -> CallbackSettlement.Next {
        .queued(nextAttemptAt: epoch.advanced(by: .seconds(seconds)))
    }

    @Test(arguments: [200, 201, 204, 299])
    func `2xx delivers`(status: Int) {
        #expect(settle(reply(status)).next == .delivered)
        #expect(settle(reply(status)).attempt.outcome == .succeeded)
    }

    @Test(arguments: [199, 300, 301, 302, 400, 401, 404, 409, 411, 429, 500, 503])
    func `everything else is tried again`(status: Int) {
        #expect(settle(reply(status)).next == queued(5))
        #expect(settle(reply(status), attempts: 1).next == queued(300))
        #expect(settle(reply(status)).attempt.code == "HTTP \(status)")
    }

    @Test func `410 and a refused address end it`() throws {
        #expect(settle(reply(410)).next == .failed)
        let address = try #require(IPAddress("127.0.0.1"))
        #expect(settle(.failure(.addressRefused(address))).next == .failed)
        #expect(settle(.failure(.timedOut)).next == queued(5))
    }

    @Test func `the tenth failure is the last`() {
        #expect(settle(reply(500), attempts: 8).next == queued(86_400))
        #expect(settle(reply(500), attempts: 9).next == .failed)
    }

    @Test func `Retry-After lengthens a wait and never shortens it`() {
        func after(_ value: String) -> CallbackSettlement.Next {
            settle(reply(503, [("retry-after", value)])).next
        }
        #expect(after("60") == queued(60))
        #expect(after("1") == queued(5))
        for seconds in ["86401", "999999", "4294967296", String(repeating: "9", count: 40)] {
            #expect(after(seconds) == queued(86_400))
        }
        for text in ["soon", "", "-60", "6e1", "60s"] { #expect(after(text) == queued(5)) }
    }

    @Test func `Retry-After may be a date, which the reply's own Date says how to read`() {
        func after(_ value: String, date: String? = nil) -> CallbackSettlement.Next {
            let fields = [("retry-after", value)] + (date.map { [("date", $0)] } ?? [])
            return settle(reply(503, fields)).next
        }
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(after("Sun, 06 Nov 1994 08:50:37 GMT", date: date) == queued(60))
        #expect(after("Sunday, 06-Nov-94 08:50:37 GMT", date: date) == queued(60))
        #expect(after("Sun Nov  6 08:50:37 1994", date: date) == queued(60))
        #expect(after(date, date: date) == queued(5))
        #expect(after("Sun, 06 Nov 1994 08:00:00 GMT", date: date) == queued(5))
        #expect(after("Wed, 16 Nov 1994 08:00:00 GMT", date: date) == queued(86_400))
        // Without one, by our own clock, by which that was long ago.
        #expect(after("Sun, 06 Nov 1994 08:50:37 GMT") == queued(5))
        #expect(after("Fri, 31 Dec 9999 23:59:59 GMT") == queued(86_400))
    }
}
