import EventPoll
import Intake
import Rules

extension ConfigurationDecoder {
    /// The keys of a source that say who may speak to it.
    static let accessKeys = ["allowFrom", "trustedProxies", "rateLimit"]

    func access(_ fields: YAMLFields) -> AccessPolicy {
        var access = AccessPolicy()
        if let node = fields["allowFrom"] {
            let elements = node.elements("networks", problems) ?? []
            access.allowed = elements.compactMap(network)
            // An empty list would otherwise let everybody in.
            if elements.isEmpty { problems.report(node.place, "expected at least one network") }
        }
        if let node = fields["trustedProxies"] { decodeProxies(node, &access) }
        if let node = fields["rateLimit"] { access.rateLimit = rateLimit(node) }
        return access
    }

    private func decodeProxies(_ node: YAMLNode, _ access: inout AccessPolicy) {
        for element in node.elements("networks", problems) ?? [] {
            if element.scalar?.text == "unix" {
                access.trustsUnixSockets = true
            } else if let network = network(element) {
                access.trustedProxies.append(network)
            }
        }
    }

    private func rateLimit(_ node: YAMLNode) -> RateLimit? {
        let expected = "a number of requests and a period: 100/s, 600/m or 5000/h"
        guard let text = node.writtenText(expected, problems) else { return nil }
        problems.note(node.place) { note in
            note.types = ["string"]
            note.pattern = Units.ratePattern
        }
        guard let (count, period) = Units.rate(text), (1...1_000_000).contains(count) else {
            problems.report(node.place, "expected \(expected), not \"\(printable(text))\"")
            return nil
        }
        return RateLimit(requests: count, period: period)
    }
}
