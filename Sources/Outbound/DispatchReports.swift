internal import EventPoll
internal import Journal
internal import Logging
internal import SageMakerAPI
internal import SageMakerClient

/// Tells the operator what the outbound loop meets.
///
/// A broken endpoint is told once, and once more when it works again: each start's own attempts are
/// in the journal, with AWS's messages. Those may quote the request, which came from a payload, so
/// only their codes are logged.
final class DispatchReports {
    /// The code of an attempt that could not be signed, for want of credentials or of a region.
    static let notSignedCode = "NotSigned"

    private let logger: Logger
    private let endpoints: EndpointResolver
    private var trouble = Trouble()

    init(_ context: DispatchContext) {
        logger = context.logger
        endpoints = context.service.endpoints
    }

    func report(
        _ job: StartJob, _ reply: StartReply, _ lane: StartLane, _ settlement: StartSettlement
    ) {
        func about(_ more: Logger.Metadata) -> Logger.Metadata {
            var about: Logger.Metadata = ["rule": "\(job.rule)", "start": "\(job.id)"]
            if let id = settlement.attempt.requestID { about["requestId"] = "\(id)" }
            return about.merging(more) { $1 }
        }
        switch reply {
        case .started(let executionARN):
            if trouble.succeeded(lane.id, at: .now()) {
                logger.notice("SageMaker answers again", metadata: place(lane))
            }
            logger.info("started", metadata: about(["execution": "\(executionARN)"]))
        case .refused(let code, _):
            logger.error("SageMaker refused a start", metadata: about(["code": "\(code)"]))
        case .retry(let code, let message, let kind):
            if trouble.failed(lane.id, at: .now()) {
                let ours = kind == .connection || code == Self.notSignedCode
                logger.warning(
                    "cannot start pipelines, retrying: \(ours ? message : code)",
                    metadata: place(lane))
            }
            if settlement.next.state == .expired {
                logger.error("a start was given up", metadata: about(["code": "\(code)"]))
            }
        }
    }

    private func place(_ lane: StartLane) -> Logger.Metadata {
        let endpoint = (try? endpoints.endpoint(region: lane.id.region))?.url ?? ""
        var place: Logger.Metadata = ["region": "\(lane.id.region)", "endpoint": "\(endpoint)"]
        if case .role(let arn) = lane.identity { place["role"] = "\(arn)" }
        return place
    }

    func report(_ job: CallbackJob, _ settlement: CallbackSettlement) {
        let about: Logger.Metadata = ["callback": "\(job.id)", "start": "\(job.start)"]
        switch settlement.next {
        case .delivered: logger.info("callback delivered", metadata: about)
        case .failed:
            logger.error(
                "a callback was given up: \(settlement.attempt.message ?? "")", metadata: about)
        case .queued:
            logger.warning(
                "a callback failed, retrying: \(settlement.attempt.message ?? "")", metadata: about)
        }
    }
}

/// Which lanes do not start what they are asked to.
///
/// Trouble is over when a start succeeds and nothing has failed for a while: an endpoint that
/// throttles every second request is one trouble and not hundreds.
struct Trouble {
    static let quietTime = Duration.seconds(60)
    /// Lanes that are remembered; a payload can name regions that do not exist.
    private static let lanesMax = 1024
    private var lastFailures: [StartLaneID: MonotonicTime] = [:]

    /// - Returns: Whether this is news.
    mutating func failed(_ lane: StartLaneID, at now: MonotonicTime) -> Bool {
        if lastFailures.count >= Self.lanesMax { lastFailures = [:] }
        return lastFailures.updateValue(now, forKey: lane) == nil
    }

    /// - Returns: Whether this ends a trouble.
    mutating func succeeded(_ lane: StartLaneID, at now: MonotonicTime) -> Bool {
        guard let last = lastFailures[lane], now.since(last) >= Self.quietTime.nanoseconds else {
            return false
        }
        lastFailures[lane] = nil
        return true
    }
}
