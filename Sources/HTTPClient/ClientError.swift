package import EventPoll
internal import Glibc

/// Why a request has no reply.
///
/// Which of these is worth another attempt is the caller's to know. None proves that the server did
/// not see the request: libcurl may have sent it on a dying connection before (see ``Client``).
package enum ClientError: Error, Equatable, Sendable {
    /// The URL has user information, no host, or a character that does not belong in one.
    case urlMalformed
    /// The URL's scheme is not `https`, or `http` where that is allowed.
    case schemeRefused
    /// The request has a field that is malformed or not the caller's to set.
    case fieldRefused(name: String)
    /// The certificate authorities' file could not be read.
    case certificateAuthoritiesUnreadable
    /// The host's name has no address, or no resolver answered in time.
    case resolveFailed
    /// Every address of the host was refused by the request's ``AddressPolicy``; this is one.
    case addressRefused(IPAddress)
    /// No connection came about; `errno` is 0 where the system gave no reason.
    case connectFailed(errno: Int32)
    /// The connection, the TLS handshake included, was not there in time.
    case connectTimedOut
    /// The proxy did not resolve or did not do its part.
    case proxyFailed
    /// The proxy answered a request for a tunnel with another status than 2xx.
    case proxyRefused(status: Int)
    /// The server's certificate is not trusted or not for this host.
    case tlsVerificationFailed
    /// The TLS handshake failed for another reason.
    case tlsHandshakeFailed
    /// The request was sent, at least in part, but there was no complete reply in time.
    case timedOut
    /// The connection broke while the request was sent.
    case sendFailed(errno: Int32)
    /// The connection broke while the reply was awaited or read.
    case receiveFailed(errno: Int32)
    /// The server closed the connection without a reply.
    case closedWithoutReply
    /// The server closed the connection within the reply.
    case replyCut
    /// The reply is not HTTP.
    case replyMalformed
    /// The reply's status line and fields are longer than the limit.
    case replyHeadTooLarge(limit: Int)
    /// The reply's content is longer than the limit.
    case replyTooLarge(limit: Int)
    /// A system call of the client itself failed.
    case systemCallFailed(SystemCallError)
    /// There was no memory for the transfer.
    case outOfMemory
    /// libcurl failed in a way that no request of ours should provoke.
    case libraryFailed(code: Int)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .urlMalformed: "the URL is not an absolute URL in ASCII without user information"
        case .schemeRefused: "the URL's scheme is not allowed here; expected https"
        case .fieldRefused(let name): "the request field \"\(name)\" cannot be sent"
        case .certificateAuthoritiesUnreadable: "the certificate authorities cannot be read"
        case .resolveFailed: "the host's name could not be resolved"
        case .addressRefused(let address): refusal(of: address)
        case .connectFailed(let errno): "could not connect" + reason(errno)
        case .connectTimedOut: "could not connect in time"
        case .proxyFailed: "the proxy did not let the request through"
        case .proxyRefused(let status):
            "the proxy answered \(status) instead of letting the request through"
        case .tlsVerificationFailed: "the server's certificate could not be verified"
        case .tlsHandshakeFailed: "the TLS handshake failed"
        case .timedOut: "no complete reply in time"
        case .sendFailed(let errno): "the connection broke while sending" + reason(errno)
        case .receiveFailed(let errno): "the connection broke while receiving" + reason(errno)
        case .closedWithoutReply: "the server closed the connection without a reply"
        case .replyCut: "the server closed the connection within the reply"
        case .replyMalformed: "the reply is not valid HTTP/1.1"
        case .replyHeadTooLarge(let limit): "the reply's fields are longer than \(limit) bytes"
        case .replyTooLarge(let limit): "the reply's content is longer than \(limit) bytes"
        case .systemCallFailed(let error): error.description
        case .outOfMemory: "out of memory for the request"
        case .libraryFailed(let code): "libcurl failed with code \(code)"
        }
    }

    private func refusal(of address: IPAddress) -> String {
        let purpose = AddressPolicy.purpose(of: address) ?? "public"
        return "the host's address \(address) is refused: \(purpose)"
    }

    private func reason(_ errno: Int32) -> String {
        errno == 0 ? "" : ": " + String(cString: strerror(errno))
    }
}
