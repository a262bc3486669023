/// A complete reply.
package struct ClientReply: Sendable {
    /// The status code, 200...999. A redirect is a reply like any other and is never followed.
    package let status: Int
    /// The fields in the order received, names in lower case; trailers are left out.
    package let fields: [(name: String, value: String)]
    package let content: [UInt8]

    package init(status: Int, fields: [(name: String, value: String)], content: [UInt8]) {
        self.status = status
        self.fields = fields
        self.content = content
    }

    /// The value of the first field of that name, which is given in lower case.
    package func firstValue(of name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}
