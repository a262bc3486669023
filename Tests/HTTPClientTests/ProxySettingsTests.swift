import EventPoll
import HTTPClient
import Testing

@Suite struct ProxySettingsTests {
    private let proxy = "http://proxy.internal:3128"

    private func settings(_ more: [String: String] = [:]) -> ProxySettings {
        ProxySettings(
            environment: ["https_proxy": proxy, "http_proxy": "http://plain:1"]
                .merging(more) { _, second in second })
    }

    @Test func `the URL's scheme decides`() {
        #expect(settings().proxy(for: "https://api.example.com/x") == proxy)
        #expect(settings().proxy(for: "HTTP://api.example.com") == "http://plain:1")
        #expect(ProxySettings(environment: [:]).proxy(for: "https://a/") == nil)
        #expect(ProxySettings().proxy(for: "https://a/") == nil)
        let all = ProxySettings(environment: ["ALL_PROXY": "http://all:1"])
        #expect(all.proxy(for: "http://a/") == "http://all:1")
        #expect(all.proxy(for: "https://a/") == "http://all:1")
    }

    @Test func `upper case serves but for HTTP_PROXY, and an empty value is none`() {
        let upper = ProxySettings(
            environment: ["HTTPS_PROXY": proxy, "HTTP_PROXY": "http://evil:1"])
        #expect(upper.proxy(for: "https://a/") == proxy)
        #expect(upper.proxy(for: "http://a/") == nil)
        #expect(settings(["https_proxy": ""]).proxy(for: "https://a/") == nil)
    }

    @Test(arguments: [
        ("example.com", "https://example.com/", true),
        ("example.com", "https://api.EXAMPLE.com./x", true),
        (".example.com", "https://api.example.com/", true),
        ("example.com", "https://badexample.com/", false),
        ("a.test, example.com", "https://example.com:8443/", true),
        ("example.com:443", "https://example.com/", true),
        ("example.com:8443", "https://example.com/", false),
        ("*", "https://anything/", true),
        ("10.0.0.0/8", "https://10.1.2.3/", true),
        ("10.0.0.0/8", "https://11.1.2.3/", false),
        ("10.1.2.3", "https://10.1.2.3:9/", true),
        ("[::1]", "https://[::1]:9/", true),
        ("::1", "https://[::1]/", true),
        ("fd00::/8", "https://[fd12::1]/", true),
        ("", "https://example.com/", false),
        (",,", "https://example.com/", false),
    ])
    func `no_proxy names what is spoken to directly`(list: String, url: String, isDirect: Bool) {
        #expect((settings(["no_proxy": list]).proxy(for: url) == nil) == isDirect)
    }

    @Test func `a refused address that the URL names is refused before a proxy, too`() throws {
        var request = get("http://10.0.0.1/")
        request.proxy = "http://127.0.0.1:1"
        request.addressPolicy = AddressPolicy()
        #expect(
            try ClientLoop().run(request).failure
                == .addressRefused(try #require(IPAddress("10.0.0.1"))))
    }

    @Test func `a request goes to its proxy with the whole URL`() throws {
        try withServer { connection in
            connection.send(okay(connection.readRequest()?.line ?? ""))
        } _: { (server) throws in
            var request = get("http://callback.example/path")
            request.proxy = server.url
            // The proxy is the operator's, whatever its address.
            request.addressPolicy = AddressPolicy()
            let reply = try ClientLoop().run(request).get()
            #expect(
                String(decoding: reply.content, as: UTF8.self)
                    == "GET http://callback.example/path HTTP/1.1")
        }
    }

    @Test func `one exchange waits for its reply, and an interrupt ends it`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay("hello"))
        } _: { (server) throws in
            let reply = try exchange(get(server.url), userAgent: "test").get()
            #expect(reply.content == Array("hello".utf8))
            let interrupt = try Wakeup()
            interrupt.signal()
            let result = exchange(get(server.url), userAgent: "test", interrupt: interrupt)
            #expect(result.failure == .timedOut)
        }
    }
}
