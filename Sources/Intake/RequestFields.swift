internal import CEL
internal import Events
internal import HTTP1
internal import Webhook

/// A request's header fields without those that carry secrets.
final class RequestFields: HeaderFields {
    private let head: RequestHead
    private let hidden: Set<String>

    init(_ head: RequestHead, hiding hidden: Set<String>) {
        self.head = head
        self.hidden = hidden
    }

    func field(_ name: String) -> String? {
        guard !hidden.contains(name), let value = head.field(name) else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    var fieldNames: [String] {
        var seen: Set<String> = []
        return head.fieldTexts.map(\.name).filter {
            !hidden.contains($0) && seen.insert($0).inserted
        }
    }
}

/// The fields of a query: `a=1&b=2`, percent-decoded, of repeated names the first.
final class QueryFields: HeaderFields {
    private let query: ArraySlice<UInt8>?
    private let hidden: String?
    private lazy var fields: [(name: String, value: String)] = parse()

    /// - Parameter hidden: The field that carries a secret, if there is one.
    init(_ query: ArraySlice<UInt8>?, hiding hidden: String? = nil) {
        self.query = query
        self.hidden = hidden
    }

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    var fieldNames: [String] { fields.map(\.name) }

    private func parse() -> [(name: String, value: String)] {
        guard let query, let form = FormFields(query) else { return [] }
        return form.fields.map { field in
            (
                String(decoding: field.name, as: UTF8.self),
                String(decoding: field.value, as: UTF8.self)
            )
        }.filter { $0.name != hidden }
    }
}
