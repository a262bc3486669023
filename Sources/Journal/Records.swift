/// A verified delivery as it is kept.
package struct DeliveryRecord: Sendable, Equatable {
    /// The same for every arrival of the same delivery; 1 to 256 bytes.
    package let id: String
    package let source: String
    /// The sender's delivery id.
    package let deliveryID: String
    package let receivedAt: UnixTime
    /// The scheme and the secret that verified it, such as `hmac-sha256:0`.
    package let verifiedBy: String
    /// A JSON object of the header fields, without those that carry signatures or secrets.
    package let headers: [UInt8]
    /// A JSON array of the normalised events.
    package let events: [UInt8]
    /// A JSON array of `{"rule","event","message"}`.
    package let errors: [UInt8]
    /// The content exactly as received.
    package let payload: [UInt8]

    package init(
        id: String, source: String, deliveryID: String, receivedAt: UnixTime, verifiedBy: String,
        headers: [UInt8], events: [UInt8], errors: [UInt8], payload: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.deliveryID = deliveryID
        self.receivedAt = receivedAt
        self.verifiedBy = verifiedBy
        self.headers = headers
        self.events = events
        self.errors = errors
        self.payload = payload
    }

    /// About what it takes in memory and on disk.
    package var byteCount: Int { headers.count + events.count + errors.count + payload.count }
}

/// Where a start's result is posted.
package struct CallbackTarget: Sendable, Equatable {
    package let url: String
    package let occasions: [CallbackOccasion]

    package init(url: String, occasions: [CallbackOccasion]) {
        self.url = url
        self.occasions = occasions
    }
}

/// One rule's request for one event, before it is known whether it is new.
package struct NewStart: Sendable, Equatable {
    /// The same for the same token; 1 to 384 bytes.
    package let id: String
    package let rule: String
    package let eventIndex: Int
    /// The ClientRequestToken: what counts as the same start.
    package let token: String
    package let region: String
    /// The role whose credentials sign it; nil for our own.
    package let roleARN: String?
    /// The request's JSON text as it is sent.
    package let request: [UInt8]
    package let callback: CallbackTarget?

    package init(
        id: String, rule: String, eventIndex: Int, token: String, region: String,
        roleARN: String? = nil, request: [UInt8], callback: CallbackTarget?
    ) {
        self.roleARN = roleARN
        self.id = id
        self.rule = rule
        self.eventIndex = eventIndex
        self.token = token
        self.region = region
        self.request = request
        self.callback = callback
    }
}

/// A delivery with what its rules ask for.
package struct DeliveryAppend: Sendable, Equatable {
    package let delivery: DeliveryRecord
    package let starts: [NewStart]

    package init(delivery: DeliveryRecord, starts: [NewStart]) {
        self.delivery = delivery
        self.starts = starts
    }
}

/// A start of a delivery as it stands in the journal.
package struct RecordedStart: Sendable, Equatable {
    package let id: String
    package let rule: String
    package let eventIndex: Int
    package let token: String
    /// Whether this append made it.
    package let isNew: Bool

    package init(id: String, rule: String, eventIndex: Int, token: String, isNew: Bool) {
        self.id = id
        self.rule = rule
        self.eventIndex = eventIndex
        self.token = token
        self.isNew = isNew
    }
}

/// What became of one ``DeliveryAppend``.
package enum AppendOutcome: Sendable, Equatable {
    /// Every start of the delivery, earlier ones first, then the new ones in the order given.
    case committed([RecordedStart])
    /// New starts would exceed the limit on queued ones; nothing of this delivery was kept.
    case queueFull
}

/// A start that is due, with everything its attempt needs.
package struct StartJob: Sendable, Equatable {
    package let id: String
    /// ``DeliveryRecord/id``.
    package let delivery: String
    package let source: String
    package let rule: String
    package let token: String
    package let region: String
    /// The role whose credentials sign it; nil for our own.
    package let roleARN: String?
    package let request: [UInt8]
    package let createdAt: UnixTime
    /// Failed attempts so far.
    package let attempts: Int
    package let callback: CallbackTarget?
    /// The event's JSON text, for the callback; empty without one.
    package let event: [UInt8]

    package init(
        id: String, delivery: String, source: String, rule: String, token: String,
        region: String, roleARN: String? = nil, request: [UInt8], createdAt: UnixTime,
        attempts: Int, callback: CallbackTarget?, event: [UInt8]
    ) {
        self.roleARN = roleARN
        self.id = id
        self.delivery = delivery
        self.source = source
        self.rule = rule
        self.token = token
        self.region = region
        self.request = request
        self.createdAt = createdAt
        self.attempts = attempts
        self.callback = callback
        self.event = event
    }
}

/// A callback that is due.
package struct CallbackJob: Sendable, Equatable {
    /// The message id: the same over all attempts.
    package let id: String
    /// ``StartJob/id``.
    package let start: String
    package let url: String
    package let occasion: CallbackOccasion
    /// The message's JSON text.
    package let body: [UInt8]
    package let createdAt: UnixTime
    /// Failed attempts so far.
    package let attempts: Int

    package init(
        id: String, start: String, url: String, occasion: CallbackOccasion, body: [UInt8],
        createdAt: UnixTime, attempts: Int
    ) {
        self.id = id
        self.start = start
        self.url = url
        self.occasion = occasion
        self.body = body
        self.createdAt = createdAt
        self.attempts = attempts
    }
}

/// A callback to be made, due at once.
package struct NewCallback: Sendable, Equatable {
    package let id: String
    package let url: String
    package let occasion: CallbackOccasion
    package let body: [UInt8]

    package init(id: String, url: String, occasion: CallbackOccasion, body: [UInt8]) {
        self.id = id
        self.url = url
        self.occasion = occasion
        self.body = body
    }
}

/// The result of one attempt of a start.
package struct StartSettlement: Sendable, Equatable {
    /// Where the start goes.
    package enum Next: Sendable, Equatable {
        case queued(nextAttemptAt: UnixTime)
        case started(executionARN: String)
        case refused(code: String, message: String)
        case expired(code: String, message: String)

        package var state: StartState {
            switch self {
            case .queued: .queued
            case .started: .started
            case .refused: .refused
            case .expired: .expired
            }
        }
    }

    package let start: String
    /// The start's, whose room it leaves.
    package let lane: StartLaneID
    package let next: Next
    package let attempt: Attempt
    package let callbacks: [NewCallback]

    package init(
        start: String, lane: StartLaneID, next: Next, attempt: Attempt, callbacks: [NewCallback]
    ) {
        self.start = start
        self.lane = lane
        self.next = next
        self.attempt = attempt
        self.callbacks = callbacks
    }
}

/// The result of one attempt of a callback.
package struct CallbackSettlement: Sendable, Equatable {
    /// Where the callback goes.
    package enum Next: Sendable, Equatable {
        case queued(nextAttemptAt: UnixTime)
        case delivered
        case failed

        package var state: CallbackState {
            switch self {
            case .queued: .queued
            case .delivered: .delivered
            case .failed: .failed
            }
        }
    }

    package let callback: String
    /// The callback's, whose room it leaves.
    package let lane: CallbackLaneID
    package let next: Next
    package let attempt: Attempt

    package init(callback: String, lane: CallbackLaneID, next: Next, attempt: Attempt) {
        self.callback = callback
        self.lane = lane
        self.next = next
        self.attempt = attempt
    }
}

extension NewStart {
    package var lane: StartLaneID { StartLaneID(region: region, roleARN: roleARN) }
}

extension StartJob {
    package var lane: StartLaneID { StartLaneID(region: region, roleARN: roleARN) }
}

extension NewCallback {
    package var lane: CallbackLaneID { CallbackLaneID(url: url) }
}

extension CallbackJob {
    package var lane: CallbackLaneID { CallbackLaneID(url: url) }
}
