import HTTP1
import Testing

/// What a parser said to one input, in words that can be compared.
private enum Seen: Equatable {
    case head(String)
    case content(String)
    case end
    case error(HTTP1Error)
}

/// Feeds the bytes in the given pieces and records the steps; adjacent content is joined.
private func transcript(
    _ pieces: [[UInt8]], limits: HTTP1Limits = HTTP1Limits()
) -> [Seen] {
    var parser = RequestParser(limits: limits)
    var held: [UInt8] = []
    var seen: [Seen] = []
    for piece in pieces {
        held += piece
        var finished = false
        while !finished {
            do {
                let (step, consumed) = try held.withUnsafeBytes { try parser.next($0) }
                switch step {
                case .needBytes: finished = true
                case .head(let head): seen.append(.head("\(head.method) \(head.path)"))
                case .content(let range):
                    let text = String(decoding: held[range], as: UTF8.self)
                    if case .content(let before) = seen.last {
                        seen[seen.count - 1] = .content(before + text)
                    } else if !text.isEmpty {
                        seen.append(.content(text))
                    }
                case .end: seen.append(.end)
                }
                held.removeFirst(consumed)
            } catch {
                if let error = error as? HTTP1Error { seen.append(.error(error)) }
                return seen
            }
        }
    }
    return seen
}

private func transcript(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> [Seen] {
    transcript([Array(text.utf8)], limits: limits)
}

private func error(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> HTTP1Error? {
    guard case .error(let error) = transcript(text, limits: limits).last else { return nil }
    return error
}

private func parseHead(_ text: String) throws -> RequestHead {
    var parser = RequestParser()
    let (step, _) = try Array(text.utf8).withUnsafeBytes { try parser.next($0) }
    guard case .head(let head) = step else { throw HTTP1Error.requestLineMalformed }
    return head
}

@Suite struct RequestParserTests {
    static let whole = [
        "POST /hooks/github HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-T: 1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\nb\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
        // Over a limit and wrong in another way: which of them is told must not depend on a split.
        chunked("1;\(String(repeating: "e", count: 300))\n"),
        chunked("0\r\nX: \(String(repeating: "t", count: 5000))\n"),
        "GET /\(String(repeating: "a", count: 9000))\n",
        "GET / HTTP/1.1\r\nX: \(String(repeating: "v", count: 17_000))\n",
    ]

    @Test(arguments: whole)
    func `the input split at every byte gives the same steps`(text: String) {
        let bytes = Array(text.utf8)
        let expected = transcript([bytes])
        #expect(!expected.isEmpty)
        // Of a long input the ends, where its lines are, and a few bytes between.
        for split in 0...bytes.count
        where split < 150 || bytes.count - split < 50 || split % 97 == 0 {
            #expect(transcript([Array(bytes[..<split]), Array(bytes[split...])]) == expected)
        }
        guard bytes.count < 1000 else { return }
        #expect(transcript(bytes.map { [$0] }) == expected)
    }

    @Test func `reads requests with content behind each other`() {
        #expect(
            transcript(Self.whole[2])
                == [.head("POST /"), .content("hello!"), .end, .head("GET /"), .end])
        #expect(
            transcript(Self.whole[0]) == [.head("POST /hooks/github"), .content("hello"), .end])
    }

    @Test(arguments: [
        // RFC 9112 §2.2, §3
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", HTTP1Error.bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        ("\nGET / HTTP/1.1\r\n\r\n", .bareLineFeed),
        ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", .requestLineMalformed),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .bareCarriageReturn),
        ("GET /\r\n\r\n", .requestLineMalformed),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLineMalformed),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .requestLineMalformed),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLineMalformed),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", .requestLineMalformed),
        ("\u{16}\u{3}\u{1}", .requestLineMalformed),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", .methodInvalid),
        ("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        // RFC 9112 §3.2: the forms of a target; RFC 9110 §4.2.1 and §4.2.4: no host, user info
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("options * HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http://?b HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET http://a:8o/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionUnsupported),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .versionUnsupported),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported),
        // RFC 9112 §5, RFC 9110 §5
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", .lineFolding),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .lineFolding),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", .fieldNameInvalid),
        ("GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", .fieldNameInvalid),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", .fieldNameInvalid),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{0}: a\r\n\r\n", .fieldNameInvalid),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", .fieldValueInvalid),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n", .fieldValueInvalid),
        // RFC 9112 §3.2, RFC 9110 §7.2
        ("GET / HTTP/1.1\r\nX: a\r\n\r\n", .hostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [1]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [:]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [192.0.2.1]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [::1%25lo]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [v1]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [v.x]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: [v1.x/]\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a%\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a%4\r\n\r\n", .hostInvalid),
        ("GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n", .hostInvalid),
        ("GET http://[1]/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
        // RFC 9112 §6
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            .contentLengthRepeated
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", .contentLengthInvalid),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", .contentLengthInvalid),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", .contentLengthInvalid),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", .contentLengthInvalid),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nx", .contentLengthInvalid),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthWithTransferEncoding
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", .transferCodingUnknown),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            .transferCodingUnknown
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n",
            .fieldValueInvalid
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
            .transferEncodingInvalid
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n", .transferEncodingInvalid
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", .transferEncodingInvalid),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
        // RFC 9112 §7.1
        (chunked("x\r\n"), .chunkInvalid), (chunked("\r\n"), .chunkInvalid),
        (chunked("1 \r\n"), .chunkInvalid), (chunked("-1\r\n"), .chunkInvalid),
        (chunked("0x1\r\n"), .chunkInvalid), (chunked("1111111111111111\r\n"), .chunkInvalid),
        (chunked("1\nx"), .bareLineFeed), (chunked("1\r\nxy"), .chunkInvalid),
        (chunked("1\r\nx\r\r"), .chunkInvalid), (chunked("1;\u{0}\r\n"), .chunkInvalid),
        (chunked("1;\r\n"), .chunkInvalid), (chunked("1;;a\r\n"), .chunkInvalid),
        (chunked("1;=b\r\n"), .chunkInvalid), (chunked("1;a=\r\n"), .chunkInvalid),
        (chunked("1;a=b c\r\n"), .chunkInvalid), (chunked("1;\"a\"\r\n"), .chunkInvalid),
        (chunked("1;a=\"b\r\n"), .chunkInvalid), (chunked("1;a=\"b\\\r\n"), .chunkInvalid),
        (chunked("1;a \r\n"), .chunkInvalid), (chunked("1;a=b,c\r\n"), .chunkInvalid),
        (chunked("0\r\n bad\r\n"), .lineFolding), (chunked("0\r\nb ad: x\r\n"), .fieldNameInvalid),
        // RFC 9110 §10.1.1
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\n\r\n", .expectationUnknown),
    ])
    func `refuses what breaks a rule`(text: String, expected: HTTP1Error) {
        #expect(error(text) == expected)
    }

    @Test(arguments: [
        "", ";a", ";a=b", " ; a = b", ";a;b=c;d", ";a=\"b c;\\\" \\\\\"", "\t;a=\"\";b",
    ])
    func `extensions of a chunk are checked and mean nothing`(text: String) {
        let body = Self.chunked("1\(text)\r\nx\r\n0\(text)\r\n\r\n")
        #expect(transcript(body) == transcript(Self.chunked("1\r\nx\r\n0\r\n\r\n")))
    }

    @Test(arguments: [
        "[::1]", "[2001:db8::192.0.2.1]:80", "[v1.fe80::a+en1]", "a%20b", "a:", "a:99999",
    ])
    func `hosts of every form are taken`(host: String) {
        #expect(error("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") == nil)
        #expect(error("GET http://\(host)/ HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
    }

    @Test func `small chunks are no fault, long extensions of little content are`() {
        // Far more framing than content, and all of it needed.
        let count = 100_000
        #expect(
            error(Self.chunked(String(repeating: "1\r\nx\r\n", count: count) + "0\r\n\r\n")) == nil)
        let padded = "1;a=\(String(repeating: "b", count: 100))\r\nx\r\n"
        let limit = HTTP1Limits.chunkExcessBytesMax
        // Each line has 106 bytes, of which 17 are allowed.
        #expect(error(Self.chunked(String(repeating: padded, count: limit / 89))) == nil)
        #expect(
            error(Self.chunked(String(repeating: padded, count: limit / 89 + 1)))
                == .chunkLinesTooLarge(limit: limit))
    }

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    @Test func `statuses follow the rule that was broken`() {
        #expect(HTTP1Error.transferCodingUnknown.status == .notImplemented)
        #expect(HTTP1Error.versionUnsupported.status == .httpVersionNotSupported)
        #expect(HTTP1Error.targetTooLong(limit: 1).status == .uriTooLong)
        #expect(HTTP1Error.tooManyFields(limit: 1).status == .requestHeaderFieldsTooLarge)
        #expect(HTTP1Error.expectationUnknown.status == .expectationFailed)
        #expect(HTTP1Error.hostMissing.status == .badRequest)
    }

    @Test func `the target's limit is exact, also before the line has ended`() {
        let limits = HTTP1Limits()
        let path = "/" + String(repeating: "a", count: limits.targetBytesMax - 1)
        #expect(transcript("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n").last == .end)
        let tooLong = HTTP1Error.targetTooLong(limit: limits.targetBytesMax)
        #expect(error("GET \(path)b HTTP/1.1\r\nHost: a\r\n\r\n") == tooLong)
        #expect(error("GET \(path)b") == tooLong)
        #expect(error("GET \(path)") == nil)
    }

    @Test func `the method's limit is exact`() {
        let method = String(repeating: "M", count: HTTP1Limits.methodBytesMax)
        #expect(transcript("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n").last == .end)
        #expect(error("\(method)M / HTTP/1.1\r\nHost: a\r\n\r\n") == .methodInvalid)
        #expect(error("\(method)M") == .methodInvalid)
    }

    @Test func `the header section's limit is exact, also before it has ended`() {
        var limits = HTTP1Limits()
        limits.headerBytesMax = 64
        let fill = String(repeating: "v", count: 64 - "Host: a\r\nX: \r\n".utf8.count)
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: \(fill)"
        #expect(transcript("\(head)\r\n\r\n", limits: limits).last == .end)
        let tooLarge = HTTP1Error.headerSectionTooLarge(limit: 64)
        #expect(error("\(head)v\r\n\r\n", limits: limits) == tooLarge)
        #expect(error("\(head)vvvvv", limits: limits) == tooLarge)
    }

    @Test func `the number of fields is limited exactly`() {
        let limits = HTTP1Limits()
        let fields = String(repeating: "X: 1\r\n", count: limits.fieldsMax - 1)
        #expect(transcript("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").last == .end)
        #expect(
            error("GET / HTTP/1.1\r\nHost: a\r\n\(fields)X: 1\r\n\r\n")
                == .tooManyFields(limit: limits.fieldsMax))
    }

    @Test func `trailers and chunk lines are limited`() {
        let limits = HTTP1Limits()
        let long = String(repeating: "t", count: limits.trailerBytesMax)
        #expect(
            error(Self.chunked("0\r\nX: \(long)\r\n\r\n"))
                == .trailerSectionTooLarge(limit: limits.trailerBytesMax))
        let fits = String(repeating: "t", count: limits.trailerBytesMax - "X: \r\n".utf8.count)
        #expect(transcript(Self.chunked("0\r\nX: \(fits)\r\n\r\n")).last == .end)
        let longExtension = String(repeating: "e", count: HTTP1Limits.chunkLineBytesMax)
        #expect(
            error(Self.chunked("1;\(longExtension)"))
                == .chunkLineTooLong(limit: HTTP1Limits.chunkLineBytesMax))
    }

    @Test func `a length beyond every number is the largest`() throws {
        let head = try parseHead(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")
        #expect(head.framing == .length(.max))
    }

    @Test func `field lookups ignore case and trim white space`() throws {
        let head = try parseHead(
            "GET / HTTP/1.1\r\nHOST: [::1]:80\r\nX-Sig: \t a b \t\r\nx-sig: 2\r\nE:\r\n\r\n")
        #expect(head.field("x-sig").map { String(decoding: $0, as: UTF8.self) } == "a b")
        #expect(head.allFields("x-sig").count == 2)
        #expect(head.field("e")?.isEmpty == true)
        #expect(head.field("absent") == nil)
        #expect(head.fieldTexts.map(\.name) == ["host", "x-sig", "x-sig", "e"])
    }

    @Test func `connections are kept as RFC 9112 §9.3 says`() throws {
        func keeps(_ fields: String, version: String = "1.1") throws -> Bool {
            try parseHead("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n").keepsConnection
        }
        #expect(try keeps(""))
        #expect(try !keeps("Connection: close\r\n"))
        #expect(try !keeps("Connection: x , CLOSE\r\n"))
        #expect(try keeps("Connection: keep-alive\r\n"))
        #expect(try !keeps("", version: "1.0"))
    }

    @Test(arguments: [
        ("/hooks/github", "/hooks/github"), ("/hooks/%67ithub", "/hooks/github"),
        ("/hooks%2Fgithub", "/hooks%2Fgithub"), ("/a/../b", "/a/../b"), ("/a%00", "/a%00"),
        ("/%2e%2E/x", "/../x"), ("/a?b=%61", "/a"), ("http://h:1/p?q", "/p"), ("http://h", "/"),
        ("HTTPS://[::1]:443/p", "/p"), ("http://h/http://i/p", "/http://i/p"),
        ("http://h?q", ""), ("/a%6", "/a%6"),
    ])
    func `paths have one normalisation`(target: String, path: String) throws {
        let head = try parseHead("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.path == path)
        #expect(head.isPath(path))
        #expect(!head.isPath(path + "x"))
    }

    @Test func `the server itself is the target of OPTIONS only (RFC 9112 §3.2.4)`() throws {
        #expect(try parseHead("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path == "*")
    }

    @Test func `an expectation of HTTP/1.0 is ignored (RFC 9110 §10.1.1)`() throws {
        let old = try parseHead("POST / HTTP/1.0\r\nExpect: 200-maybe\r\n\r\n")
        #expect(!old.expectsContinue)
        let new = try parseHead("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n")
        #expect(new.expectsContinue)
    }

    @Test func `a chunk is refused by its size alone (RFC 9110 §15.5.14)`() throws {
        func last(_ text: String) throws -> HTTP1Error? {
            var parser = RequestParser()
            var rest = Array(text.utf8)
            do {
                while true {
                    let (step, consumed) = try rest.withUnsafeBytes { try parser.next($0) }
                    rest.removeFirst(consumed)
                    switch step {
                    case .head: parser.limitContent(toBytes: 16)
                    case .needBytes, .end: return nil
                    case .content: continue
                    }
                }
            } catch let error as HTTP1Error {
                return error
            }
        }
        #expect(try last(Self.chunked("10\r\n")) == nil)
        #expect(try last(Self.chunked("11\r\n")) == .contentTooLarge(limit: 16))
        let ten = "a\r\n0123456789\r\n"
        #expect(try last(Self.chunked("\(ten)6\r\n")) == nil)
        #expect(try last(Self.chunked("\(ten)7\r\n")) == .contentTooLarge(limit: 16))
    }

    @Test func `random mutations never trap`() {
        var generator = SplitMix(state: 7)
        for text in Self.whole {
            for _ in 0..<500 {
                var bytes = Array(text.utf8)
                for _ in 0..<3 {
                    let position = Int(generator.next() % UInt64(bytes.count))
                    bytes[position] = UInt8(truncatingIfNeeded: generator.next())
                }
                let split = Int(generator.next() % UInt64(bytes.count))
                #expect(
                    transcript([bytes])
                        == transcript([Array(bytes[..<split]), Array(bytes[split...])]))
            }
        }
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct ResponseWriterTests {
    private func write(_ response: Response, closes: Bool = false, head: Bool = false) -> String {
        var output: [UInt8] = []
        ResponseWriter.append(
            response, date: Array("D".utf8), closes: closes, omitsContent: head, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes status line, fields and content`() {
        #expect(
            write(.json(.accepted, Array("{}".utf8)))
                == "HTTP/1.1 202 Accepted\r\nDate: D\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}")
    }

    @Test func `says when it closes, and keeps content from HEAD`() {
        #expect(
            write(.text(.ok, "hi"), closes: true, head: true)
                == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 2\r\nConnection: close\r\n\r\n")
    }

    @Test func `a 204 has no length`() {
        #expect(write(Response(.noContent)) == "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n")
    }

    // The first is RFC 9110 §5.6.7's example.
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ])
    func `dates are IMF-fixdate`(seconds: Int64, text: String) {
        #expect(HTTPDate.format(epochSeconds: seconds) == text)
    }
}
