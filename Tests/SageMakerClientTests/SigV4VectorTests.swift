import Foundation
import JSON
import OpenSSLCrypto
import SageMakerClient
import Testing

// Cases of awslabs/aws-c-auth, tests/aws-signing-test-suite/v4 (Apache-2.0), by their names there.
@Suite struct SigV4VectorTests {
    /// A case of which only the signature is kept here: it covers everything else.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var fields: [(name: String, value: String)] = []
        var normalizes = true
        var content = ""
        var token: String?
        var signature: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "get-relative-relative-unnormalized", path: "/example1/example2/../..",
            normalizes: false,
            signature: "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b"),
        Case(
            name: "get-relative-relative-normalized", path: "/example1/example2/../..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "get-space-normalized", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Case(
            name: "get-vanilla-query-order-encoded",
            query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
        Case(
            name: "get-header-value-multiline",
            fields: [("My-Header1", "value1\n  value2\n     value3")],
            signature: "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"),
        Case(
            name: "get-header-key-duplicate",
            fields: [
                ("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1"),
            ],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Case(
            name: "get-vanilla-with-session-token",
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
        Case(
            name: "post-x-www-form-urlencoded", method: "POST",
            fields: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "13"),
                (
                    "x-amz-content-sha256",
                    "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"
                ),
            ], content: "Param1=value1",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
    ]

    @Test(arguments: cases)
    func `computes the published signature`(vector: Case) throws {
        var request = SignableRequest(
            method: vector.method, path: vector.path, query: vector.query,
            fields: [("Host", "example.amazonaws.com")] + vector.fields)
        request.normalizesPath = vector.normalizes
        let credentials = try Credentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: vector.token.map(Secret.init(_:)), from: "the test")
        var keys = SigningKeys()
        let added = SigV4.sign(
            request, contentHash: hexEncoded(sha256(vector.content)), credentials: credentials,
            region: "us-east-1", service: "service",
            at: try #require(SigningTime("20150830T123600Z")), keys: &keys)
        #expect(added.last?.name == "Authorization")
        #expect(added.last?.value.hasSuffix("Signature=\(vector.signature)") == true)
        try verify(request, added: added, content: vector.content, credentials: credentials)
    }

    // Skipped in a clone without the reference data, which is not part of the repository.
    @Test(.enabled(if: SharedData.has("sigv4/SOURCE.txt")), arguments: SharedData.folders("sigv4"))
    func `computes every published case`(name: String) throws {
        let vector = try SharedVector(name)
        let time = try #require(SigningTime(vector.stamp))
        let contentHash = hexEncoded(sha256(vector.content))
        let credentials = try vector.credentials()
        var keys = SigningKeys()
        let added = SigV4.sign(
            vector.request, contentHash: contentHash, credentials: credentials,
            region: vector.region, service: vector.service, at: time, keys: &keys)

        var complete = vector.request
        complete.fields += added.dropLast()
        let canonical = CanonicalRequest(complete, contentHash: contentHash)
        #expect(canonical.text == vector.expected("canonical-request"))
        let scope = CredentialScope(
            date: time.date, region: vector.region, service: vector.service)
        #expect(
            SigV4.stringToSign(canonical, scope: scope, at: time)
                == vector.expected("string-to-sign"))
        let authorization = try #require(added.last?.value)
        #expect(authorization.hasSuffix("Signature=\(vector.expected("signature"))"))
        #expect(vector.expected("signed-request").contains("Authorization:\(authorization)"))
        try verify(
            vector.request, added: added, content: String(decoding: vector.content, as: UTF8.self),
            credentials: credentials)
    }

    /// What was signed is what the other side accepts, and nothing else.
    private func verify(
        _ request: SignableRequest, added: [(name: String, value: String)], content: String,
        credentials: Credentials
    ) throws {
        var received = request
        received.fields += added
        func verified(_ content: String) throws(SignatureRefusal) -> Credentials {
            var refusal: SignatureRefusal?
            var found: Credentials?
            Array(content.utf8).withUnsafeBytes { bytes in
                do throws(SignatureRefusal) {
                    found = try SigV4.verify(
                        received, content: bytes, region: "us-east-1", service: "service",
                        at: SigningTime("20150830T123600Z")?.epochSeconds ?? 0
                    ) { $0 == "AKIDEXAMPLE" ? credentials : nil }
                } catch { refusal = error }
            }
            guard let found else { throw refusal ?? .missingAuthorization }
            return found
        }
        #expect(try verified(content) == credentials)
        #expect(throws: SignatureRefusal.badSignature) { try verified(content + "x") }
    }
}

/// A case as its folder has it.
private struct SharedVector {
    let name: String
    let context: [String: Any]
    private(set) var request: SignableRequest
    let content: [UInt8]

    init(_ name: String) throws {
        self.name = name
        let context = try #require(SharedData.bytes("sigv4/\(name)/context.json"))
        self.context = try #require(
            JSONSerialization.jsonObject(with: Data(context)) as? [String: Any])
        let text = String(
            decoding: try #require(SharedData.bytes("sigv4/\(name)/request.txt")), as: UTF8.self)
        let halves = text.components(separatedBy: "\n\n")
        content = Array(halves.dropFirst().joined(separator: "\n\n").utf8)
        let lines = halves[0].components(separatedBy: "\n").filter { !$0.isEmpty }
        let words = lines[0].split(separator: " ")
        let target = words.dropFirst().dropLast().joined(separator: " ")
            .split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        request = SignableRequest(
            method: String(words[0]), path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : "", fields: [])
        for line in lines.dropFirst() {
            if line.hasPrefix(" ") {
                request.fields[request.fields.count - 1].value += "\n\(line)"
            } else {
                let parts = line.split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                request.fields.append((String(parts[0]), String(parts[1])))
            }
        }
        request.normalizesPath = self.context["normalize"] as? Bool ?? true
        if self.context["sign_body"] as? Bool == true {
            request.fields.append(("x-amz-content-sha256", hexEncoded(sha256(content))))
        }
    }

    var region: String { context["region"] as? String ?? "" }
    var service: String { context["service"] as? String ?? "" }

    var stamp: String {
        let time = context["timestamp"] as? String ?? ""
        return time.filter { $0 != "-" && $0 != ":" }
    }

    func credentials() throws -> Credentials {
        let parts = try #require(context["credentials"] as? [String: String])
        return try Credentials(
            accessKeyID: parts["access_key_id"] ?? "",
            secretAccessKey: Secret(parts["secret_access_key"] ?? ""),
            sessionToken: parts["token"].map(Secret.init(_:)), from: name)
    }

    func expected(_ part: String) -> String {
        String(
            decoding: SharedData.bytes("sigv4/\(name)/header-\(part).txt") ?? [], as: UTF8.self)
    }
}
