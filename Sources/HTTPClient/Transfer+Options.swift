internal import CCurl
internal import EventPoll
internal import Glibc

/// What requests have in common whose options are the same, but for their fields and content.
struct RequestTarget: Equatable {
    let method: ClientRequest.Method
    let url: String
    let timeout: Duration
    let connectTimeout: Duration
    let allowsPlainHTTP: Bool
    let certificateAuthorities: String?
    let proxy: String?
    let unixSocketPath: String?

    init(_ request: ClientRequest) {
        method = request.method
        url = request.url
        timeout = request.timeout
        connectTimeout = request.connectTimeout
        allowsPlainHTTP = request.allowsPlainHTTP
        certificateAuthorities = request.certificateAuthorities
        proxy = request.unixSocketPath == nil ? request.proxy : nil
        unixSocketPath = request.unixSocketPath
    }
}

/// Sets everything that a request's target decides, and everything whose default is not ours.
func setOptions(
    _ easy: UnsafeMutableRawPointer, for request: RequestTarget, limits: ClientLimits
) throws(ClientError) {
    let options = EasyOptions(easy: easy)
    try setTarget(options, request)
    try setMethod(options, request.method)
    try setTimes(options, request, limits)
    try setTrust(options, request)
    // Without it, libcurl would use signals to time name resolution out.
    try options.set(CURLOPT_NOSIGNAL, 1)
    // A resolver that does not answer is left to itself; otherwise the time-out of one request
    // would hold up the thread, and all the others, until the resolver gives up.
    try options.set(CURLOPT_QUICK_EXIT, 1)
}

/// Sets what every request has for itself.
func setMessage(
    _ easy: UnsafeMutableRawPointer, _ content: [UInt8], of method: ClientRequest.Method,
    fields: UnsafeMutablePointer<curl_slist>?
) throws(ClientError) {
    let options = EasyOptions(easy: easy)
    if method != .get { try options.setContent(content) }
    try options.check(hl_easy_set_fields(easy, fields))
}

/// Has libcurl let go of what ``setMessage(_:_:of:fields:)`` gave it.
func clearMessage(_ easy: UnsafeMutableRawPointer, of method: ClientRequest.Method) {
    hl_easy_set_fields(easy, nil)
    if method != .get { hl_easy_clear_content(easy) }
}

private func setTarget(_ options: EasyOptions, _ request: RequestTarget) throws(ClientError) {
    try checkURL(request)
    try options.set(CURLOPT_URL, request.url)
    try options.set(CURLOPT_PATH_AS_IS, 1)
    try options.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    try options.set(CURLOPT_PROTOCOLS_STR, request.allowsPlainHTTP ? "http,https" : "https")
    try options.set(CURLOPT_FOLLOWLOCATION, 0)
    if let path = request.unixSocketPath { try setUnixSocket(options, path) }
    if let proxy = request.proxy {
        try options.set(CURLOPT_PROXY, proxy)
        // Who asks has decided already; an empty list keeps libcurl from reading the environment.
        try options.set(CURLOPT_NOPROXY, "")
        // The proxy's answer to CONNECT is not the reply.
        try options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    } else {
        // An empty proxy keeps libcurl from reading the environment.
        try options.set(CURLOPT_PROXY, "")
        try options.set(CURLOPT_NOPROXY, "*")
    }
}

/// libcurl would tell of a path that is too long as of a host without an address, take an empty one
/// for none, and end one at its NUL.
private func setUnixSocket(_ options: EasyOptions, _ path: String) throws(ClientError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
        throw .systemCallFailed(SystemCallError("connect", errno: EINVAL))
    }
    guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
        throw .systemCallFailed(SystemCallError("connect", errno: ENAMETOOLONG))
    }
    try options.set(CURLOPT_UNIX_SOCKET_PATH, path)
}

private func setMethod(
    _ options: EasyOptions, _ method: ClientRequest.Method
) throws(ClientError) {
    try options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    switch method {
    case .get: try options.set(CURLOPT_HTTPGET, 1)
    case .post, .put, .patch:
        try options.set(CURLOPT_POST, 1)
        try options.set(CURLOPT_CUSTOMREQUEST, method.rawValue)
    }
}

private func setTimes(
    _ options: EasyOptions, _ request: RequestTarget, _ limits: ClientLimits
) throws(ClientError) {
    try options.set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeout))
    try options.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout))
    try options.set(CURLOPT_MAXLIFETIME_CONN, seconds(limits.connectionLifetime))
    try options.set(CURLOPT_MAXAGE_CONN, seconds(limits.idleTime))
}

private func setTrust(_ options: EasyOptions, _ request: RequestTarget) throws(ClientError) {
    try options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    try options.set(CURLOPT_SSL_VERIFYPEER, 1)
    try options.set(CURLOPT_SSL_VERIFYHOST, 2)
    // libcurl keeps the parsed authorities for a day otherwise, changed files or not.
    try options.set(CURLOPT_CA_CACHE_TIMEOUT, 300)
    guard let path = request.certificateAuthorities else { return }
    try options.set(CURLOPT_CAINFO, path)
    // The system's directory would be trusted beside the file.
    try options.check(hl_easy_set_string(options.easy, CURLOPT_CAPATH, nil))
}

/// Setters for one handle that throw libcurl's refusals.
private struct EasyOptions {
    let easy: UnsafeMutableRawPointer

    func set(_ option: CURLoption, _ value: Int) throws(ClientError) {
        try check(hl_easy_set_long(easy, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(ClientError) {
        try check(value.withCString { hl_easy_set_string(easy, option, $0) })
    }

    func setContent(_ content: [UInt8]) throws(ClientError) {
        try check(
            content.withUnsafeBytes { bytes in
                // Null would make libcurl ask a read callback for the content.
                withUnsafeBytes(of: UInt8(0)) { empty in
                    hl_easy_set_content(
                        easy, bytes.baseAddress ?? empty.baseAddress, curl_off_t(bytes.count))
                }
            })
    }

    func check(_ code: CURLcode) throws(ClientError) {
        guard code == CURLE_OK else { throw ClientError(code, of: easy) }
    }
}

/// Whole milliseconds: at least one, for libcurl takes 0 for no limit or its own default, and at
/// most what libcurl accepts, 24 days.
private func milliseconds(_ duration: Duration) -> Int {
    Int(min(max(1, duration.nanoseconds / 1_000_000), Int64(Int32.max)))
}

private func seconds(_ duration: Duration) -> Int {
    Int(min(max(1, duration.nanoseconds / 1_000_000_000), Int64(Int32.max)))
}

private func checkURL(_ request: RequestTarget) throws(ClientError) {
    // libcurl would stop at a NUL, and encode or keep other characters as it sees fit.
    guard request.url.utf8.allSatisfy(isURLCharacter) else { throw .urlMalformed }
    // libcurl guesses a scheme that is missing, so this has to be looked at here.
    guard let colon = request.url.firstIndex(of: ":") else { throw .urlMalformed }
    let rest = request.url[colon...]
    // libcurl takes a third slash for a slip of the pen, and the path's first segment for the host.
    guard rest.hasPrefix("://"), !rest.hasPrefix(":///") else { throw .urlMalformed }
    switch request.url[..<colon].lowercased() {
    case "https": break
    case "http" where request.allowsPlainHTTP: break
    default: throw .schemeRefused
    }
}

/// RFC 3986 §2: the characters of a URI.
private func isURLCharacter(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}".utf8.contains(byte)
}
