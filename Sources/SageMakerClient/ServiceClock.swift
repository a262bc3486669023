internal import HTTPClient
internal import SageMakerAPI

/// How far the clock of a reply's sender is ahead of ours, in seconds, by its Date field.
/// - Parameter epochSeconds: Our clock when the reply came, in seconds since 1970.
/// - Returns: Nil for a reply without a readable Date.
func serviceClockOffset(of reply: ServiceReply, at epochSeconds: Int64) -> Int64? {
    reply.field("Date")
        .flatMap { secondsSince1970(httpDate: $0, now: epochSeconds) }
        .map { $0 - epochSeconds }
}

/// A moment in a service's reply by our own clock, where the service's is another one: credentials
/// that live on are not to look expired to a machine whose clock is ahead.
/// - Parameters:
///   - moment: Seconds since 1970, as the reply has it.
///   - epochSeconds: Our clock when the reply came, in seconds since 1970.
func ownTime(of moment: Int64, in reply: ClientReply, at epochSeconds: Int64) -> Int64 {
    guard let offset = serviceClockOffset(of: ServiceReply(reply), at: epochSeconds),
        abs(offset) >= SageMakerClientLimits.clockOffsetMin
    else { return moment }
    return moment - offset
}

extension ServiceReply {
    init(_ reply: ClientReply) {
        self.init(status: reply.status, fields: reply.fields, body: reply.content)
    }
}
