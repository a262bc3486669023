internal import OpenSSLCrypto

/// Ids that are the same for the same thing, so that a redelivery needs no look-up to be told the
/// id it had before. 32 lower-case hexadecimal digits of a SHA-256.
enum Identifier {
    /// The id of a delivery in the journal.
    static func delivery(source: String, deliveryID: String) -> String {
        hash("delivery", source, deliveryID)
    }

    /// The id of a start in the journal.
    static func start(token: String) -> String { hash("start", token) }

    private static func hash(_ parts: String...) -> String {
        var hash = SHA256Hash()
        for part in parts {
            hash.update(part)
            hash.update(0)
        }
        return String(hash.finishHex().prefix(32))
    }
}
