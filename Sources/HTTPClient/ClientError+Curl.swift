internal import CCurl
internal import Glibc

extension ClientError {
    /// What a code of libcurl (libcurl-errors(3)) means for the transfer of `easy`.
    init(_ code: CURLcode, of easy: UnsafeMutableRawPointer) {
        self =
            switch code {
            // 67 is a user name in the URL, which we do not allow.
            case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED: .urlMalformed
            case CURLE_SSL_CACERT_BADFILE: .certificateAuthoritiesUnreadable
            case CURLE_COULDNT_RESOLVE_HOST: .resolveFailed
            case CURLE_COULDNT_CONNECT: .connectFailed(errno: transferErrno(easy))
            case CURLE_OPERATION_TIMEDOUT: timeout(of: easy)
            case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxyFailed
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS:
                .tlsVerificationFailed
            case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CLIENTCERT:
                .tlsHandshakeFailed
            case CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND: .sendFailed(errno: transferErrno(easy))
            case CURLE_RECV_ERROR:
                proxyRefusal(easy) ?? .receiveFailed(errno: transferErrno(easy))
            case CURLE_GOT_NOTHING: .closedWithoutReply
            case CURLE_PARTIAL_FILE: .replyCut
            // 1 is a reply that looks like HTTP/0.9; the URL's scheme was checked before.
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
                CURLE_BAD_CONTENT_ENCODING:
                .replyMalformed
            case CURLE_OUT_OF_MEMORY: .outOfMemory
            default: .libraryFailed(code: Int(code.rawValue))
            }
    }
}

/// The errno of the transfer's last failed system call, or 0.
private func transferErrno(_ easy: UnsafeMutableRawPointer) -> Int32 {
    var value = 0
    guard hl_easy_get_long(easy, CURLINFO_OS_ERRNO, &value) == CURLE_OK else { return 0 }
    return Int32(truncatingIfNeeded: value)
}

/// A proxy's no to a tunnel, which libcurl tells by the code of a broken connection.
private func proxyRefusal(_ easy: UnsafeMutableRawPointer) -> ClientError? {
    var status = 0
    guard hl_easy_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK, status >= 300
    else { return nil }
    return .proxyRefused(status: status)
}

/// What a transfer was waiting for when its time was up.
private func timeout(of easy: UnsafeMutableRawPointer) -> ClientError {
    if hasReached(CURLINFO_PRETRANSFER_TIME_T, easy) { return .timedOut }
    return hasReached(CURLINFO_NAMELOOKUP_TIME_T, easy) ? .connectTimedOut : .resolveFailed
}

/// Whether the transfer came to the step that a time of libcurl is about.
private func hasReached(_ step: CURLINFO, _ easy: UnsafeMutableRawPointer) -> Bool {
    var microseconds: curl_off_t = 0
    return hl_easy_get_offset(easy, step, &microseconds) == CURLE_OK && microseconds > 0
}
