import Testing

@testable import HTTPClient

// `@testable`, for what libcurl hands on line by line cannot be made up through a socket.
@Suite struct ReplyHeadTests {
    @Test func `is complete with the empty line and not before`() throws {
        var head = ReplyHead(bytesMax: 1000)
        for line in ["HTTP/1.1 200 OK\r\n", "A: 1\r\n"] {
            try receive(line, in: &head)
            #expect(!head.isComplete)
        }
        try receive("\r\n", in: &head)
        #expect(head.isComplete)
        #expect(head.status == 200)
        #expect(head.fields.map(\.name) == ["a"])
        #expect(head.fields.map(\.value) == ["1"])
    }

    @Test func `forgets interim replies and ignores trailers`() throws {
        var head = ReplyHead(bytesMax: 1000)
        for line in [
            "HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n",
            "\r\n", "HTTP/1.1 201\r\n", "Name: value\r\n", "\r\n", "Trailer: t\r\n",
            "HTTP/1.1 500 No\r\n", "\r\n",
        ] { try receive(line, in: &head) }
        #expect(head.isComplete)
        #expect(head.status == 201)
        #expect(head.fields.map(\.name) == ["name"])
    }

    @Test func `an interim reply alone is not complete`() throws {
        var head = ReplyHead(bytesMax: 1000)
        for line in ["HTTP/1.1 100 Continue\r\n", "\r\n"] { try receive(line, in: &head) }
        #expect(!head.isComplete)
    }

    @Test(arguments: [
        ("Name: value\r\n", "value"), ("NAME:value\n", "value"), ("name: \t a b \t \r\n", "a b"),
        ("name:\r\n", ""), ("name: \r\n", ""), ("name: a:b\r\n", "a:b"), ("name: é\r\n", "é"),
        ("name: value\r\r\n", "value\r"), ("name: value", "value"),
    ])
    func `reads a field`(line: String, value: String) throws {
        var head = ReplyHead(bytesMax: 1000)
        try receive("HTTP/1.1 200 OK\r\n", in: &head)
        try receive(line, in: &head)
        #expect(head.fields.map(\.name) == ["name"])
        #expect(head.fields.map(\.value) == [value])
    }

    @Test func `a folded line continues the value`() throws {
        var head = ReplyHead(bytesMax: 1000)
        for line in ["HTTP/1.1 200 OK\r\n", "name: a\r\n", " \t b\r\n"] {
            try receive(line, in: &head)
        }
        #expect(head.fields.map(\.value) == ["a b"])
    }

    @Test(arguments: [
        "", "\r\n", "HTTP/1.1\r\n", "HTTP/1.1 \r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 +20 OK\r\n", "HTTP/1.1 099 OK\r\n", "ICY 200 OK\r\n",
        "HTTP/1.1  200 OK\r\n", "<html>\r\n",
    ])
    func `refuses a malformed status line`(line: String) {
        var head = ReplyHead(bytesMax: 1000)
        #expect(throws: ClientError.replyMalformed) { try receive(line, in: &head) }
    }

    @Test(arguments: ["no colon\r\n", ": value\r\n", " folded first\r\n"])
    func `refuses a malformed field line`(line: String) throws {
        var head = ReplyHead(bytesMax: 1000)
        try receive("HTTP/1.1 200 OK\r\n", in: &head)
        #expect(throws: ClientError.replyMalformed) { try receive(line, in: &head) }
    }

    @Test func `counts every byte up to the limit`() throws {
        let lines = ["HTTP/1.1 100 C\r\n", "\r\n", "HTTP/1.1 200 O\r\n", "\r\n", "T: 1\r\n"]
        let count = lines.joined().utf8.count
        var enough = ReplyHead(bytesMax: count)
        for line in lines { try receive(line, in: &enough) }
        var short = ReplyHead(bytesMax: count - 1)
        for line in lines.dropLast() { try receive(line, in: &short) }
        #expect(throws: ClientError.replyHeadTooLarge(limit: count - 1)) {
            try receive("T: 1\r\n", in: &short)
        }
    }

    private func receive(_ line: String, in head: inout ReplyHead) throws {
        try Array(line.utf8).withUnsafeBytes { try head.receive($0) }
    }
}
