import Foundation
import OpenSSLCrypto
import SageMakerClient
import Synchronization
import Testing

/// What a store is told by the places it asks, and when.
private final class Place: Sendable {
    struct State {
        var now: Int64 = 1_000_000
        var life: Int64? = 3600
        var outlivesOutage = false
        var error: SageMakerClientError?
        var lookUps = 0
        /// Look-ups whose result the store has.
        var finished = 0
        var assumed: [String] = []
        /// Whether look-ups wait.
        var isHeld = false
    }

    let state = Mutex(State())

    func with(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    func pass(_ seconds: Int64) { with { $0.now += seconds } }
    var finished: Int { state.withLock { $0.finished } }
    var lookUps: Int { state.withLock { $0.lookUps } }
    var assumed: [String] { state.withLock { $0.assumed } }

    func store() -> CredentialStore {
        CredentialStore(
            lookUp: { [self] () throws(SageMakerClientError) in try next("OWN") },
            assume: { [self] (role, own) throws(SageMakerClientError) in
                state.withLock { $0.assumed.append("\(role) with \(own.accessKeyID)") }
                if role == "bad" {
                    throw .credentialsUnavailable(source: role, reason: "AccessDenied")
                }
                return try next("ROLE")
            },
            clock: { [self] in state.withLock { $0.now } },
            notify: { [self] in with { $0.finished += 1 } })
    }

    private func next(_ name: String) throws(SageMakerClientError) -> ResolvedCredentials {
        let number = state.withLock { state in
            state.lookUps += 1
            return state.lookUps
        }
        while state.withLock({ $0.isHeld }) { usleep(100) }
        let state = state.withLock { $0 }
        if let error = state.error { throw error }
        return ResolvedCredentials(
            try Credentials(
                accessKeyID: "\(name)\(number)", secretAccessKey: Secret("s"), from: "t"),
            expiresAt: state.life.map { state.now + $0 }, provider: "the test",
            outlivesOutage: state.outlivesOutage)
    }
}

@Suite(.timeLimit(.minutes(1))) struct CredentialStoreTests {
    /// The answer once nothing is being fetched that it waits for.
    private func settled(
        _ store: CredentialStore, _ identity: CredentialIdentity = .own
    ) -> CredentialStore.Answer {
        var answer = CredentialStore.Answer.pending
        wait {
            answer = store.credentials(for: identity)
            return answer != .pending
        }
        return answer
    }

    private func keyID(_ answer: CredentialStore.Answer) -> String? {
        guard case .ready(let credentials) = answer else { return nil }
        return credentials.accessKeyID
    }

    /// The bound is only there to end a run that hangs.
    private func wait(until condition: () -> Bool) {
        for _ in 0..<300_000 {
            if condition() { return }
            usleep(100)
        }
        Issue.record("waited in vain")
    }

    @Test func `the first to ask waits for the look-up, and later ones have its result`() {
        let place = Place()
        let store = place.store()
        #expect(keyID(settled(store)) == "OWN1")
        place.pass(2699)
        #expect(keyID(store.credentials(for: .own)) == "OWN1")
        #expect(place.lookUps == 1)
        store.stop()
    }

    @Test func `credentials are renewed a quarter of their life ahead while they are still given`()
    {
        let place = Place()
        let store = place.store()
        #expect(keyID(settled(store)) == "OWN1")
        place.with { $0.isHeld = true }
        place.pass(2700)
        #expect(keyID(store.credentials(for: .own)) == "OWN1")
        #expect(keyID(store.credentials(for: .own)) == "OWN1")
        place.with { $0.isHeld = false }
        wait { keyID(store.credentials(for: .own)) == "OWN2" }
        #expect(place.lookUps == 2)
        store.stop()
    }

    @Test func `a renewal that fails leaves the old ones in force until their end`() {
        let place = Place()
        let store = place.store()
        #expect(keyID(settled(store)) == "OWN1")
        let error = SageMakerClientError.noCredentials(lookedAt: ["nowhere"])
        place.with { $0.error = error }
        place.pass(2700)
        #expect(keyID(store.credentials(for: .own)) == "OWN1")
        wait { place.finished == 2 }
        place.pass(899)
        #expect(keyID(settled(store)) == "OWN1")
        wait { place.finished == 3 }
        place.pass(1)
        #expect(settled(store) == .failed(error))
        store.stop()
    }

    @Test func `credentials that live shorter than look-ups pause are told to have ended`() {
        let place = Place()
        place.with { $0.life = 3 }
        let store = place.store()
        #expect(keyID(settled(store)) == "OWN1")
        place.pass(3)
        #expect(
            store.credentials(for: .own)
                == .failed(
                    .credentialsUnavailable(
                        source: "the test",
                        reason: "those it gives ended at 1970-01-12T13:46:43Z, and it is "
                            + "1970-01-12T13:46:43Z")))
        place.pass(2)
        #expect(keyID(settled(store)) == "OWN2")
        store.stop()
    }

    @Test func `a failed look-up is repeated after five seconds and not before`() {
        let place = Place()
        let error = SageMakerClientError.noCredentials(lookedAt: ["nowhere"])
        place.with { $0.error = error }
        let store = place.store()
        #expect(settled(store) == .failed(error))
        place.pass(4)
        #expect(store.credentials(for: .own) == .failed(error))
        #expect(place.lookUps == 1)
        place.with { $0.error = nil }
        place.pass(1)
        #expect(keyID(settled(store)) == "OWN2")
        store.stop()
    }

    @Test func `what the service does not take is looked up anew, at most every five seconds`()
        throws
    {
        let place = Place()
        place.with { $0.life = nil }
        let store = place.store()
        guard case .ready(let first) = settled(store) else {
            Issue.record("no credentials")
            return
        }
        place.pass(1_000_000)
        store.reject(first, for: .own)
        #expect(keyID(settled(store)) == "OWN2")
        // Late news of the first ones say nothing of the second.
        store.reject(first, for: .own)
        #expect(keyID(store.credentials(for: .own)) == "OWN2")
        guard case .ready(let second) = settled(store) else { return }
        store.reject(second, for: .own)
        #expect(keyID(store.credentials(for: .own)) == "OWN2")
        #expect(place.lookUps == 2)
        place.pass(5)
        #expect(keyID(settled(store)) == "OWN3")
        store.stop()
    }

    @Test func `a role is assumed with our own, and a bad one holds up no other`() {
        let place = Place()
        let store = place.store()
        #expect(keyID(settled(store, .role("good"))) == "ROLE2")
        #expect(
            settled(store, .role("bad"))
                == .failed(.credentialsUnavailable(source: "bad", reason: "AccessDenied")))
        #expect(keyID(settled(store, .role("good"))) == "ROLE2")
        #expect(place.assumed == ["good with OWN1", "bad with OWN1"])
        store.stop()
    }

    @Test func `a role without our own credentials fails with their error`() {
        let place = Place()
        let error = SageMakerClientError.noCredentials(lookedAt: ["nowhere"])
        place.with { $0.error = error }
        let store = place.store()
        #expect(settled(store, .role("good")) == .failed(error))
        #expect(place.assumed == [])
        store.stop()
    }

    @Test func `an instance's credentials are used past their end while its service is out`() {
        let place = Place()
        place.with { $0.outlivesOutage = true }
        let store = place.store()
        #expect(keyID(settled(store)) == "OWN1")
        place.with { $0.error = .noCredentials(lookedAt: []) }
        place.pass(4000)
        wait {
            _ = store.credentials(for: .own)
            return place.finished == 2
        }
        #expect(keyID(settled(store)) == "OWN1")
        // Not again for two minutes at least.
        place.pass(119)
        #expect(keyID(store.credentials(for: .own)) == "OWN1")
        #expect(place.lookUps == 2)
        store.stop()
    }

    @Test func `the last role that fits is taken and the next is refused`() {
        let place = Place()
        let store = place.store()
        _ = settled(store)
        let limit = SageMakerClientLimits.identitiesMax
        for number in 1..<limit { _ = store.credentials(for: .role("\(number)")) }
        #expect(store.credentials(for: .role("more")) == .failed(.tooManyRoles(limit: limit)))
        #expect(keyID(settled(store, .role("1"))) != nil)
        store.stop()
    }

    @Test func `a stopped store gives nothing more`() {
        let store = Place().store()
        _ = settled(store)
        store.stop()
        #expect(store.credentials(for: .own) == .pending)
    }
}
