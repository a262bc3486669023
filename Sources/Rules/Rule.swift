internal import CEL
package import Events
internal import SageMakerAPI

/// A condition on events and the request that they start.
package struct Rule: Sendable {
    /// Unique over all files.
    package let name: String
    /// The place of the name.
    package let place: Place
    /// The sources' names; nil for `"*"`.
    package let sources: [LocatedText]?
    /// What `on` says of each kind of event; nil for every event but a ping.
    package let filters: [EventFilter]?
    /// `let`
    let lets: RuleLets
    /// `when`
    let condition: CELProgram?
    /// `when` as it is written.
    let conditionText: String?
    /// `start`
    let request: RequestTemplate
    let emptyParameters: EmptyParameters
    /// The region to send to; nil where the pipeline's ARN or the configuration decides.
    package let region: String?
    /// The role whose credentials sign the starts; nil where the configuration decides.
    package let roleARN: String?
    /// Whether the rule itself says where its starts go: by `region` or by a pipeline's ARN that
    /// is no expression.
    package let decidesRegion: Bool
    package let callback: RuleCallback?
    /// Where the callback's URL is written.
    package let callbackPlace: Place?
    /// Where the callback's `on` asks for `finished`; nil where it does not, or is left out.
    package let finishedPlace: Place?
    /// What a chat is told.
    let reply: RuleReply?

    /// Whether events of a kind are looked at.
    package func covers(_ kind: EventKind) -> Bool {
        filters.map { $0.contains { $0.covers(kind) } } ?? (kind != .ping)
    }
}
