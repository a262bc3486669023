internal import CEL
internal import Events

/// The variables that rules' expressions can read.
enum RuleVariable: Int, CaseIterable {
    case event, body, headers, query, source, delivery, received, client

    /// What rules' expressions are compiled against.
    static let environment = CELEnvironment(
        variables: allCases.map { "\($0)" },
        declarations: Dictionary(
            uniqueKeysWithValues: allCases.compactMap { variable in
                variable.declaration.map { ("\(variable)", $0) }
            }))

    /// What is known of the variable's values; nil for the payload, which may be any JSON.
    private var declaration: CELEnvironment.Declaration? {
        switch self {
        case .event: CELEnvironment.Declaration(.map, members: Self.eventMembers)
        case .body: nil
        case .headers, .query: CELEnvironment.Declaration(.map)
        case .source, .delivery: CELEnvironment.Declaration(.string)
        case .received: CELEnvironment.Declaration(.timestamp)
        case .client:
            CELEnvironment.Declaration(.map, members: RuleActivation.clientMembers)
        }
    }

    /// All of ``Event/memberNames``, for which there is no event yet.
    private static let eventMembers =
        ["kind", "action", "ref", "paths"] + EventField.allCases.map(\.rawValue)
}

/// One event's variables, read when an expression asks for them.
final class RuleActivation: CELActivation {
    private let event: Event
    private let delivery: Delivery

    /// The members of `client`.
    static let clientMembers = ["address", "subject", "names"]

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

        var memberNames: [String] { RuleActivation.clientMembers }

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
struct NoVariables: CELActivation {
    func value(ofVariable slot: Int) -> CELValue? { nil }
}
