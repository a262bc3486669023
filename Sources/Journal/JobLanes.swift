/// The starts that succeed and fail together: those in one region, signed by one role.
package struct StartLaneID: Sendable, Hashable {
    package let region: String
    /// Nil for our own credentials.
    package let roleARN: String?

    package init(region: String, roleARN: String?) {
        self.region = region
        self.roleARN = roleARN
    }
}

/// The callbacks that come through or fail together: those to one receiver.
package struct CallbackLaneID: Sendable, Hashable {
    /// Scheme and authority of their URLs.
    package let receiver: String

    package init(receiver: String) { self.receiver = receiver }

    /// The lane of a callback to this URL.
    package init(url: String) {
        let authority = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let end = url[authority...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        receiver = String(url[..<end])
    }
}

/// How many jobs the ``JobReceiver`` takes of each lane: what is handed out counts until it is settled.
package struct LaneRooms<ID: Hashable & Sendable>: Sendable, Equatable {
    /// The room of a lane that has none of its own.
    package var usual = 0
    /// Lanes whose room is another.
    package var own: [ID: Int] = [:]
    /// The most jobs of all lanes, but for what is reserved.
    package var sharedMax = 0
    /// What a lane may have though as many are out already, so that no other keeps it waiting.
    package var reserved = 0
    /// The most jobs in all.
    package var inAllMax = 0

    package init() {}
}
