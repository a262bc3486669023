internal import Events
internal import HTTP1
internal import HTTPServer
internal import JSON
internal import Journal
internal import OpenSSLCrypto
internal import Rules
internal import TLS
internal import Webhook

/// A verified request on its way to becoming a delivery.
struct Arrival {
    let source: Source
    let request: Request
    let verifiedBy: String
    let receivedAt: UnixTime
    let payload: Payload

    func delivery() -> Delivery {
        let headers = RequestFields(request.head, hiding: source.secretFields)
        let body = payload.document.root
        return Delivery(
            source: source.name, deliveryID: deliveryID(headers, body), headers: headers,
            query: QueryFields(request.head.query, of: source),
            body: body, receivedAtMilliseconds: receivedAt.milliseconds,
            clientAddress: source.access.clientAddressText(request.head, request.peer),
            clientSubject: request.peer.certificate?.subject,
            clientNames: request.peer.certificate?.names.map(\.text) ?? [])
    }

    /// The sender's id, or the SHA-256 of the content where it sent none.
    private func deliveryID(_ headers: RequestFields, _ body: JSONValue) -> String {
        let id = source.idField.map { headers.field($0) } ?? source.sender.deliveryID(headers, body)
        if let id, !id.isEmpty, id.utf8.count <= Sender.deliveryIDBytesMax { return id }
        // What a GET request's query holds is its content.
        if request.content.isEmpty, let json = payload.ofQuery {
            return hexEncoded(sha256(json))
        }
        return hexEncoded(sha256(request.content))
    }

    /// The payload as it came, without its tokens; of a GET request what its query holds.
    private var content: [UInt8] {
        if let masked = payload.masked { return masked }
        if request.content.isEmpty, let json = payload.ofQuery { return json }
        return Array(request.content)
    }

    func record(
        _ delivery: Delivery, _ events: [Event], _ failures: [Receipt.Failure], id: String
    ) -> DeliveryRecord {
        var errors = JSONWriter(capacity: 2)
        errors.append(failures)
        return DeliveryRecord(
            id: id, source: delivery.source, deliveryID: delivery.deliveryID,
            receivedAt: receivedAt, verifiedBy: verifiedBy, headers: headerObject,
            events: eventArray(events), errors: errors.bytes, payload: content)
    }

    /// The header fields that are no secrets; of repeated ones the first.
    private var headerObject: [UInt8] {
        let secretFields = source.secretFields
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        request.head.forEachField { name, value in
            let isSecret = secretFields.contains {
                $0.utf8.count == name.count && $0.utf8.elementsEqual(name)
            }
            if isSecret { return }
            writer.name(utf8: name)
            if value.allSatisfy({ $0 < 0x80 }) {
                writer.string(utf8: value)
            } else {
                writer.string(String(decoding: value, as: UTF8.self))
            }
        }
        writer.endObject()
        return writer.bytes
    }

    private func eventArray(_ events: [Event]) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginArray()
        for event in events { event.write(to: &writer) }
        writer.endArray()
        return writer.bytes
    }
}

/// What the rules ask for, over all events of a delivery.
struct Matched {
    private(set) var starts: [NewStart] = []
    private(set) var failures: [Receipt.Failure] = []
    /// Failures beyond those that are listed.
    private(set) var unlistedFailures = 0
    /// What rules say of their starts to a chat.
    private(set) var replies: [(rule: String, event: Int, reply: RenderedReply)] = []

    var isEmpty: Bool { starts.isEmpty && failures.isEmpty }
    var isOversized: Bool { starts.count > IntakeLimits.startsPerDeliveryMax }

    /// - Parameter delivery: The delivery's id in the journal.
    /// - Returns: The rule that failed, or nil.
    mutating func add(
        _ outcome: RuleOutcome, delivery: String, event: Int, defaultRegion: String?
    ) -> String? {
        switch outcome {
        case .start(let request):
            guard let region = request.region ?? defaultRegion else {
                fail(
                    request.rule, event,
                    "no AWS region: neither the rule, the pipeline's ARN nor aws.region names one")
                return request.rule
            }
            starts.append(NewStart(request, delivery: delivery, region: region))
            if let reply = request.reply { replies.append((request.rule, event, reply)) }
            return nil
        case .failed(let rule, let message):
            fail(rule, event, message)
            return rule
        }
    }

    private mutating func fail(_ rule: String, _ event: Int, _ message: String) {
        guard failures.count < IntakeLimits.failuresListedMax else {
            unlistedFailures += 1
            return
        }
        failures.append(Receipt.Failure(rule: rule, eventIndex: event, message: message))
    }
}

extension NewStart {
    fileprivate init(_ request: StartRequest, delivery: String, region: String) {
        let id =
            request.hasOwnToken
            ? Identifier.start(ownToken: request.token)
            : Identifier.start(
                delivery: delivery, eventIndex: request.eventIndex, rule: request.rule)
        self.init(
            id: id, rule: request.rule, eventIndex: request.eventIndex, token: request.token,
            region: region, roleARN: request.roleARN, request: request.request,
            callback: request.callback.map {
                CallbackTarget(
                    url: $0.url,
                    occasions: $0.on.compactMap { CallbackOccasion(rawValue: $0.rawValue) })
            })
    }
}
