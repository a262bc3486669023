package import Journal
package import SageMakerAPI

/// What is recorded of an attempt beside its outcome.
package struct AttemptFacts: Sendable, Equatable {
    /// AWS's request id.
    package var requestID: String?
    /// The HTTP status of the last reply.
    package var status: Int?
    /// How many requests the attempt was.
    package var requests = 1
    /// The time that it waited between them.
    package var totalRetryDelay = Duration.zero

    package init(
        requestID: String? = nil, status: Int? = nil, requests: Int = 1,
        totalRetryDelay: Duration = .zero
    ) {
        self.requestID = requestID
        self.status = status
        self.requests = requests
        self.totalRetryDelay = totalRetryDelay
    }
}

/// Where a start goes after an attempt. Pure.
package enum StartTransition {
    /// - Parameters:
    ///   - jitter: -1...1, see ``RetrySchedule/delay(afterAttempt:jitter:)``; asked for only where
    ///     there is a wait.
    ///   - makeID: Makes the message id of a callback.
    package static func settlement(
        of job: StartJob, after reply: StartReply, _ facts: AttemptFacts, at now: UnixTime,
        jitter: @autoclosure () -> Double, makeID: () -> String
    ) -> StartSettlement {
        let next = next(job, reply, at: now, jitter: jitter())
        return StartSettlement(
            start: job.id, lane: job.lane, next: next,
            attempt: attempt(reply, next: next, facts, at: now),
            callbacks: callbacks(job, next: next, at: now, makeID: makeID))
    }

    private static func next(
        _ job: StartJob, _ reply: StartReply, at now: UnixTime, jitter: @autoclosure () -> Double
    ) -> StartSettlement.Next {
        switch reply {
        case .started(let executionARN): return .started(executionARN: executionARN)
        case .refused(let code, let message): return .refused(code: code, message: message)
        case .retry(let code, let message, let kind):
            let schedule: RetrySchedule = kind == .resourceLimit ? .resourceLimit : .start
            guard let delay = schedule.delay(afterAttempt: job.attempts + 1, jitter: jitter())
            else {
                return .expired(code: code, message: message)
            }
            let next = now.advanced(by: delay)
            guard next.since(job.createdAt) <= schedule.ageMax else {
                return .expired(code: code, message: message)
            }
            return .queued(nextAttemptAt: next)
        }
    }

    private static func attempt(
        _ reply: StartReply, next: StartSettlement.Next, _ facts: AttemptFacts, at now: UnixTime
    ) -> Attempt {
        var outcome = AttemptOutcome.succeeded
        var error: (code: String, message: String)?
        switch reply {
        case .started: break
        case .refused(let code, let message), .retry(let code, let message, _):
            outcome = next.state == .queued ? .retried : .failed
            error = (code, message)
        }
        return Attempt(
            at: now, outcome: outcome, code: error?.code, message: error?.message,
            requestID: facts.requestID, status: facts.status, requests: facts.requests,
            totalRetryDelay: facts.totalRetryDelay)
    }

    private static func callbacks(
        _ job: StartJob, next: StartSettlement.Next, at now: UnixTime, makeID: () -> String
    ) -> [NewCallback] {
        guard let target = job.callback, let occasion = occasion(next.state),
            target.occasions.contains(occasion)
        else { return [] }
        let body = CallbackMessage.body(of: job, next, occasion: occasion, at: now)
        return [NewCallback(id: makeID(), url: target.url, occasion: occasion, body: body)]
    }

    private static func occasion(_ state: StartState) -> CallbackOccasion? {
        switch state {
        case .started: .started
        case .refused, .expired: .failed
        case .queued, .cancelled: nil
        }
    }
}
