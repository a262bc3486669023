import COpenSSL

/// Owns an SSL_CTX, and what its callbacks point to.
///
/// `@unchecked`: OpenSSL counts references to an SSL_CTX by atomics and lets threads make sessions
/// of it at once; nothing changes it after its set-up, which is done before it is shared.
final class ContextHandle: @unchecked Sendable {
    enum Role { case server, client }

    let pointer: OpaquePointer
    let role: Role
    private let ticketKeys: TicketKeys?

    /// Mozilla's "intermediate" list without finite-field DH: ECDHE and AEAD only.
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:@SECLEVEL=2"
    private static let ciphersuites =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"

    init(_ role: Role, versions: ClosedRange<TLSVersion>, ticketKeys: TicketKeys? = nil) {
        guard let pointer = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method())
        else { preconditionFailure("OpenSSL could not allocate an SSL_CTX") }
        self.pointer = pointer
        self.role = role
        self.ticketKeys = ticketKeys
        // Only fixed names go in, so a failure is our own, or an OpenSSL without these algorithms.
        precondition(
            hl_context_set_versions(
                pointer, versions.lowerBound.number, versions.upperBound.number) == 1
                && SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1
                && SSL_CTX_set_ciphersuites(pointer, Self.ciphersuites) == 1
                && hl_context_set_groups(pointer, Self.groups) == 1,
            "OpenSSL lacks a version, a cipher or a group of TLS 1.2 and 1.3")
        SSL_CTX_set_options(pointer, hl_op_no_compression)
        if role == .server {
            SSL_CTX_set_options(
                pointer,
                hl_op_no_renegotiation | hl_op_server_preference | hl_op_prioritize_chacha)
        }
        // Idle sessions hold no record buffers; a chain is sent as the file has it.
        hl_context_set_mode(
            pointer,
            Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_NO_AUTO_CHAIN))
        hl_context_disable_session_cache(pointer)
        SSL_CTX_set_timeout(pointer, Int(TLSLimits.ticketLifetime.components.seconds))
        ticketKeys?.install(in: pointer)
    }

    deinit { SSL_CTX_free(pointer) }
}

/// A version of TLS that Hookline speaks (RFC 5246, RFC 8446).
package enum TLSVersion: Int, Sendable, Comparable {
    case tls12, tls13

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    var number: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}
