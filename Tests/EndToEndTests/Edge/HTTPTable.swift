/// What is sent on one connection, and what must come back.
///
/// Sent to a gateway whose source `open` takes anything at `/hooks/open`, up to 1000 bytes of it:
/// `{}` is answered with 200, so that content which is framed wrongly shows as another status.
struct HTTPExchange: CustomStringConvertible, Sendable {
    /// The rule and where it is written.
    let rule: String
    let request: String
    /// The statuses of the responses, in their order; interim ones too.
    let statuses: [Int]
    /// Whether the last response says `Connection: close` and the connection then ends. Otherwise
    /// it must serve another request.
    let closes: Bool
    /// Lines of the last response's head.
    let fields: [String]

    var description: String { rule }
}

private func refused(
    _ status: Int, _ rule: String, _ request: String, _ fields: [String] = []
) -> HTTPExchange {
    HTTPExchange(rule: rule, request: request, statuses: [status], closes: true, fields: fields)
}

private func served(
    _ statuses: Int..., rule: String, _ request: String, _ fields: [String] = []
) -> HTTPExchange {
    HTTPExchange(rule: rule, request: request, statuses: statuses, closes: false, fields: fields)
}

private func get(_ fields: String, target: String = "/healthz") -> String {
    "GET \(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
}

private func post(_ fields: String, _ content: String, target: String = "/hooks/open") -> String {
    "POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(fields)\r\n\(content)"
}

private func chunked(_ content: String) -> String {
    post("Transfer-Encoding: chunked\r\n", content)
}

/// A request that must never be answered: it lies where only a misled server sees a request.
private let hidden = "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n"
private let problem = "Content-Type: application/problem+json"

/// What is sent and what must come back, by the rule that says so.
enum HTTPTable {
    static let all = framing + lines + heads + targets + chunks + exchanges + contents

    /// Where a message ends, and what hides a second one in it.
    static let framing: [HTTPExchange] = [
        refused(
            400, "RFC 9112 §6.1: Content-Length and Transfer-Encoding (CL.TE)",
            post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n\(hidden)"),
            [problem]),
        refused(
            400, "RFC 9112 §6.1: Transfer-Encoding and Content-Length (TE.CL)",
            post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2a\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §6.3: Content-Length repeated, different",
            post("Content-Length: 2\r\nContent-Length: 40\r\n", "{}\(hidden)")),
        refused(
            400, "RFC 9112 §6.3: Content-Length repeated, equal",
            post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}\(hidden)")),
        refused(
            400, "RFC 9110 §8.6: Content-Length is a list",
            post("Content-Length: 2, 2\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: +2", post("Content-Length: +2\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: -2", post("Content-Length: -2\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: 0x2", post("Content-Length: 0x2\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: 2 2", post("Content-Length: 2 2\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: \"2\"", post("Content-Length: \"2\"\r\n", "{}\(hidden)")),
        refused(400, "RFC 9110 §8.6: empty", post("Content-Length:\r\n", "{}\(hidden)")),
        refused(
            400, "RFC 9110 §8.6: a digit that is not ASCII",
            post("Content-Length: \u{0662}\r\n", "{}\(hidden)")),
        refused(
            413, "RFC 9110 §8.6: more than any number, 2^64 + 2",
            post("Content-Length: 18446744073709551618\r\n", "{}\(hidden)")),
        refused(
            413, "RFC 9110 §15.5.14: declared above the limit, before it is sent",
            post("Content-Length: 1001\r\n", "")),
        served(200, rule: "RFC 9110 §8.6: leading zeros", post("Content-Length: 002\r\n", "{}")),
        refused(
            501, "RFC 9112 §6.1: an unknown coding",
            post("Transfer-Encoding: gzip\r\n", hidden)),
        refused(
            501, "RFC 9112 §6.1: an unknown coding in front of chunked",
            post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            501, "RFC 9112 §6.1: identity is no coding any more",
            post("Transfer-Encoding: identity\r\n", hidden)),
        refused(
            501, "RFC 9112 §6.1: xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        refused(
            501, "RFC 9112 §7: chunked has no parameters",
            post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            501, "RFC 9112 §6.1: chunked in quotes",
            post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §6.1: chunked twice in a list",
            post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §6.1: chunked in two fields",
            post(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §6.1: chunked and then another coding",
            post(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "0\r\n\r\n\(hidden)")),
        refused(400, "RFC 9112 §6.1: empty", post("Transfer-Encoding:\r\n", hidden)),
        refused(
            400, "RFC 9110 §5.5: chunked behind a vertical tab",
            post("Transfer-Encoding: \u{B}chunked\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §5.1: a space in front of the colon hides the field",
            post("Content-Length: 6\r\nTransfer-Encoding : chunked\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §5.2: a folded line hides the coding",
            post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n\(hidden)")),
        refused(
            400, "RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0",
            "POST /hooks/open HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\n{}\r\n0\r\n\r\n\(hidden)"),
        served(
            200, rule: "RFC 9110 §5.6.3: a tab around a value is white space",
            post("Transfer-Encoding:\tchunked\t\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        served(
            200, rule: "RFC 9112 §7: codings ignore case",
            post("Transfer-Encoding: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        served(
            200, 200, rule: "RFC 9112 §6.3: content without a length is another request",
            get("") + get("")),
        refused(
            413, "RFC 9112 §6.3: a GET's content is framed as any other's",
            get("Content-Length: \(hidden.utf8.count)\r\n") + hidden),
        refused(
            404, "RFC 9112 §9.6: content of a refused request is not taken for a request",
            post("Content-Length: \(hidden.utf8.count)\r\n", hidden, target: "/nothing")),
        refused(
            405, "RFC 9112 §9.6: nor that of a wrong method",
            "PUT /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n"
                + hidden, ["Allow: POST"]),
        refused(
            415, "RFC 9112 §9.6: nor that of a wrong type",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)"),
    ]

    /// The lines of a head.
    static let lines: [HTTPExchange] = [
        refused(400, "RFC 9112 §2.2: LF ends the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n"),
        refused(
            400, "RFC 9112 §2.2: LF ends a field line",
            "GET /healthz HTTP/1.1\r\nHost: x\nX: 1\r\n\r\n\(hidden)"),
        refused(
            400, "RFC 9112 §2.2: LF ends the head",
            "GET /healthz HTTP/1.1\r\nHost: x\r\n\n\(hidden)"),
        refused(400, "RFC 9112 §2.2: a bare CR in a value", get("X: a\rX-Y: b\r\n")),
        refused(
            400, "RFC 9112 §2.2: a bare CR in the request line",
            "GET /healthz\rHTTP/1.1\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §2.2: CR CR LF", "GET /healthz HTTP/1.1\r\r\nHost: x\r\n\r\n"),
        served(200, rule: "RFC 9112 §2.2: one empty line in front", "\r\n\(get(""))"),
        refused(400, "RFC 9112 §2.2: two empty lines in front", "\r\n\r\n\(get(""))"),
        refused(400, "RFC 9112 §2.2: an LF in front", "\n\(get(""))"),
        refused(
            400, "RFC 9112 §2.2: white space in front of the first field",
            "GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n"),
        refused(400, "RFC 9112 §5.2: a folded line, by a space", get("X: a\r\n b\r\n")),
        refused(400, "RFC 9112 §5.2: a folded line, by a tab", get("X: a\r\n\tb\r\n")),
        refused(400, "RFC 9112 §5.1: a space before the colon", get("X : a\r\n")),
        refused(400, "RFC 9112 §5.1: a tab before the colon", get("X\t: a\r\n")),
        refused(400, "RFC 9110 §5.5: NUL in a value", get("X: a\u{0}b\r\n")),
        refused(400, "RFC 9110 §5.5: BEL in a value", get("X: a\u{7}b\r\n")),
        refused(400, "RFC 9110 §5.5: DEL in a value", get("X: a\u{7F}b\r\n")),
        served(200, rule: "RFC 9110 §5.5: obs-text in a value", get("X: Æ\r\n")),
        served(200, rule: "RFC 9110 §5.5: an empty value", get("X:\r\n")),
        refused(400, "RFC 9110 §5.1: NUL in a name", get("X\u{0}Y: a\r\n")),
        refused(400, "RFC 9110 §5.1: a name that is no token", get("X(Y): a\r\n")),
        refused(400, "RFC 9110 §5.1: a name that is not ASCII", get("Æ: a\r\n")),
        refused(400, "RFC 9110 §5.1: an empty name", get(": a\r\n")),
        refused(400, "RFC 9112 §5: no colon", get("X\r\n")),
        served(
            200, rule: "RFC 9110 §5.6.2: every token character",
            get("!#$%&'*+-.^_`|~09aZ: a\r\n")),
        refused(400, "RFC 9112 §2: not HTTP at all", "\u{16}\u{3}\u{1}\u{2}\u{0}"),
    ]

    /// Request line and Host.
    static let heads: [HTTPExchange] = [
        refused(400, "RFC 9112 §3: no version", "GET /healthz\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §3: two spaces", "GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §3: a tab", "GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §3: a space behind", "GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §3: a space within the target", get("", target: "/a b")),
        refused(
            400, "RFC 9110 §9.1: a method that is no token",
            "G@T / HTTP/1.1\r\nHost: x\r\n\r\n"),
        refused(
            400, "RFC 9110 §9.1: a method without an end",
            String(repeating: "G", count: 33)),
        refused(400, "RFC 9112 §2.3: http/1.1", "GET /healthz http/1.1\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §2.3: HTTP/1", "GET /healthz HTTP/1\r\nHost: x\r\n\r\n"),
        refused(400, "RFC 9112 §2.3: HTTP/1.10", "GET /healthz HTTP/1.10\r\nHost: x\r\n\r\n"),
        refused(505, "RFC 9110 §15.6.6: HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n"),
        refused(505, "RFC 9110 §15.6.6: HTTP/1.2", "GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n"),
        refused(505, "RFC 9110 §15.6.6: HTTP/0.9", "GET /healthz HTTP/0.9\r\nHost: x\r\n\r\n"),
        refused(505, "RFC 9113 §3.4: HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        refused(400, "RFC 9112 §3.2: no Host", "GET /healthz HTTP/1.1\r\n\r\n"),
        refused(400, "RFC 9112 §3.2: Host repeated", get("Host: x\r\n")),
        refused(400, "RFC 9112 §3.2: an empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n"),
        refused(400, "RFC 9112 §3.2: a Host with a path", host("x/y")),
        refused(400, "RFC 9112 §3.2: a Host with user info", host("a@x")),
        refused(400, "RFC 9112 §3.2: a Host with a list", host("x, y")),
        refused(400, "RFC 9112 §3.2: a Host with a bad port", host("x:8o")),
        refused(400, "RFC 9112 §3.2: a Host with an open bracket", host("[::1")),
        refused(400, "RFC 9112 §3.2: a Host with only a port", host(":80")),
        served(200, rule: "RFC 9110 §7.2: an IPv6 Host", host("[::1]:8080")),
        served(200, rule: "RFC 9110 §7.2: a Host with a port", host("hooks.example:443")),
        HTTPExchange(
            rule: "RFC 9112 §9.3: HTTP/1.0 is answered and closed",
            request: "GET /healthz HTTP/1.0\r\n\r\n", statuses: [200], closes: true, fields: []),
        HTTPExchange(
            rule: "RFC 9112 §9.3: HTTP/1.0 with keep-alive too",
            request: "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\(hidden)",
            statuses: [200], closes: true, fields: []),
        HTTPExchange(
            rule: "RFC 9112 §9.6: nothing behind Connection: close is answered",
            request: get("Connection: Keep-Alive, Close\r\n") + hidden, statuses: [200],
            closes: true, fields: []),
        refused(
            431, "RFC 6585 §5: a header section above its limit",
            get("X: \(String(repeating: "v", count: 16 << 10))\r\n"), [problem]),
        refused(
            431, "RFC 6585 §5: and one that never ends",
            "GET /healthz HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "v", count: 17 << 10))"),
        refused(
            431, "RFC 6585 §5: too many fields", get(String(repeating: "X: 1\r\n", count: 100))),
        served(
            200, rule: "RFC 6585 §5: as many fields as may be",
            get(String(repeating: "X: 1\r\n", count: 99))),
    ]

    private static func host(_ value: String) -> String {
        "GET /healthz HTTP/1.1\r\nHost: \(value)\r\n\r\n"
    }

    /// Targets: one normalisation, which reaches no other path.
    static let targets: [HTTPExchange] = [
        served(200, rule: "RFC 9112 §3.2.1: a query", get("", target: "/healthz?a=/../b")),
        served(
            200, rule: "RFC 3986 §6.2.2.2: unreserved characters are decoded",
            get("", target: "/%68ealt%68z")),
        served(404, rule: "RFC 3986 §2.2: %2F is no slash", post("", "", target: "/hooks%2Fopen")),
        served(404, rule: "RFC 3986 §2.2: %2f is no slash", post("", "", target: "/hooks%2fopen")),
        served(404, rule: "RFC 3986 §2.4: decoded once", post("", "", target: "/hooks%252Fopen")),
        served(404, rule: "RFC 3986 §6.2.2.3: ..", post("", "", target: "/a/../hooks/open")),
        served(404, rule: "RFC 3986 §6.2.2.3: .", post("", "", target: "/hooks/./open")),
        served(
            404, rule: "RFC 3986 §6.2.2.3: %2e%2e", post("", "", target: "/a/%2e%2e/hooks/open")),
        served(404, rule: "DESIGN: %00 matches nothing", post("", "", target: "/hooks/open%00")),
        served(404, rule: "RFC 3986 §3.3: two slashes", post("", "", target: "//hooks/open")),
        served(404, rule: "RFC 3986 §3.3: a slash behind", post("", "", target: "/hooks/open/")),
        served(
            404, rule: "RFC 3986 §6.2.2.1: paths have case", post("", "", target: "/Hooks/open")),
        served(404, rule: "RFC 3986 §3.3: a parameter", post("", "", target: "/hooks/open;a=b")),
        served(404, rule: "RFC 3986 §2.1: half an encoding", post("", "", target: "/hooks/open%6")),
        refused(400, "RFC 9112 §3.2: a fragment", get("", target: "/healthz#a")),
        refused(400, "RFC 3986 §2: a backslash", get("", target: "/hooks\\open")),
        refused(400, "RFC 3986 §2: NUL", get("", target: "/healthz\u{0}")),
        refused(400, "RFC 3986 §2: not ASCII", get("", target: "/healthz\u{E9}")),
        refused(400, "RFC 9112 §3.2: no form of a target", get("", target: "healthz")),
        refused(400, "RFC 9112 §3.2.3: authority-form", get("", target: "x:80")),
        refused(
            400, "RFC 9112 §3.2.3: CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n"),
        refused(400, "RFC 9112 §3.2.4: * is for OPTIONS only", get("", target: "*")),
        served(
            404, rule: "RFC 9112 §3.2.4: OPTIONS * means the server, which has no options",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
        served(200, rule: "RFC 9112 §3.2.2: absolute-form", get("", target: "http://x/healthz")),
        served(200, rule: "RFC 9112 §3.2.2: https", get("", target: "https://x:443/healthz?q")),
        served(
            200, rule: "RFC 3986 §3.1: schemes ignore case", get("", target: "HTTP://x/healthz")),
        served(404, rule: "RFC 9112 §3.2.2: without a path", get("", target: "http://x")),
        refused(400, "RFC 9112 §3.2.2: another scheme", get("", target: "ftp://x/healthz")),
        refused(400, "RFC 9110 §4.2.1: no host", get("", target: "http:///healthz")),
        refused(400, "RFC 9110 §4.2.4: user info", get("", target: "http://a@x/healthz")),
        refused(
            414, "RFC 9110 §15.5.15: too long",
            get("", target: "/\(String(repeating: "a", count: 8 << 10))"), [problem]),
        refused(
            414, "RFC 9110 §15.5.15: too long and without an end",
            "GET /\(String(repeating: "a", count: 9 << 10))"),
        served(
            404, rule: "RFC 9110 §15.5.15: as long as may be",
            get("", target: "/\(String(repeating: "a", count: (8 << 10) - 1))")),
    ]

    /// The chunked coding.
    static let chunks: [HTTPExchange] = [
        served(200, rule: "RFC 9112 §7.1: chunks", chunked("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")),
        served(200, rule: "RFC 9112 §7.1: leading zeros", chunked("0002\r\n{}\r\n00\r\n\r\n")),
        served(
            200, rule: "RFC 9112 §7.1.1: extensions",
            chunked("2;a;b=c;d=\"e;f\"\r\n{}\r\n0 ;x\r\n\r\n")),
        refused(
            400, "RFC 9112 §7.1.1: an extension without an end",
            chunked("2;\(String(repeating: "e", count: 300))")),
        refused(400, "RFC 9112 §7.1.1: NUL in an extension", chunked("2;\u{0}\r\n{}\r\n0\r\n\r\n")),
        served(
            200, rule: "RFC 9112 §7.1.2: trailer fields are dropped",
            chunked("2\r\n{}\r\n0\r\nContent-Length: 99\r\nHost: y\r\nX: 1\r\n\r\n")),
        refused(
            431, "RFC 9112 §7.1.2: a trailer section above its limit",
            chunked("2\r\n{}\r\n0\r\nX: \(String(repeating: "t", count: 4 << 10))\r\n\r\n")),
        refused(
            431, "RFC 9112 §7.1.2: one without an end",
            chunked("0\r\n\(String(repeating: "X: 1\r\n", count: 700))")),
        refused(
            400, "RFC 9112 §5.1: a trailer field that is none",
            chunked("2\r\n{}\r\n0\r\nX Y: 1\r\n\r\n\(hidden)")),
        refused(400, "RFC 9112 §7.1: no size", chunked("\r\n{}\r\n0\r\n\r\n\(hidden)")),
        refused(400, "RFC 9112 §7.1: no hexadecimal size", chunked("g\r\n{}\r\n0\r\n\r\n")),
        refused(400, "RFC 9112 §7.1: a sign", chunked("+2\r\n{}\r\n0\r\n\r\n")),
        refused(400, "RFC 9112 §7.1: 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n")),
        refused(400, "RFC 9112 §7.1: white space in front", chunked(" 2\r\n{}\r\n0\r\n\r\n")),
        refused(400, "RFC 9112 §7.1: white space behind", chunked("2 \r\n{}\r\n0\r\n\r\n")),
        refused(
            400, "RFC 9112 §7.1: a size above every number",
            chunked("10000000000000002\r\n{}\r\n0\r\n\r\n\(hidden)")),
        refused(
            413, "RFC 9110 §15.5.14: a size above the limit, before it is sent",
            chunked("3e9\r\n{")),
        refused(
            413, "RFC 9110 §15.5.14: sizes that come to more than the limit",
            chunked("3e8\r\n\(String(repeating: " ", count: 1000))\r\n1\r\n")),
        refused(400, "RFC 9112 §7.1: LF ends a size", chunked("2\n{}\r\n0\r\n\r\n\(hidden)")),
        refused(400, "RFC 9112 §7.1: more content than its size", chunked("2\r\n{}}\r\n0\r\n\r\n")),
        refused(400, "RFC 9112 §7.1: content ends in LF", chunked("2\r\n{}\n0\r\n\r\n\(hidden)")),
    ]

    /// Several messages, and what a client asks beside its request.
    static let exchanges: [HTTPExchange] = [
        served(
            200, 404, 405, 200, rule: "RFC 9112 §9.3.2: pipelined requests in their order",
            get("") + get("", target: "/no") + get("", target: "/hooks/open")
                + post("Content-Length: 2\r\n", "{}")),
        HTTPExchange(
            rule: "RFC 9112 §9.3.2: a broken one ends the answers",
            request: get("") + "GET / HTTP/1.1\r\n\r\n" + hidden, statuses: [200, 400],
            closes: true, fields: []),
        served(
            100, 200, rule: "RFC 9110 §10.1.1: Expect: 100-continue",
            post("Content-Length: 2\r\nExpect: 100-Continue\r\n", "")),
        served(
            200, rule: "RFC 9110 §10.1.1: no 100 when content has come already",
            post("Content-Length: 2\r\nExpect: 100-continue\r\n", "{}")),
        served(
            400, rule: "RFC 9110 §10.1.1: no 100 when there is no content",
            post("Content-Length: 0\r\nExpect: 100-continue\r\n", "")),
        refused(
            417, "RFC 9110 §10.1.1: another expectation",
            post("Content-Length: 2\r\nExpect: 100-continue, x\r\n", "{}")),
        refused(
            413, "RFC 9110 §10.1.1: 413 instead of 100",
            post("Content-Length: 1001\r\nExpect: 100-continue\r\n", "")),
        refused(
            404, "RFC 9110 §10.1.1: 404 instead of 100",
            post("Content-Length: 2\r\nExpect: 100-continue\r\n", "", target: "/no")),
        method("GET"), method("PUT"), method("DELETE"), method("PATCH"), method("OPTIONS"),
        method("TRACE"), method("post"), method("BREW"), method("CONNECT"),
        served(
            405, rule: "RFC 9110 §15.5.6: another method of our own path",
            "POST /healthz HTTP/1.1\r\nHost: x\r\n\r\n", ["Allow: GET"]),
    ]

    private static func method(_ name: String) -> HTTPExchange {
        served(
            405, rule: "RFC 9110 §15.5.6: \(name)",
            "\(name) /hooks/open HTTP/1.1\r\nHost: x\r\n\r\n", ["Allow: POST", problem])
    }

    /// What content may be.
    static let contents: [HTTPExchange] = [
        served(
            200, rule: "RFC 9110 §8.3: no type is taken for JSON",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"),
        refused(
            413, "DESIGN: limits first, without a type",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", [problem]),
        refused(
            413, "DESIGN: limits first, another type",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n", [problem]),
        refused(
            413, "DESIGN: limits first, a coding",
            post("Content-Encoding: gzip\r\nContent-Length: 99999999999999999999\r\n", "")),
        refused(
            415, "RFC 9110 §15.5.16: another type at the limit",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 1000\r\n\r\n", [problem]),
        refused(
            415, "RFC 9110 §15.5.16: another type",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: text/json\r\n"
                + "Content-Length: 2\r\n\r\n{}"),
        refused(
            415, "RFC 9110 §15.5.16: two types",
            post("Content-Type: application/json\r\nContent-Length: 2\r\n", "{}")),
        refused(
            415, "RFC 9110 §8.4: a coding",
            post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}")),
        refused(
            415, "RFC 9110 §8.4: two codings",
            post("Content-Encoding: identity, gzip\r\nContent-Length: 2\r\n", "{}")),
        served(
            200, rule: "RFC 9110 §8.3.1: parameters and case of a type",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
                + "Content-Length: 2\r\n\r\n{}"),
        served(400, rule: "DESIGN: no JSON", post("Content-Length: 1\r\n", "{"), [problem]),
        served(400, rule: "DESIGN: no content", post("", ""), [problem]),
    ]
}
