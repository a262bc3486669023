internal import EventPoll
internal import Synchronization

/// Whose credentials a request is signed with.
package enum CredentialIdentity: Sendable, Hashable {
    /// Those that the credential chain finds.
    case own
    /// A role, by its ARN, assumed with our own.
    case role(String)
}

/// The credentials in use, fetched and renewed on threads of their own so that nobody who asks ever
/// waits.
///
/// Credentials are renewed a quarter of their life before they end, at most
/// ``SageMakerClientLimits/refreshAhead``, by one thread while everybody goes on with those there
/// are. A look-up that failed is repeated after ``SageMakerClientLimits/lookUpPause`` at the
/// earliest, and each identity has a look-up of its own, so that one bad role holds up no other.
package final class CredentialStore: Sendable {
    package enum Answer: Sendable, Equatable {
        case ready(Credentials)
        /// Being fetched; ``CredentialStore`` calls when they are there.
        case pending
        case failed(SageMakerClientError)
    }

    /// Looks our own credentials up.
    package typealias LookUp = @Sendable () throws(SageMakerClientError) -> ResolvedCredentials
    /// Assumes a role with our own credentials.
    package typealias Assume =
        @Sendable (_ roleARN: String, Credentials) throws(SageMakerClientError) ->
        ResolvedCredentials

    fileprivate struct Slot {
        var current: ResolvedCredentials?
        /// The service did not take the current ones.
        var isRejected = false
        var error: SageMakerClientError?
        var isFetching = false
        /// Seconds since 1970; the current ones are renewed then, or looked for again.
        var nextLookUp = Int64.min
        var lastLookUp = Int64.min
        var thread: OwnedThread?
    }

    private struct State {
        var slots: [CredentialIdentity: Slot] = [:]
        var isStopped = false
    }

    private let state = Mutex(State())
    private let lookUp: LookUp
    private let assume: Assume
    private let clock: @Sendable () -> Int64
    private let notify: Mutex<@Sendable () -> Void>

    /// - Parameters:
    ///   - clock: Seconds since 1970.
    ///   - notify: Called on a thread of the store after each look-up.
    package init(
        lookUp: @escaping LookUp, assume: @escaping Assume,
        clock: @escaping @Sendable () -> Int64, notify: @escaping @Sendable () -> Void = {}
    ) {
        self.lookUp = lookUp
        self.assume = assume
        self.clock = clock
        self.notify = Mutex(notify)
    }

    /// Says who is called after each look-up from now on.
    package func notify(_ notify: @escaping @Sendable () -> Void) {
        self.notify.withLock { $0 = notify }
    }

    /// The credentials of an identity as they are now; begins to fetch them where that is due.
    package func credentials(for identity: CredentialIdentity) -> Answer {
        let now = clock()
        let (answer, isDue) = look(at: identity, now)
        guard isDue else { return answer }
        switch identity {
        case .own:
            let lookUp = lookUp
            return fetch(identity, now) { () throws(SageMakerClientError) in try lookUp() }
        case .role(let arn):
            switch credentials(for: .own) {
            case .ready(let own):
                let assume = assume
                return fetch(identity, now) { [weak self] () throws(SageMakerClientError) in
                    do throws(SageMakerClientError) {
                        return try assume(arn, own)
                    } catch {
                        // They may be what STS does not take.
                        self?.reject(own, for: .own)
                        throw error
                    }
                }
            case .pending:
                if case .ready = answer { return answer }
                return .pending
            case .failed(let error):
                if case .ready = answer { return answer }
                return .failed(error)
            }
        }
    }

    /// Says that the service did not take credentials: they are looked up anew, unless that was just
    /// done.
    package func reject(_ credentials: Credentials, for identity: CredentialIdentity) {
        state.withLock { state in
            guard var slot = state.slots[identity], slot.current?.credentials == credentials else {
                return
            }
            slot.isRejected = true
            slot.nextLookUp = min(
                slot.nextLookUp, slot.lastLookUp + SageMakerClientLimits.lookUpPause)
            state.slots[identity] = slot
        }
    }

    /// Ends every fetch; the tools' interrupt must have been signalled, or this waits for them.
    package func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            defer { state.slots = [:] }
            return state.slots.values.compactMap(\.thread)
        }
        for thread in threads { thread.join() }
    }

    private func look(
        at identity: CredentialIdentity, _ now: Int64
    ) -> (answer: Answer, isDue: Bool) {
        state.withLock { state in
            guard !state.isStopped else { return (.pending, false) }
            guard let slot = state.slots[identity] else {
                guard state.slots.count < SageMakerClientLimits.identitiesMax else {
                    return (
                        .failed(.tooManyRoles(limit: SageMakerClientLimits.identitiesMax)), false
                    )
                }
                return (.pending, true)
            }
            let isDue = !slot.isFetching && slot.nextLookUp <= now
            return (slot.answer(at: now, isDue: isDue), isDue)
        }
    }

    private func fetch(
        _ identity: CredentialIdentity, _ now: Int64,
        _ work: @escaping @Sendable () throws(SageMakerClientError) -> ResolvedCredentials
    ) -> Answer {
        let (isFirst, earlier) = state.withLock { state -> (Bool, OwnedThread?) in
            var slot = state.slots[identity] ?? Slot()
            guard !slot.isFetching, !state.isStopped else { return (false, nil) }
            slot.isFetching = true
            slot.lastLookUp = now
            let earlier = slot.thread
            slot.thread = nil
            state.slots[identity] = slot
            return (true, earlier)
        }
        // It has stored its result, so its end is near.
        earlier?.join()
        if isFirst {
            do throws(SystemCallError) {
                let thread = try OwnedThread(name: "credentials") { [self] in
                    do throws(SageMakerClientError) {
                        finish(identity, .success(try work()))
                    } catch {
                        finish(identity, .failure(error))
                    }
                }
                keep(thread, of: identity)
            } catch {
                finish(
                    identity,
                    .failure(
                        .credentialsUnavailable(
                            source: "a thread", reason: "\(error)")))
            }
        }
        return look(at: identity, now).answer
    }

    private func keep(_ thread: OwnedThread, of identity: CredentialIdentity) {
        let isStopped = state.withLock { state in
            state.slots[identity]?.thread = thread
            return state.isStopped
        }
        if isStopped { thread.join() }
    }

    private func finish(
        _ identity: CredentialIdentity, _ result: Result<ResolvedCredentials, SageMakerClientError>
    ) {
        let now = clock()
        state.withLock { $0.slots[identity]?.take(result, at: now, pause: .random(in: 120...600)) }
        notify.withLock { $0 }()
    }
}

extension CredentialStore.Slot {
    fileprivate func answer(at now: Int64, isDue: Bool) -> CredentialStore.Answer {
        let isComing = isFetching || isDue
        if let current, !(isRejected && isComing) {
            if current.isValid(at: now) { return .ready(current.credentials) }
        }
        if isComing { return .pending }
        return .failed(error ?? ended(at: now))
    }

    /// Why there are none though no look-up has failed: they live shorter than look-ups pause.
    private func ended(at now: Int64) -> SageMakerClientError {
        do throws(SageMakerClientError) {
            _ = try current?.valid(at: now)
            return .noCredentials(lookedAt: [])
        } catch {
            return error
        }
    }

    /// - Parameter pause: Seconds to wait where credentials are used past their end; botocore waits
    ///   2 to 10 minutes.
    fileprivate mutating func take(
        _ result: Result<ResolvedCredentials, SageMakerClientError>, at now: Int64, pause: Int64
    ) {
        isFetching = false
        switch result {
        case .success(let found):
            current = found
            isRejected = false
            error = nil
            nextLookUp = Self.renewal(of: found, at: now, pause: pause)
        case .failure(let failure):
            error = failure
            let isOld = current.map { $0.outlivesOutage && $0.expiresAt ?? .max <= now } ?? false
            nextLookUp = now + (isOld ? pause : SageMakerClientLimits.lookUpPause)
        }
    }

    /// When credentials that were just fetched are to be renewed.
    private static func renewal(
        of found: ResolvedCredentials, at now: Int64, pause: Int64
    ) -> Int64 {
        guard let end = found.expiresAt else { return .max }
        let left = end - now
        if left <= 0 {
            return now + (found.outlivesOutage ? pause : SageMakerClientLimits.lookUpPause)
        }
        let ahead = min(SageMakerClientLimits.refreshAhead, left / 4)
        return max(now + SageMakerClientLimits.lookUpPause, end - ahead)
    }
}

extension CredentialStore {
    /// A store of what the credential chain finds, and of roles assumed with it.
    /// - Parameter profile: A profile that the configuration asks for.
    package convenience init(
        _ tools: CredentialTools, profile: String? = nil
    ) {
        let chain = CredentialChain(tools, profile: profile)
        self.init(
            lookUp: { () throws(SageMakerClientError) in try chain.resolve() },
            assume: { (arn, own) throws(SageMakerClientError) in
                try assumedRole(arn, with: own, tools, profile: profile)
            }, clock: tools.clock)
    }
}

/// Assumes a role that a rule or the configuration names.
package func assumedRole(
    _ arn: String, with own: Credentials, _ tools: CredentialTools, profile: String?
) throws(SageMakerClientError) -> ResolvedCredentials {
    let role = RoleRequest(roleARN: arn)
    if let fault = role.fault { throw .credentialsUnavailable(source: arn, reason: fault) }
    let shared = try SharedConfiguration(
        environment: tools.environment, profile: profile, read: tools.read)
    let service = try SecurityTokenService(tools, shared: shared)
    return try service.assume(role, with: own, provider: "role \(arn)").valid(at: tools.clock())
}
