/// The state of a start. Who moves it on: the outbound loop, and an operator to `cancelled`.
package enum StartState: String, Sendable, CaseIterable {
    /// Durable; waits for its next attempt.
    case queued
    /// SageMaker gave the execution's ARN.
    case started
    /// A permanent answer, kept with its code and message.
    case refused
    /// Retried to its maximum age.
    case expired
    /// Ended by an operator.
    case cancelled
}

/// The state of a callback.
package enum CallbackState: String, Sendable, CaseIterable {
    case queued, delivered, failed
}

/// What a callback tells.
package enum CallbackOccasion: String, Sendable, CaseIterable {
    case started, failed, finished

    /// The message's `type`.
    package var messageType: String { "pipeline.execution.\(rawValue)" }
}

/// What became of one attempt of a job.
package enum AttemptOutcome: String, Sendable, CaseIterable {
    case succeeded
    /// It failed and is tried again.
    case retried
    /// It failed for good.
    case failed
}

/// One try of a start or a callback.
package struct Attempt: Sendable, Equatable {
    package let at: UnixTime
    package let outcome: AttemptOutcome
    /// AWS's error code, an HTTP status, or our word for a transport failure.
    package let code: String?
    package let message: String?
    /// AWS's request id.
    package let requestID: String?
    /// The HTTP status of the last reply; nil where there was none.
    package let status: Int?
    /// How many requests the attempt was: more than one where it repeated them at once.
    package let requests: Int
    /// The time that the attempt waited between its requests.
    package let totalRetryDelay: Duration

    package init(
        at: UnixTime, outcome: AttemptOutcome, code: String? = nil, message: String? = nil,
        requestID: String? = nil, status: Int? = nil, requests: Int = 1,
        totalRetryDelay: Duration = .zero
    ) {
        self.status = status
        self.requests = requests
        self.totalRetryDelay = totalRetryDelay
        self.at = at
        self.outcome = outcome
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}
