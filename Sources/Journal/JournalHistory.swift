/// Reads what the journal keeps, for people who look at it.
///
/// Not Sendable: opened, used and closed by one thread, beside the one that writes.
package protocol JournalHistory: AnyObject {
    /// A page of deliveries, newest first.
    func deliveries(_ query: DeliveryQuery) throws(JournalError) -> DeliveryPage

    /// One delivery with all that came of it, or nil where there is none.
    func delivery(id: String) throws(JournalError) -> DeliveryHistory?
}

/// Which deliveries a page is to have.
package struct DeliveryQuery: Sendable, Equatable {
    /// The most deliveries of a page: 1...200.
    package static let limitRange = 1...200
    /// Of this source; nil for any.
    package var source: String?
    /// With a start of this rule; nil for any.
    package var rule: String?
    /// With a start in this state; nil for any.
    package var state: StartState?
    /// Before this place of the list, as ``DeliveryPage/next`` tells it; nil for its beginning.
    package var before: Int64?
    /// Within ``limitRange``.
    package var limit = 50

    package init() {}
}

/// Deliveries, newest first.
package struct DeliveryPage: Sendable, Equatable {
    package let deliveries: [DeliverySummary]
    /// Where the next page begins; nil where this is the last. A page can have fewer than it may,
    /// or none, before the last.
    package let next: Int64?

    package init(deliveries: [DeliverySummary], next: Int64?) {
        self.deliveries = deliveries
        self.next = next
    }
}

/// A delivery in short.
package struct DeliverySummary: Sendable, Equatable {
    /// A start in short.
    package struct Start: Sendable, Equatable {
        package let id: String
        package let rule: String
        package let eventIndex: Int
        package let state: StartState

        package init(id: String, rule: String, eventIndex: Int, state: StartState) {
            self.id = id
            self.rule = rule
            self.eventIndex = eventIndex
            self.state = state
        }
    }

    package let id: String
    package let source: String
    /// The sender's delivery id.
    package let deliveryID: String
    package let receivedAt: UnixTime
    package let verifiedBy: String
    package let starts: [Start]

    package init(
        id: String, source: String, deliveryID: String, receivedAt: UnixTime, verifiedBy: String,
        starts: [Start]
    ) {
        self.id = id
        self.source = source
        self.deliveryID = deliveryID
        self.receivedAt = receivedAt
        self.verifiedBy = verifiedBy
        self.starts = starts
    }
}

/// A delivery with all that came of it, but for its payload and header fields.
package struct DeliveryHistory: Sendable, Equatable {
    package let summary: DeliverySummary
    /// A JSON array of the normalised events.
    package let events: [UInt8]
    /// A JSON array of `{"rule","event","message"}`.
    package let errors: [UInt8]
    package let starts: [StartHistory]

    package init(
        summary: DeliverySummary, events: [UInt8], errors: [UInt8], starts: [StartHistory]
    ) {
        self.summary = summary
        self.events = events
        self.errors = errors
        self.starts = starts
    }
}

/// A start with its attempts and callbacks, oldest first.
package struct StartHistory: Sendable, Equatable {
    package let id: String
    package let rule: String
    package let eventIndex: Int
    package let token: String
    package let state: StartState
    package let region: String
    /// The request's JSON text.
    package let request: [UInt8]
    package let executionARN: String?
    package let attempts: [Attempt]
    package let callbacks: [CallbackHistory]

    package init(
        id: String, rule: String, eventIndex: Int, token: String, state: StartState,
        region: String, request: [UInt8], executionARN: String?, attempts: [Attempt],
        callbacks: [CallbackHistory]
    ) {
        self.id = id
        self.rule = rule
        self.eventIndex = eventIndex
        self.token = token
        self.state = state
        self.region = region
        self.request = request
        self.executionARN = executionARN
        self.attempts = attempts
        self.callbacks = callbacks
    }
}

/// A callback with its attempts, oldest first.
package struct CallbackHistory: Sendable, Equatable {
    package let id: String
    package let url: String
    package let occasion: CallbackOccasion
    package let state: CallbackState
    package let attempts: [Attempt]

    package init(
        id: String, url: String, occasion: CallbackOccasion, state: CallbackState,
        attempts: [Attempt]
    ) {
        self.id = id
        self.url = url
        self.occasion = occasion
        self.state = state
        self.attempts = attempts
    }
}
