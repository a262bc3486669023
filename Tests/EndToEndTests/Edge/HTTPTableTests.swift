import TestSupport
import Testing

/// The edge as a peer on the network sees it, by the rules of RFC 9110 and RFC 9112.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HTTPTableTests {
    @Test func `every exchange of the table is answered as its rule says`() throws {
        let gateway = try OpenGateway()
        #expect(Set(HTTPTable.all.map(\.rule)).count == HTTPTable.all.count)
        for exchange in HTTPTable.all { try check(exchange, gateway) }
        // Nothing of it was an accident to the server.
        #expect(gateway.fixture.gateway?.isRunning == true)
        try waitUntil("no connection") { try gateway.metric("hookline_connections") == 0 }
    }

    private func check(_ exchange: HTTPExchange, _ gateway: OpenGateway) throws {
        let client = try gateway.client()
        client.send(exchange.request)
        var expected = exchange.statuses
        if !exchange.closes {
            for status in expected {
                let answer = Answer(client.receiveResponse())
                #expect(answer.status == status, "\(exchange): \(answer.head)")
                if answer.status == 100 { client.send("{}") }
                if status == expected.last { checkFields(answer, exchange) }
            }
            client.send(OpenGateway.lastHealth)
            expected = [200]
        }
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.map(\.status) == expected, "\(exchange): \(answers.map(\.head))")
        #expect(answers.last?.has("Connection: close") == true, "\(exchange)")
        #expect(!client.wasReset, "\(exchange)")
        if exchange.closes, let last = answers.last { checkFields(last, exchange) }
    }

    private func checkFields(_ answer: Answer, _ exchange: HTTPExchange) {
        #expect(answer.has("Connection: close") == exchange.closes, "\(exchange): \(answer.head)")
        #expect(answer.head.contains("\r\nDate: "), "\(exchange)")
        for line in exchange.fields { #expect(answer.has(line), "\(exchange): \(answer.head)") }
    }

    @Test func `the table's requests are answered the same when they come byte by byte`() throws {
        let gateway = try OpenGateway()
        for exchange in HTTPTable.all where exchange.request.utf8.count < 400 {
            // What the server sees in one piece or in many decides nothing but an interim response.
            guard !exchange.request.contains("Expect") else { continue }
            let client = try gateway.client()
            for scalar in exchange.request.unicodeScalars { client.send(String(scalar)) }
            if !exchange.closes { client.send(OpenGateway.lastHealth) }
            let answers = Responses(client.receiveAll(), omitsContent: false).all
            let expected = exchange.statuses + (exchange.closes ? [] : [200])
            #expect(answers.map(\.status) == expected, "\(exchange): \(answers.map(\.head))")
        }
    }

    @Test func `HEAD gets the head of the 405 that another method gets, without its content`()
        throws
    {
        let gateway = try OpenGateway()
        for path in ["/hooks/open", "/healthz"] {
            let client = try gateway.client()
            client.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answers = Responses(client.receiveAll(), omitsContent: true).all
            #expect(answers.map(\.status) == [405])
            #expect(answers.first?.has("Allow: \(path == "/healthz" ? "GET" : "POST")") == true)
            #expect(answers.first?.has("Content-Length: 0") == false)
        }
    }

    @Test func `a client that has closed its own side gets its answers`() throws {
        let gateway = try OpenGateway()
        let client = try gateway.client()
        client.send(OpenGateway.post() + OpenGateway.health + OpenGateway.post("["))
        client.finishSending()
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.map(\.status) == [200, 200, 400])
        #expect(!client.wasReset)
    }

    @Test func `a client that ends within a request gets nothing, and nothing is left`() throws {
        let gateway = try OpenGateway()
        for part in ["", "GET /he", "POST /hooks/open HTTP/1.1\r\nHost: x\r\n"] {
            let client = try gateway.client()
            client.send(part)
            client.finishSending()
            #expect(client.receiveAll().isEmpty)
        }
        try waitUntil("no connection") { try gateway.metric("hookline_connections") == 0 }
    }
}
