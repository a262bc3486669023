import EventPoll
import HTTP1
import HTTPServer
import Testing

@testable import Intake

private func head(_ fields: String...) throws -> RequestHead {
    let lines = ["POST / HTTP/1.1", "Host: x"] + fields + ["", ""]
    let bytes = Array(lines.joined(separator: "\r\n").utf8)
    var parser = RequestParser()
    let step = try bytes.withUnsafeBytes { try parser.next($0).step }
    guard case .head(let head) = step else { throw NoHead() }
    return head
}

private struct NoHead: Error {}

private func peer(_ text: String) -> Peer { Peer(address: IPAddress(text)) }

private func policy(allowed: String..., proxies: [String] = []) -> AccessPolicy {
    var policy = AccessPolicy()
    policy.allowed = allowed.compactMap { IPNetwork($0) }
    policy.trustedProxies = proxies.compactMap { IPNetwork($0) }
    return policy
}

@Suite struct AccessPolicyTests {
    @Test func `without a list everybody may, with one only who is in it`() throws {
        #expect(policy().admits(try head(), peer("203.0.113.9")))
        let listed = policy(allowed: "192.0.2.0/24", "2001:db8::/32")
        #expect(listed.admits(try head(), peer("192.0.2.255")))
        #expect(listed.admits(try head(), peer("::ffff:192.0.2.1")))
        #expect(listed.admits(try head(), peer("2001:db8:ffff::1")))
        #expect(!listed.admits(try head(), peer("192.0.3.0")))
        #expect(!listed.admits(try head(), peer("2001:db9::1")))
        #expect(!listed.admits(try head(), Peer(address: nil)))
    }

    @Test func `what a stranger says of its address counts for nothing`() throws {
        let listed = policy(allowed: "192.0.2.0/24")
        #expect(!listed.admits(try head("X-Forwarded-For: 192.0.2.1"), peer("203.0.113.9")))
        #expect(
            listed.clientAddressText(try head("Forwarded: for=192.0.2.1"), peer("203.0.113.9"))
                == "203.0.113.9")
    }

    @Test(arguments: [
        ("X-Forwarded-For: 192.0.2.1", "192.0.2.1"),
        ("X-Forwarded-For: 198.51.100.7, 192.0.2.1", "192.0.2.1"),
        ("X-Forwarded-For: 192.0.2.1, 10.1.2.3 ,10.9.9.9", "192.0.2.1"),
        ("X-Forwarded-For: 192.0.2.1:4711", "192.0.2.1"),
        ("X-Forwarded-For: 2001:db8::1", "2001:db8::1"),
        ("X-Forwarded-For: [2001:db8::1]:80", "2001:db8::1"),
        ("X-Forwarded-For: ::ffff:192.0.2.1", "192.0.2.1"),
        ("X-Forwarded-For: 10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("Forwarded: for=192.0.2.1;proto=https", "192.0.2.1"),
        ("Forwarded: for=198.51.100.7, FOR=\"[2001:db8::1]:4711\";by=10.0.0.1", "2001:db8::1"),
        ("Via: 1.1 x", "10.0.0.1"),
        ("Forwarded: for=192.0.2.1;host=\"x, for=10.1.1.1;y\"", "192.0.2.1"),
        ("Forwarded: for=198.51.100.7;host=\"x,for=192.0.2.1;a=b\"", "198.51.100.7"),
        ("Forwarded: host=\"h\\\";for=192.0.2.1;b=\";for=198.51.100.7", "198.51.100.7"),
        // Not clear who it was.
        ("Forwarded: for=192.0.2.1;for=198.51.100.7", ""),
        ("Forwarded: host=\"x;for=192.0.2.1", ""),
        ("X-Forwarded-For: 192.0.2.1,", ""),
        ("X-Forwarded-For: unknown", ""),
        ("X-Forwarded-For: 192.0.2.1, evil", ""),
        ("X-Forwarded-For: 192.0.2.1:port:1", ""),
        ("X-Forwarded-For: 0192.0.2.1", ""),
        ("Forwarded: for=_hidden", ""),
        ("Forwarded: proto=https", ""),
    ])
    func `a trusted proxy tells the last hop before the trusted ones`(
        field: String, address: String
    ) throws {
        let policy = policy(allowed: "192.0.2.0/24", proxies: ["10.0.0.0/8"])
        #expect(policy.clientAddressText(try head(field), peer("10.0.0.1")) == address)
        #expect(
            policy.admits(try head(field), peer("10.0.0.1")) == address.hasPrefix("192.0.2."))
    }

    @Test func `several lines are one list`() throws {
        let policy = policy(proxies: ["10.0.0.0/8"])
        let fields = ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 198.51.100.7"]
        #expect(
            policy.clientAddressText(try head(fields[0], fields[1]), peer("10.0.0.1"))
                == "198.51.100.7")
    }

    @Test func `two fields that disagree say nothing`() throws {
        let policy = policy(allowed: "192.0.2.0/24", proxies: ["10.0.0.0/8"])
        let plain = "X-Forwarded-For: 192.0.2.1"
        #expect(policy.admits(try head(plain, "Forwarded: for=192.0.2.1"), peer("10.0.0.1")))
        #expect(!policy.admits(try head(plain, "Forwarded: for=192.0.2.2"), peer("10.0.0.1")))
    }

    @Test func `a Unix socket is a proxy only where that is said`() throws {
        var policy = policy(allowed: "192.0.2.0/24")
        let request = try head("X-Forwarded-For: 192.0.2.1")
        #expect(!policy.admits(request, Peer(address: nil)))
        policy.trustsUnixSockets = true
        #expect(policy.admits(request, Peer(address: nil)))
    }

    @Test func `an endless list of hops says nothing`() throws {
        let policy = policy(proxies: ["10.0.0.0/8"])
        for (count, address) in [(64, "192.0.2.1"), (65, "")] {
            let hops = ["192.0.2.1"] + Array(repeating: "10.0.0.2", count: count - 1)
            let field = "X-Forwarded-For: \(hops.joined(separator: ","))"
            #expect(policy.clientAddressText(try head(field), peer("10.0.0.1")) == address)
        }
    }
}

@Suite struct RateLimitTests {
    private func moment(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    @Test func `a period's requests may come at once, then one each interval`() {
        let limit = RateLimit(requests: 4, period: .seconds(2))
        for _ in 0..<4 { #expect(limit.take(at: moment(0)) == nil) }
        #expect(limit.take(at: moment(0)) == .milliseconds(500))
        #expect(limit.take(at: moment(499)) == .milliseconds(1))
        #expect(limit.take(at: moment(500)) == nil)
        #expect(limit.take(at: moment(500)) == .milliseconds(500))
    }

    @Test func `a refused request costs nothing, and a pause earns one period's requests`() {
        let limit = RateLimit(requests: 2, period: .seconds(1))
        #expect(limit.take(at: moment(0)) == nil)
        #expect(limit.take(at: moment(0)) == nil)
        for _ in 0..<10 { #expect(limit.take(at: moment(1)) == .milliseconds(499)) }
        #expect(limit.take(at: moment(60_000)) == nil)
        #expect(limit.take(at: moment(60_000)) == nil)
        #expect(limit.take(at: moment(60_000)) == .milliseconds(500))
    }
}
