internal import CEL
internal import Events
internal import HTTP1

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
    private lazy var fields: [(name: String, value: String)] = parse()

    init(_ query: ArraySlice<UInt8>?) { self.query = query }

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    var fieldNames: [String] { fields.map(\.name) }

    private func parse() -> [(name: String, value: String)] {
        guard let query else { return [] }
        return query.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
        }
    }

    /// Percent-decoding with `+` for a space (URL Standard, application/x-www-form-urlencoded).
    private func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            if byte == UInt8(ascii: "%"), position + 2 < bytes.endIndex,
                let value = UInt8(
                    String(decoding: bytes[(position + 1)...(position + 2)], as: UTF8.self),
                    radix: 16)
            {
                output.append(value)
                position += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
