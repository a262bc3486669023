internal import CEL
internal import Events

/// The variables that rules' expressions can read.
enum RuleVariable: Int, CaseIterable {
    case event, body, headers, query, source, delivery, received, client

    /// What rules' expressions are compiled against.
    static let environment = environment(CELLimits())

    /// The same with other limits.
    static func environment(_ limits: CELLimits) -> CELEnvironment {
        CELEnvironment(
            variables: allCases.map { "\($0)" },
            declarations: Dictionary(
                uniqueKeysWithValues: allCases.map {
                    ("\($0)", CELEnvironment.Declaration($0.type))
                }),
            limits: limits, library: RuleFunctions.library)
    }

    /// What is known of the variable's values; the payload may be any JSON.
    private var type: StaticType {
        switch self {
        case .event: .record(EventTypes.event)
        case .body: .dyn
        case .headers, .query: .map(.string, .string)
        case .source, .delivery: .string
        case .received: .timestamp
        case .client: .record(EventTypes.client)
        }
    }
}

/// One event's variables, read when an expression asks for them.
final class RuleActivation: CELActivation {
    private let event: Event
    private let delivery: Delivery

    init(_ event: Event, in delivery: Delivery) {
        self.event = event
        self.delivery = delivery
    }

    func value(ofVariable slot: Int) -> CELValue? {
        guard let variable = RuleVariable(rawValue: slot) else { return nil }
        return switch variable {
        case .event: .object(event)
        case .body: CELValue(json: delivery.body)
        case .headers: .object(delivery.headers)
        case .query: .object(delivery.query)
        case .source: .string(delivery.source)
        case .delivery: .string(delivery.deliveryID)
        case .received: received
        case .client: .object(Client(delivery))
        }
    }

    private var received: CELValue {
        let milliseconds = delivery.receivedAtMilliseconds
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        // Toward the past before 1970, since a timestamp's nanoseconds only count forward.
        return rest < 0
            ? .timestamp(seconds: seconds - 1, nanoseconds: Int32(rest + 1000) * 1_000_000)
            : .timestamp(seconds: seconds, nanoseconds: Int32(rest) * 1_000_000)
    }

    /// Who sent the delivery: `client`.
    private final class Client: CELObject {
        private let delivery: Delivery

        init(_ delivery: Delivery) { self.delivery = delivery }

        var memberNames: [String] { EventTypes.client.members.map(\.name) }

        func member(_ name: String) -> CELValue? {
            switch name {
            case "address":
                delivery.clientAddress.isEmpty ? .null : .string(delivery.clientAddress)
            case "subject": delivery.clientSubject.map { .string($0) } ?? .null
            case "names":
                delivery.clientSubject == nil
                    ? .null : .list(delivery.clientNames.map { .string($0) })
            default: nil
            }
        }
    }
}

/// Evaluations without variables, for expressions that need none.
final class NoVariables: CELActivation, Sendable {
    func value(ofVariable slot: Int) -> CELValue? { nil }
}
