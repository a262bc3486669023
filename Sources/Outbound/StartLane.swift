internal import EventPoll
internal import Journal
internal import SageMakerAPI
internal import SageMakerClient

/// A start on its way through one attempt.
struct StartFlight {
    let job: StartJob
    /// Requests sent so far.
    var requests = 0
    /// Waits between them so far.
    var waited = Duration.zero
    /// What the last retry cost the lane's quota; nil before the first.
    var lastCost: Int?
    /// When the request under way was sent.
    var sentAt = MonotonicTime(nanoseconds: 0)
}

/// Where AWS counts requests.
struct AccountRegion: Hashable {
    /// A role's; nil for our own credentials.
    let account: String?
    let region: String

    init(_ identity: CredentialIdentity, region: String) {
        self.region = region
        guard case .role(let arn) = identity else {
            account = nil
            return
        }
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        account = parts.count > 4 ? String(parts[4]) : nil
    }
}

/// The starts of one role in one region, which succeed and fail together.
///
/// Each lane has its own queue, its own share of what is under way, its own signing state and its own
/// quota of retries, so that a bad role or region holds up no other.
final class StartLane: Lane {
    /// The attempts of a lane in trouble: so many at once, and then so many a second. Several hundred starts
    /// keep their schedule with that, and a backlog of a million is not tried over and over in vain.
    static let probesAtOnce = 1000.0
    static let probesPerSecond = 50.0

    let id: StartLaneID
    /// Whose credentials sign.
    let identity: CredentialIdentity
    /// What counts its requests.
    let accountRegion: AccountRegion
    var waiting = JobQueue<StartFlight>()
    var window: LaneWindow
    var toldRoom: Int
    var quota = RetryQuota()
    var client: SageMakerClient
    /// Set while the credentials are being fetched, until they are asked for again.
    var awaitsCredentials = false
    /// Attempts whose next request is to come.
    var delayed = 0
    /// Why the last attempt that got no answer got none.
    private(set) var lastFailure: (code: String, message: String)?
    private var probes: TokenBucket

    init(
        _ id: StartLaneID, _ identity: CredentialIdentity, _ client: SageMakerClient,
        _ bounds: LaneWindow.Bounds, at now: MonotonicTime
    ) {
        self.id = id
        self.identity = identity
        accountRegion = AccountRegion(identity, region: id.region)
        self.client = client
        window = LaneWindow(bounds)
        toldRoom = window.room
        probes = TokenBucket(
            perSecond: Self.probesPerSecond, burst: Self.probesAtOnce, at: now)
    }

    /// A region that never answers has eight requests under way, and four once that has shown.
    static func bounds(inFlightMax: Int) -> LaneWindow.Bounds {
        LaneWindow.Bounds(first: 8, most: inFlightMax, troubleAfter: 8, troubled: 4)
    }

    var isIdle: Bool { waiting.isEmpty && window.inFlight == 0 && delayed == 0 }

    /// When an attempt may begin; nil for now.
    func probeMoment(at now: MonotonicTime) -> MonotonicTime? {
        window.isInTrouble ? probes.wait(at: now) : nil
    }

    /// An attempt begins.
    func noteProbe() { if window.isInTrouble { probes.take() } }

    /// An attempt got no answer.
    func noteSilence(code: String, message: String) {
        window.noteSilence()
        lastFailure = (code, message)
    }

    /// Takes out the first start where it is too old to be tried any more by a lane in trouble, which
    /// may not come to it for days.
    /// - Returns: The start, and what the lane failed of last.
    func popExpired(
        at now: UnixTime
    ) -> (flight: StartFlight, code: String, message: String)? {
        guard window.isInTrouble, let lastFailure, let first = waiting.first,
            now.since(first.job.createdAt) > RetrySchedule.start.ageMax,
            let flight = waiting.popFirst()
        else { return nil }
        return (flight, lastFailure.code, lastFailure.message)
    }
}
