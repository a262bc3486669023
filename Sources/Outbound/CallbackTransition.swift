package import HTTPClient
package import Journal
internal import SageMakerClient

/// Where a callback goes after an attempt. Pure.
package enum CallbackTransition {
    /// The longest wait that a receiver's Retry-After can ask for.
    package static let retryAfterMax = Duration.seconds(86_400)

    package static func settlement(
        of job: CallbackJob, after result: Result<ClientReply, ClientError>, at now: UnixTime,
        jitter: Double
    ) -> CallbackSettlement {
        let verdict = verdict(result, at: now)
        let next = next(job, verdict, at: now, jitter: jitter)
        let outcome: AttemptOutcome =
            switch next {
            case .delivered: .succeeded
            case .queued: .retried
            case .failed: .failed
            }
        return CallbackSettlement(
            callback: job.id, lane: job.lane, next: next,
            attempt: Attempt(
                at: now, outcome: outcome, code: verdict.code, message: verdict.message,
                status: try? result.get().status))
    }

    private enum Verdict {
        case delivered(status: Int)
        case final(code: String, message: String)
        case again(code: String, message: String, retryAfter: Duration?)

        var code: String? {
            switch self {
            case .delivered(let status): "HTTP \(status)"
            case .final(let code, _), .again(let code, _, _): code
            }
        }

        var message: String? {
            switch self {
            case .delivered: nil
            case .final(_, let message), .again(_, let message, _): message
            }
        }
    }

    /// Standard Webhooks: 2xx is success, 410 ends it, all else is tried again, 3xx too.
    private static func verdict(
        _ result: Result<ClientReply, ClientError>, at now: UnixTime
    ) -> Verdict {
        switch result {
        case .success(let reply) where (200..<300).contains(reply.status):
            return .delivered(status: reply.status)
        case .success(let reply) where reply.status == 410:
            return .final(code: "HTTP 410", message: "the receiver wants no more callbacks")
        case .success(let reply):
            return .again(
                code: "HTTP \(reply.status)", message: "the receiver answered \(reply.status)",
                retryAfter: retryAfter(reply, at: now))
        case .failure(.addressRefused(let address)):
            return .final(
                code: "AddressRefused", message: "\(ClientError.addressRefused(address))")
        case .failure(let error):
            return .again(code: "ConnectionError", message: "\(error)", retryAfter: nil)
        }
    }

    /// Retry-After in either form: seconds, or a date (RFC 9110 §10.2.3). A date is read by the
    /// reply's own Date where it has one, since the receiver's clock need not be ours.
    private static func retryAfter(_ reply: ClientReply, at now: UnixTime) -> Duration? {
        guard let text = reply.firstValue(of: "retry-after") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(.seconds(Int64(text) ?? .max), retryAfterMax)
        }
        let seconds = now.milliseconds / 1000
        guard let moment = secondsSince1970(httpDate: text, now: seconds) else { return nil }
        let date = reply.firstValue(of: "date").flatMap {
            secondsSince1970(httpDate: $0, now: seconds)
        }
        let wait = moment - (date ?? seconds)
        return min(.seconds(max(0, wait)), retryAfterMax)
    }

    private static func next(
        _ job: CallbackJob, _ verdict: Verdict, at now: UnixTime, jitter: Double
    ) -> CallbackSettlement.Next {
        switch verdict {
        case .delivered: return .delivered
        case .final: return .failed
        case .again(_, _, let retryAfter):
            let schedule = RetrySchedule.callback
            guard let delay = schedule.delay(afterAttempt: job.attempts + 1, jitter: jitter) else {
                return .failed
            }
            return .queued(nextAttemptAt: now.advanced(by: max(delay, retryAfter ?? .zero)))
        }
    }
}
