/// Bounds on certificate files, handshakes and buffers. Sizes are in bytes.
package enum TLSLimits {
    /// The largest certificate, key or CA file; all of Debian's CA certificates have about 220 KB.
    package static let fileBytesMax = 1 << 20
    /// The most certificates in a server's chain, its own included; public chains have two to four.
    package static let chainCertificatesMax = 10
    /// The largest server's chain as it is sent (DER).
    package static let chainBytesMax = 64 << 10
    /// The most certificates in a `clientCA` file; the names of all of them go to every client.
    package static let clientCACertificatesMax = 64
    /// The most certificates between a client's own and a `clientCA`.
    package static let clientChainDepthMax = 4
    /// The largest chain that a client may send.
    package static let clientChainBytesMax = 32 << 10
    /// The most that a client may send before its handshake is done.
    package static let handshakeBytesMax = 64 << 10
    /// The most plaintext in one record (RFC 8446 §5.1).
    package static let recordBytesMax = 16 << 10
    /// How much output may wait before ``TLSSession/write(_:)`` takes no more.
    package static let writeAheadBytesMax = 64 << 10
    /// How much output may wait at all, with what a peer makes us say that does not read it.
    package static let outputBytesMax = 256 << 10
    /// How long a session can be resumed; also how long one ticket key seals.
    package static let ticketLifetime: Duration = .seconds(3600)
}
