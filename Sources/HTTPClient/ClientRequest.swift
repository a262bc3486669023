/// A request to send, with the bounds on its reply.
package struct ClientRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// The methods (RFC 9110 §9.3, RFC 5789) that Hookline sends.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
    }

    /// The caller's own name for the request, handed back with its result.
    package var id: UInt64
    package var method: Method
    /// An absolute `https` URL in ASCII, sent as it is: dot segments are not resolved.
    package var url: String
    /// The fields to send, in order.
    ///
    /// libcurl adds Host, and Content-Length where there is content; User-Agent comes from the
    /// client unless it is here. No other field is added. The framing of the message is not the
    /// caller's: Content-Length, Transfer-Encoding and Expect are refused.
    package var fields: [(name: String, value: String)] = []
    /// The content of a POST, PUT or PATCH; a GET has none.
    package var content: [UInt8] = []
    /// The longest time from ``Client/start(_:)`` to the last byte of the reply, at least 1 ms.
    package var timeout = Duration.seconds(60)
    /// The longest time to resolve the host, connect and finish the TLS handshake.
    package var connectTimeout = Duration.milliseconds(3100)  // the AWS SDKs' "standard" mode
    /// The largest content that a reply may have.
    package var replyBytesMax = 1 << 20
    /// Whether an `http` URL is accepted too.
    package var allowsPlainHTTP = false
    /// Which addresses may be connected to; nil for all of them.
    ///
    /// It is asked about the very address of each connection, a new or a reused one, so a name that
    /// resolves differently the second time gains nothing. With a proxy, it is only asked about an
    /// address that the URL itself names: what a name stands for is then the proxy's to know.
    package var addressPolicy: AddressPolicy?
    /// The path of a PEM file of certificate authorities to trust instead of the system's.
    package var certificateAuthorities: String?
    /// The URL of the proxy to go through; nil for none, whatever the environment says.
    package var proxy: String?
    /// The path of a Unix socket to connect to, 1 to 107 bytes (unix(7)); nil to connect to the URL's
    /// host, which is only named in the Host field otherwise.
    ///
    /// ``proxy`` and ``addressPolicy`` have no say over it: there is no address.
    package var unixSocketPath: String?

    /// Fields hold credentials, the content a user's data and a URL's path or query a token, so none of
    /// them is printed.
    package var description: String { "\(method.rawValue) request \(id)" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    package init(id: UInt64, method: Method, url: String) {
        self.id = id
        self.method = method
        self.url = url
    }
}
