package import EventPoll
package import TLS

/// Who is at the other end of a connection.
package final class Peer: Sendable {
    /// Nil for a Unix socket. An IPv4 address that came mapped into IPv6 is IPv4.
    package let address: IPAddress?
    /// The address as text; empty for a Unix socket.
    package let addressText: String
    /// Whom the client has proven to be by mTLS, or nil.
    package let certificate: PeerCertificate?

    package init(address: IPAddress?, certificate: PeerCertificate? = nil) {
        self.address = address?.unmapped
        addressText = address.map { "\($0.unmapped)" } ?? ""
        self.certificate = certificate
    }
}
