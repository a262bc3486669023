internal import CEL
internal import Events
internal import HTTP1
internal import JSON
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
package final class QueryFields: HeaderFields {
    private let query: ArraySlice<UInt8>?
    private let hidden: String?
    private let mask: JSONMask
    /// The field that holds a payload, whose JSON has secrets of its own.
    private let payloadField: String?
    private lazy var fields: [(name: String, value: String)] = parse()

    /// The fields of a request to a source, without those that carry secrets.
    package init(_ query: ArraySlice<UInt8>?, of source: Source) {
        self.query = query
        hidden = source.scheme?.secretQueryField
        mask = source.sender.mask
        payloadField = source.sender.payload.formField
    }

    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    package var fieldNames: [String] { fields.map(\.name) }

    private func parse() -> [(name: String, value: String)] {
        guard let query, let form = FormFields(query) else { return [] }
        return form.fields.filter { !mask.covers($0.name) }.map { name, value in
            let name = String(decoding: name, as: UTF8.self)
            let masked = name == payloadField ? mask.masked(value) : nil
            return (name: name, value: String(decoding: masked ?? value, as: UTF8.self))
        }.filter { $0.name != hidden }
    }
}
