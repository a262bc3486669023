internal import EventPoll

/// How fast requests for one account and region begin: at most as configured, and once the service has
/// throttled, at the rate that it was found to bear.
///
/// The rate after a throttle is CUBIC's: it drops to 0.7 of what was measured, grows back to it, and
/// probes beyond. Source: botocore's adaptive retry mode (beta 0.7, scale 0.4, smoothing 0.8 over
/// half seconds, at least 0.5/s, at most twice the measured rate).
struct RateLimit {
    /// The slowest that throttling makes us.
    static let perSecondMin = 0.5

    private let configured: Double
    private var adaptive: AdaptiveRate
    private var bucket: TokenBucket

    /// - Parameter perSecondMax: The configured cap; 0 for none.
    init(perSecondMax: Int, at now: MonotonicTime) {
        configured = Double(perSecondMax)
        adaptive = AdaptiveRate(at: now)
        bucket = TokenBucket(perSecond: configured, at: now)
    }

    /// Requests in a second, or nil for no limit.
    var perSecond: Double? { bucket.perSecond > 0 ? bucket.perSecond : nil }

    /// Takes the right to send one request.
    /// - Returns: Nil when there was one, else when there will be.
    mutating func take(at now: MonotonicTime) -> MonotonicTime? { bucket.take(at: now) }

    /// Learns from a reply of the service.
    mutating func learn(isThrottle: Bool, at now: MonotonicTime) {
        guard let rate = adaptive.learn(isThrottle: isThrottle, at: now) else { return }
        let perSecond = max(rate, Self.perSecondMin)
        bucket.setRate(configured > 0 ? min(configured, perSecond) : perSecond, at: now)
    }
}

/// The rate that a service bears, by its throttles.
struct AdaptiveRate {
    private static let beta = 0.7
    private static let scale = 0.4
    private static let smoothing = 0.8
    private static let step = 0.5

    private let origin: MonotonicTime
    /// Replies in a second, smoothed over half seconds.
    private var measured = 0.0
    private var count = 0.0
    private var lastStep = 0.0
    private var lastMaximum = 0.0
    private var throttledAt: Double?
    private var current: Double?

    init(at now: MonotonicTime) { origin = now }

    /// - Returns: The rate from now on, or nil before the first throttle.
    mutating func learn(isThrottle: Bool, at now: MonotonicTime) -> Double? {
        let time = Double(now.since(origin)) / 1e9
        measure(time)
        let rate: Double
        if isThrottle {
            lastMaximum = current.map { min(measured, $0) } ?? measured
            throttledAt = time
            rate = lastMaximum * Self.beta
        } else {
            guard let throttledAt else { return nil }
            let recovery = (lastMaximum * (1 - Self.beta) / Self.scale).cubeRoot
            let distance = time - throttledAt - recovery
            rate = Self.scale * distance * distance * distance + lastMaximum
        }
        let bounded = max(RateLimit.perSecondMin, min(rate, 2 * measured))
        current = bounded
        return bounded
    }

    private mutating func measure(_ time: Double) {
        count += 1
        let step = (time / Self.step).rounded(.down) * Self.step
        guard step > lastStep else { return }
        let rate = count / (step - lastStep)
        measured = rate * Self.smoothing + measured * (1 - Self.smoothing)
        count = 0
        lastStep = step
    }
}

extension Double {
    /// The cube root of a number that is not negative, by Newton's method.
    fileprivate var cubeRoot: Double {
        guard self > 0 else { return 0 }
        var root = Swift.max(self, 1)
        // Converges from above; 64 rounds are far more than any Double needs.
        for _ in 0..<64 {
            let next = (2 * root + self / (root * root)) / 3
            if next >= root { return next }
            root = next
        }
        return root
    }
}

/// Lets so many things through in a second, evenly.
struct TokenBucket {
    /// 0 for no limit.
    private(set) var perSecond: Double
    /// How many at once after a pause; nil for a hundredth of what a second has, and one at least, so that
    /// hardly any second has more than it may. The loop wakes to the millisecond, so a high rate needs more
    /// than one.
    private let ownBurst: Double?
    private var tokens: Double
    private var filledAt: MonotonicTime

    /// - Parameters:
    ///   - perSecond: 0 for no limit.
    ///   - burst: Nil for as few as keep to the rate in each second.
    init(perSecond: Double, burst: Double? = nil, at now: MonotonicTime) {
        self.perSecond = perSecond
        ownBurst = burst
        tokens = 0
        filledAt = now
        tokens = self.burst
    }

    /// Changes the rate; what was saved up at the earlier one is kept as far as the new one allows.
    mutating func setRate(_ perSecond: Double, at now: MonotonicTime) {
        if self.perSecond > 0 { fill(at: now) } else { filledAt = now }
        self.perSecond = perSecond
        tokens = min(tokens, burst)
    }

    /// Takes a token.
    /// - Returns: Nil when there was one, else when there will be.
    mutating func take(at now: MonotonicTime) -> MonotonicTime? {
        if let moment = wait(at: now) { return moment }
        take()
        return nil
    }

    /// When there will be a token; nil when there is one.
    mutating func wait(at now: MonotonicTime) -> MonotonicTime? {
        guard perSecond > 0 else { return nil }
        fill(at: now)
        guard tokens < 1 else { return nil }
        let missing = (1 - tokens) / perSecond
        return now.advanced(by: .nanoseconds(Int64((missing * 1e9).rounded(.up))))
    }

    /// Takes a token that is there.
    mutating func take() { if perSecond > 0 { tokens -= 1 } }

    private var burst: Double { ownBurst ?? max(perSecond / 100, 1) }

    private mutating func fill(at now: MonotonicTime) {
        let earned = Double(now.since(filledAt)) / 1e9 * perSecond
        tokens = min(burst, tokens + earned)
        filledAt = now
    }
}
