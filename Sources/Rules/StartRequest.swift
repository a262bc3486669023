internal import OpenSSLCrypto

/// One start that a rule asks for.
package struct StartRequest: Sendable, Equatable {
    package let rule: String
    /// The event's position within its delivery.
    package let eventIndex: Int
    /// The ClientRequestToken: what counts as the same start.
    package let token: String
    /// Whether the rule gives the token itself, so that it can be another delivery's too.
    package let hasOwnToken: Bool
    /// The rule's region or that of the pipeline's ARN; nil where the configuration decides.
    package let region: String?
    /// The rule's role, whose credentials sign it; nil where the configuration decides.
    package let roleARN: String?
    /// The StartPipelineExecution request with the token, as compact JSON.
    package let request: [UInt8]
    package let callback: RuleCallback?
    /// What a chat is told; nil where the rule says nothing.
    package let reply: RenderedReply?

    /// The token of a rule's start for an event of a delivery.
    ///
    /// The lower-case hex SHA-256 of the UTF-8 bytes of source, delivery id, event index and rule
    /// name, joined by 0x00, so that a delivery seen again starts nothing twice.
    package static func token(
        source: String, deliveryID: String, eventIndex: Int, rule: String
    ) -> String {
        var hash = SHA256Hash()
        hash.update(source)
        hash.update(0)
        hash.update(deliveryID)
        hash.update(0)
        hash.update("\(eventIndex)")
        hash.update(0)
        hash.update(rule)
        return hash.finishHex()
    }
}

/// What a rule that matched an event came to.
package enum RuleOutcome: Sendable, Equatable {
    case start(StartRequest)
    /// The rule's own error; other rules are not touched by it.
    case failed(rule: String, message: String)
}

/// What a rule did with an event, step by step.
package struct RuleTrace: Sendable, Equatable {
    package let rule: String
    /// The event's position within its delivery.
    package let event: Int
    /// Whether every clause said yes.
    package let matched: Bool
    /// The first clause that said no: `source`, `on`, `on.push.branches`, `when`.
    package let clause: String?
    /// Why that clause said no, in a sentence.
    package let reason: String?
    /// What would be sent.
    package let start: StartRequest?
    /// The rule's own error.
    package let error: String?
    /// What each clause said, the first that said no being the last that was asked.
    package let clauses: [ClauseTrace]
}

/// What one clause of a rule said of an event.
package struct ClauseTrace: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        case yes, no, error
        /// Nothing to say: a name's value.
        case value
    }

    /// `source`, `on`, `on.push.branches`, `let NAME`, `when`, or a part of a condition as written.
    package let clause: String
    package let verdict: Verdict
    /// A value, why it says no, or the error.
    package let detail: String?

    init(_ clause: String, _ verdict: Verdict, _ detail: String? = nil) {
        self.clause = clause
        self.verdict = verdict
        self.detail = detail
    }
}
