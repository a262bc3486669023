internal import Journal
internal import Webhook

/// Why a query is not understood: its parameter and what was expected.
struct QueryFault: Error {
    let detail: String
}

extension DeliveryQuery {
    private static let names = ["source", "rule", "state", "limit", "cursor"]

    /// Reads the query of `/v1/deliveries`.
    init(parsing query: ArraySlice<UInt8>?) throws(QueryFault) {
        self.init()
        guard let form = FormFields(Array(query ?? [])[...]) else {
            throw QueryFault(detail: "the query has too many parameters")
        }
        var seen: Set<String> = []
        for (name, value) in form.fields {
            let name = String(decoding: name, as: UTF8.self)
            guard Self.names.contains(name) else {
                throw QueryFault(
                    detail: "the query's parameters are \(Self.names.joined(separator: ", "))")
            }
            guard seen.insert(name).inserted else {
                throw QueryFault(detail: "\(name) is given twice")
            }
            try set(name, String(decoding: value, as: UTF8.self))
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(QueryFault) {
        switch name {
        case "source": source = value
        case "rule": rule = value
        case "state":
            guard let word = StartState(rawValue: value) else {
                let words = StartState.allCases.map(\.rawValue).joined(separator: ", ")
                throw QueryFault(detail: "state: expected one of \(words)")
            }
            state = word
        case "limit":
            guard let number = Int(value), Self.limitRange.contains(number) else {
                throw QueryFault(
                    detail: "limit: expected \(Self.limitRange.lowerBound) to "
                        + "\(Self.limitRange.upperBound)")
            }
            limit = number
        default:
            guard let place = Int64(value), place > 0 else {
                throw QueryFault(detail: "cursor: expected the next of an earlier page")
            }
            before = place
        }
    }
}
