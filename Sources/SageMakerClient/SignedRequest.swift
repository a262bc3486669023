/// An HTTP request that is ready to be sent as it is.
package struct SignedRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package let method: String
    package let url: String
    /// All the header fields that are signed, Host among them, and Authorization. Content-Length
    /// is the sender's.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    /// The fields hold credentials and the body a user's data, so neither is printed.
    package var description: String { "\(method) \(url)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
