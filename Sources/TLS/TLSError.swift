/// What is wrong with a file, or why a connection failed.
///
/// Reasons are OpenSSL's fixed texts. No case carries plaintext or key material.
package enum TLSError: Error, Equatable {
    // Files.
    case fileUnreadable(path: String, reason: String)
    case fileTooLarge(path: String, limit: Int)
    /// The file has no PEM block of the kind that is needed.
    case notPEM(path: String, expected: String)
    /// A PEM block is broken; `position` counts the file's blocks of that kind from 1.
    case pemInvalid(path: String, position: Int, reason: String)
    case tooManyCertificates(path: String, limit: Int)
    case chainTooLarge(path: String, limit: Int)
    /// OpenSSL does not take the certificate: its key is too short, say.
    case certificateRefused(path: String, reason: String)
    case keyEncrypted(path: String)
    case keyMismatch(key: String, certificate: String)

    // Connections.
    /// The client speaks plain HTTP.
    case plainHTTP
    case handshakeTooLarge(limit: Int)
    case handshakeFailed(reason: String)
    case clientCertificateRefused(reason: String)
    /// What came after the handshake is not a record of this connection, or is an alert.
    case recordRefused(reason: String)
    /// The connection ended without the peer's close_notify (RFC 8446 §6.1).
    case truncated
    /// The peer makes us answer and does not read.
    case outputTooLarge(limit: Int)
}

extension TLSError: CustomStringConvertible {
    /// What is wrong, where, and what was expected; without line breaks.
    package var description: String {
        switch self {
        case .fileUnreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .fileTooLarge(let path, let limit): "\(path): is larger than \(limit) bytes"
        case .notPEM(let path, let expected):
            "\(path): has no PEM block; expected -----BEGIN \(expected)-----"
        case .pemInvalid(let path, let position, let reason):
            "\(path): PEM block \(position) is broken: \(reason)"
        case .tooManyCertificates(let path, let limit):
            "\(path): has more than \(limit) certificates"
        case .chainTooLarge(let path, let limit):
            "\(path): the chain is larger than \(limit) bytes"
        case .certificateRefused(let path, let reason):
            "\(path): the certificate cannot be used: \(reason)"
        case .keyEncrypted(let path):
            "\(path): the key is encrypted; expected one without a passphrase"
        case .keyMismatch(let key, let certificate):
            "\(key): is not the key of the first certificate in \(certificate)"
        case .plainHTTP: "plain HTTP was sent to a TLS listener"
        case .handshakeTooLarge(let limit): "the handshake is larger than \(limit) bytes"
        case .handshakeFailed(let reason): "the handshake failed: \(reason)"
        case .clientCertificateRefused(let reason): "the client certificate is refused: \(reason)"
        case .recordRefused(let reason): "a record is refused: \(reason)"
        case .truncated: "the connection ended without close_notify"
        case .outputTooLarge(let limit):
            "the peer reads nothing, and more than \(limit) bytes wait for it"
        }
    }
}
