package import SageMakerAPI

/// The standard retry mode of AWS's SDKs as of 2026-11-10: how one attempt of a job repeats its request.
///
/// Source: botocore 1.44.5; AWS blog "Updated default retry behavior".
package struct StandardRetry: Sendable {
    /// The most requests of one attempt.
    package static let requestsMax = 3
    /// The longest wait before jitter.
    package static let delayMax = Duration.seconds(20)
    /// How much longer than our own wait the service's can be.
    package static let retryAfterExcessMax = Duration.seconds(5)

    /// What a failed request is taken for.
    package enum Kind: Sendable, Equatable {
        /// A broken connection, a failing service, half a reply, a wrong clock.
        case transient
        case throttling

        /// 50 ms and 1 s.
        package var base: Duration { self == .transient ? .milliseconds(50) : .seconds(1) }
        /// What a retry takes from the quota: 14 and 5.
        package var cost: Int { self == .transient ? 14 : 5 }
    }

    /// The kind of a failure that is worth another request at once, or nil.
    ///
    /// A used-up quota and refused credentials are not: they take longer than an attempt lasts.
    package static func kind(of retry: StartReply.Retry) -> Kind? {
        switch retry {
        case .throttling: .throttling
        case .service, .unusableReply, .connection, .clock: .transient
        case .resourceLimit, .credentials: nil
        }
    }

    /// The wait before the next request.
    /// - Parameters:
    ///   - requests: Requests so far, 1-based.
    ///   - retryAfter: The wait that the service asks for.
    ///   - random: 0...1, the part of the wait that is taken.
    package static func delay(
        afterRequest requests: Int, _ kind: Kind, retryAfter: Duration?, random: Double
    ) -> Duration {
        let longest = min(kind.base * (1 << min(max(requests, 1) - 1, 16)), delayMax)
        let own = longest * min(1, max(0, random))
        guard let retryAfter else { return own }
        return max(own, min(retryAfter, own + retryAfterExcessMax))
    }
}

/// What a client may spend on retries, so that a service in trouble does not get three times the load.
package struct RetryQuota: Sendable, Equatable {
    package static let capacity = 500
    package private(set) var available = RetryQuota.capacity

    package init() {}

    /// Pays for a retry.
    /// - Returns: Whether there was enough.
    package mutating func spend(_ cost: Int) -> Bool {
        guard available >= cost else { return false }
        available -= cost
        return true
    }

    /// A success gives the last retry's cost back; at the first request it gives 1.
    package mutating func restore(_ lastCost: Int?) {
        available = min(Self.capacity, available + (lastCost ?? 1))
    }
}
