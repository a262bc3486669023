internal import OpenSSLCrypto

/// Ids that are the same for the same thing, so that a redelivery needs no look-up to be told the
/// id it had before. They hold nothing but unreserved characters of RFC 3986, for paths of the API.
///
/// They begin with what the sender's own ids begin with: those mostly grow with time, and so an
/// index of them grows at its end. Hashes would dirty a page of it for each delivery.
enum Identifier {
    /// The longest delivery id of a sender that stands in an id as it is.
    static let plainBytesMax = 64

    /// The id of a delivery in the journal: `SOURCE~ID` with the sender's id, or `SOURCE~~HASH`
    /// where that is long or has other characters than letters, digits, `-`, `.` and `_`.
    static func delivery(source: String, deliveryID: String) -> String {
        if isPlain(deliveryID) { return "\(source)~\(deliveryID)" }
        return "\(source)~~\(hash(deliveryID))"
    }

    /// The id of a start in the journal: `DELIVERY~EVENT~RULE`.
    /// - Parameter delivery: The delivery's id in the journal.
    static func start(delivery: String, eventIndex: Int, rule: String) -> String {
        "\(delivery)~\(eventIndex)~\(rule)"
    }

    /// The id of a start whose rule says itself what counts as the same start: `~HASH`, the same
    /// from whatever delivery.
    static func start(ownToken token: String) -> String { "~\(hash(token))" }

    /// Whether a start's id is that of its rule's own token: no source's name begins with `~`.
    static func isOfOwnToken(_ start: String) -> Bool { start.utf8.first == UInt8(ascii: "~") }

    private static func isPlain(_ text: String) -> Bool {
        (1...plainBytesMax).contains(text.utf8.count) && text.utf8.allSatisfy(\.isPlain)
    }

    /// 32 lower-case hexadecimal digits of a SHA-256.
    private static func hash(_ text: String) -> String {
        var hash = SHA256Hash()
        hash.update(text)
        return String(hash.finishHex().prefix(32))
    }
}

extension UInt8 {
    fileprivate var isPlain: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
