package import CEL
package import Events
package import JSON

/// An expression over rules' variables, to be tried without a rule.
package struct RuleExpression {
    /// The functions that rules' expressions can call.
    package static let library = RuleVariable.environment.library

    private let source: String

    package init(_ source: String) { self.source = source }

    /// Everything that is wrong with it.
    package var errors: [CELError] { RuleVariable.environment.errors(in: source) }

    /// Its value with only `body` known, or nothing.
    package func value(body: JSONValue?) throws(CELError) -> CELValue {
        try RuleVariable.environment.compile(source).evaluate(BodyOnly(body: body))
    }

    /// Its value for an event.
    package func value(_ event: Event, in delivery: Delivery) throws(CELError) -> CELValue {
        try RuleVariable.environment.compile(source)
            .evaluate(RuleActivation(event, in: delivery))
    }

    private final class BodyOnly: CELActivation {
        private let body: JSONValue?

        init(body: JSONValue?) { self.body = body }

        func value(ofVariable slot: Int) -> CELValue? {
            slot == RuleVariable.body.rawValue ? body.map { CELValue(json: $0) } : nil
        }
    }
}
