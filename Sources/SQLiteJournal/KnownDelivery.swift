internal import Journal

/// What the store has already of a delivery that comes.
struct KnownDelivery {
    /// The delivery's row; nil where it has none.
    let delivery: Int64?
    /// Its starts, and others' starts with the tokens that it asks for.
    let starts: [RecordedStart]
    /// What it asks for beyond them.
    let new: [NewStart]
}

extension Statements {
    func known(of append: DeliveryAppend) throws -> KnownDelivery {
        let delivery = try sequence(ofDelivery: append.delivery.id)
        let own = try delivery.map { try starts(ofDelivery: $0) } ?? []
        var elsewhere: [RecordedStart] = []
        var new: [NewStart] = []
        // An id is the same where the token is: NewStart.id.
        var ids = Set(own.map(\.id))
        var asked = Set(own.map { RuleAndEvent(rule: $0.rule, eventIndex: $0.eventIndex) })
        for start in append.starts where !ids.contains(start.id) {
            let ruleAndEvent = RuleAndEvent(rule: start.rule, eventIndex: start.eventIndex)
            if asked.contains(ruleAndEvent) { continue }
            ids.insert(start.id)
            if let earlier = try self.start(withID: start.id) {
                elsewhere.append(earlier)
            } else {
                new.append(start)
                asked.insert(ruleAndEvent)
            }
        }
        return KnownDelivery(delivery: delivery, starts: own + elsewhere, new: new)
    }

    private func sequence(ofDelivery id: String) throws -> Int64? {
        try findDelivery.bind(1, id)
        return try findDelivery.first { $0.integer(0) }
    }

    private func starts(ofDelivery sequence: Int64) throws -> [RecordedStart] {
        var starts: [RecordedStart] = []
        try startsOfDelivery.bind(1, sequence)
        try startsOfDelivery.forEach { row in
            starts.append(RecordedStart(row))
            return true
        }
        return starts
    }

    // Two starts have the same id if they have the same token, so the index on the id is enough.
    // One on the token as well would make every commit a fifth dearer: its entries come in random
    // order, so that each dirties a page of its own.
    private func start(withID id: String) throws -> RecordedStart? {
        try findStart.bind(1, id)
        return try findStart.first(RecordedStart.init)
    }
}

/// What a delivery starts at most once.
private struct RuleAndEvent: Hashable {
    let rule: String
    let eventIndex: Int
}

extension RecordedStart {
    fileprivate init(_ row: StatementRow) {
        self.init(
            id: row.text(0) ?? "", rule: row.text(1) ?? "", eventIndex: row.int(2),
            token: row.text(3) ?? "", isNew: false)
    }
}
