import COpenSSL

/// An error that OpenSSL queued on this thread, taken from its queue.
struct OpenSSLFailure {
    private let code: UInt

    /// Takes the first error and empties the queue.
    static func take() -> OpenSSLFailure {
        let code = ERR_get_error()
        ERR_clear_error()
        return OpenSSLFailure(code: code)
    }

    /// Takes the last error and empties the queue. For PEM, the earlier ones are about formats that
    /// OpenSSL tried first.
    static func takeLast() -> OpenSSLFailure {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return OpenSSLFailure(code: code)
    }

    /// Whether it is this library's error with this reason.
    func isError(_ reason: Int32, of library: Int32) -> Bool {
        ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason
    }

    /// OpenSSL's text, which never holds input.
    var reason: String {
        guard let text = ERR_reason_error_string(code) else { return "no reason given" }
        return String(cString: text)
    }
}
