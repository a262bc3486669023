package import CEL
package import JSON

/// One verified inbound request, as rules and normalisers see it.
///
/// Made, used and dropped on one thread.
package struct Delivery {
    /// The configured source's name: the trust root.
    package let source: String
    /// The sender's own delivery id, or the lower-case hex SHA-256 of the body where it sends none.
    package let deliveryID: String
    /// Header fields without those that carry signatures or secrets.
    package let headers: any HeaderFields
    /// The fields of the request target's query; empty when there is none.
    package let query: any HeaderFields
    /// The JSON payload.
    package let body: JSONValue
    /// When the request was received, in milliseconds since 1970-01-01T00:00:00Z.
    package let receivedAtMilliseconds: Int64
    /// The peer's address without the port, or empty for a Unix socket.
    package let clientAddress: String
    /// The subject of the certificate that the client proved itself with, or nil.
    package let clientSubject: String?
    /// That certificate's alternative names.
    package let clientNames: [String]

    package init(
        source: String, deliveryID: String, headers: any HeaderFields, query: any HeaderFields,
        body: JSONValue, receivedAtMilliseconds: Int64, clientAddress: String,
        clientSubject: String? = nil, clientNames: [String] = []
    ) {
        self.source = source
        self.deliveryID = deliveryID
        self.headers = headers
        self.query = query
        self.body = body
        self.receivedAtMilliseconds = receivedAtMilliseconds
        self.clientAddress = clientAddress
        self.clientSubject = clientSubject
        self.clientNames = clientNames
    }
}

/// Named text fields that are read lazily: `headers` and `query` in CEL.
package protocol HeaderFields: CELObject {
    /// The field's value, or nil when there is none.
    /// - Parameter name: Lower-case for header fields.
    func field(_ name: String) -> String?
    var fieldNames: [String] { get }
}

extension HeaderFields {
    package func member(_ name: String) -> CELValue? { field(name).map { .string($0) } }
    /// Each once, however often the field was sent: a map has no key twice.
    package var memberNames: [String] {
        var seen: Set<String> = []
        return fieldNames.filter { seen.insert($0).inserted }
    }
}

/// Fields that are held in a dictionary.
package final class FieldDictionary: HeaderFields {
    private let fields: [String: String]

    /// - Parameter fields: Values by lower-case name.
    package init(_ fields: [String: String] = [:]) { self.fields = fields }

    package func field(_ name: String) -> String? { fields[name] }
    package var fieldNames: [String] { fields.keys.sorted() }
}
