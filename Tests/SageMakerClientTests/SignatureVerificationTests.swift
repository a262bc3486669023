import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct SignatureVerificationTests {
    private static let now: Int64 = 1_795_226_400
    private static let content = Array(#"{"PipelineName":"churn"}"#.utf8)

    private func credentials(
        _ keyID: String = "AKIDEXAMPLE", _ secret: String = "secret", token: String? = nil
    ) throws -> Credentials {
        try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret),
            sessionToken: token.map(Secret.init(_:)), from: "the test")
    }

    /// A signed request as it is received.
    private func signed(
        by credentials: Credentials, at time: Int64 = now, region: String = "eu-west-1",
        service: String = "sagemaker", host: String = "127.0.0.1:5000"
    ) -> SignableRequest {
        var request = SignableRequest(
            method: "POST",
            fields: [("Host", host), ("Content-Type", "x"), ("X-Amz-Target", "S.Start")])
        var keys = SigningKeys()
        request.fields += SigV4.sign(
            request, contentHash: hexEncoded(sha256(Self.content)), credentials: credentials,
            region: region, service: service, at: SigningTime(epochSeconds: time), keys: &keys)
        return request
    }

    /// Why a request is refused, or nil.
    private func refusal(
        _ request: SignableRequest, content: [UInt8] = content, region: String? = "eu-west-1",
        known: [Credentials]? = nil
    ) throws -> SignatureRefusal? {
        let known = try known ?? [credentials()]
        return content.withUnsafeBytes { bytes in
            do throws(SignatureRefusal) {
                _ = try SigV4.verify(
                    request, content: bytes, region: region, service: "sagemaker", at: Self.now
                ) { keyID in known.first { $0.accessKeyID == keyID } }
                return nil
            } catch { return error }
        }
    }

    private func replacing(
        _ name: String, in request: SignableRequest, _ change: (String) -> String
    ) -> SignableRequest {
        var request = request
        for position in request.fields.indices where request.fields[position].name == name {
            request.fields[position].value = change(request.fields[position].value)
        }
        return request
    }

    @Test func `accepts what is signed`() throws {
        let request = signed(by: try credentials())
        #expect(try refusal(request) == nil)
        #expect(try refusal(request, region: nil) == nil)
    }

    @Test func `accepts fields that others added on the way`() throws {
        var request = signed(by: try credentials())
        request.fields += [("Content-Length", "24"), ("amz-sdk-request", "attempt=1")]
        #expect(try refusal(request) == nil)
    }

    @Test func `refuses a change of any signed part`() throws {
        let request = signed(by: try credentials())
        #expect(try refusal(request, content: Self.content + [0x20]) == .badSignature)
        var changed = request
        changed.method = "PUT"
        #expect(try refusal(changed) == .badSignature)
        changed = request
        changed.path = "/x"
        #expect(try refusal(changed) == .badSignature)
        changed = request
        changed.query = "a=b"
        #expect(try refusal(changed) == .badSignature)
        for name in ["Host", "Content-Type", "X-Amz-Target"] {
            #expect(try refusal(replacing(name, in: request) { $0 + "x" }) == .badSignature)
        }
        changed = request
        changed.fields.append(("host", "other"))
        #expect(try refusal(changed) == .badSignature)
    }

    @Test func `refuses another secret and an unknown key`() throws {
        let request = signed(by: try credentials())
        #expect(
            try refusal(request, known: [credentials("AKIDEXAMPLE", "other")]) == .badSignature)
        #expect(try refusal(request, known: []) == .unknownKey)
    }

    @Test func `the session token is the one of the credentials`() throws {
        let temporary = try credentials("ASIA", "secret", token: "token")
        let lasting = try credentials("ASIA", "secret")
        let other = try credentials("ASIA", "secret", token: "other")
        #expect(try refusal(signed(by: temporary), known: [temporary]) == nil)
        #expect(try refusal(signed(by: temporary), known: [other]) == .wrongSessionToken)
        #expect(try refusal(signed(by: temporary), known: [lasting]) == .wrongSessionToken)
        #expect(try refusal(signed(by: lasting), known: [temporary]) == .wrongSessionToken)
    }

    @Test func `a request is good for 15 minutes to either side`() throws {
        let credentials = try credentials()
        #expect(try refusal(signed(by: credentials, at: Self.now - 900)) == nil)
        #expect(try refusal(signed(by: credentials, at: Self.now - 901)) == .expired(age: 901))
        #expect(try refusal(signed(by: credentials, at: Self.now + 900)) == nil)
        #expect(
            try refusal(signed(by: credentials, at: Self.now + 901)) == .notYetCurrent(ahead: 901))
    }

    @Test func `the scope is that of the service, the region and the date`() throws {
        let credentials = try credentials()
        let expected = "20261121/eu-west-1/sagemaker/aws4_request"
        #expect(
            try refusal(signed(by: credentials, region: "us-east-1"))
                == .wrongScope(expected: expected))
        #expect(try refusal(signed(by: credentials, region: "us-east-1"), region: nil) == nil)
        #expect(
            try refusal(signed(by: credentials, service: "s3")) == .wrongScope(expected: expected))
        let stale = replacing("Authorization", in: signed(by: credentials)) {
            $0.replacing("/20261121/", with: "/20261120/")
        }
        #expect(try refusal(stale) == .wrongScope(expected: expected))
    }

    @Test func `the date is there once and well formed`() throws {
        let request = signed(by: try credentials())
        var changed = request
        changed.fields.removeAll { $0.name == "X-Amz-Date" }
        #expect(try refusal(changed) == .missingDate)
        changed.fields.append(("X-Amz-Date", "2026-11-21"))
        #expect(try refusal(changed) == .malformedDate)
        changed = request
        changed.fields.append(("x-amz-date", "20261121T020000Z"))
        #expect(try refusal(changed) == .malformedDate)
    }

    @Test func `host and every X-Amz field must be signed`() throws {
        let request = signed(by: try credentials())
        func naming(_ names: String) -> SignableRequest {
            replacing("Authorization", in: request) {
                $0.replacing("content-type;host;x-amz-date;x-amz-target", with: names)
            }
        }
        #expect(
            try refusal(naming("content-type;x-amz-date;x-amz-target"))
                == .unsignedField(name: "host"))
        #expect(
            try refusal(naming("content-type;host;x-amz-target"))
                == .unsignedField(name: "x-amz-date"))
        #expect(
            try refusal(naming("content-type;host;x-amz-date"))
                == .unsignedField(name: "x-amz-target"))
        #expect(
            try refusal(naming("content-type;host;x-amz-date;x-amz-target;zzz"))
                == .malformedAuthorization(expected: "SignedHeaders that the request has"))
        for names in [
            "host;content-type;x-amz-date;x-amz-target",
            "content-type;Host;host;x-amz-date;x-amz-target",
            "content-type;host;host;x-amz-date;x-amz-target",
            ";content-type;host;x-amz-date;x-amz-target",
        ] {
            #expect(
                try refusal(naming(names))
                    == .malformedAuthorization(
                        expected: "SignedHeaders in lower case, sorted, once"))
        }
    }

    @Test func `the Authorization field is there once`() throws {
        var request = signed(by: try credentials())
        let authorization = request.fields.removeLast()
        #expect(try refusal(request) == .missingAuthorization)
        request.fields += [authorization, ("authorization", authorization.value)]
        #expect(try refusal(request) == .malformedAuthorization(expected: "one field"))
    }

    @Test func `the parts of the Authorization field may come in any order`() throws {
        let request = signed(by: try credentials())
        let turned = replacing("Authorization", in: request) { value in
            let parts = value.dropFirst(SigV4.algorithm.count + 1).split(separator: ", ")
            return "\(SigV4.algorithm) \(parts.reversed().joined(separator: ","))"
        }
        #expect(try refusal(turned) == nil)
    }

    @Test(arguments: [
        ("", SigV4.algorithm), ("Bearer x", SigV4.algorithm),
        ("AWS4-HMAC-SHA256", SigV4.algorithm),
        ("AWS4-HMAC-SHA256 ", "Credential, SignedHeaders and Signature"),
        ("AWS4-HMAC-SHA256 Credential", "NAME=VALUE parts, each once"),
        ("AWS4-HMAC-SHA256 Signature=a, Signature=b", "NAME=VALUE parts, each once"),
        (
            "AWS4-HMAC-SHA256 Credential=A/d/r/s, SignedHeaders=host, Signature=a",
            "Credential=KEY/DATE/REGION/SERVICE/aws4_request"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=/d/r/s/aws4_request, SignedHeaders=host, Signature=a",
            "Credential=KEY/DATE/REGION/SERVICE/aws4_request"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=A/d/r/s/aws4_request, SignedHeaders=host, Signature=abc",
            "Signature of 64 hexadecimal digits"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=A/d/r/s/aws4_request, SignedHeaders=host, Signature=aabb",
            "Signature of 64 hexadecimal digits"
        ),
    ])
    func `says what a malformed Authorization field lacks`(value: String, expected: String) throws {
        let request = replacing("Authorization", in: signed(by: try credentials())) { _ in value }
        #expect(try refusal(request) == .malformedAuthorization(expected: expected))
    }

    @Test func `an Authorization field is read to its limit`() throws {
        let request = signed(by: try credentials())
        func padded(_ count: Int) -> SignableRequest {
            replacing("Authorization", in: request) { value in
                let padding = String(repeating: " ", count: count - value.utf8.count)
                return value.replacing(", Signature", with: ",\(padding) Signature")
            }
        }
        #expect(try refusal(padded(4096)) == nil)
        #expect(
            try refusal(padded(4097))
                == .malformedAuthorization(expected: "at most 4096 bytes"))
    }

    @Test func `no damaged Authorization field traps or passes`() throws {
        let request = signed(by: try credentials())
        let original = Array(try #require(request.fields.last).value.utf8)
        var seed: UInt64 = 0xD1B5_4A32_D192_ED03
        for _ in 0..<2000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var damaged = original
            let position = Int(seed >> 33) % damaged.count
            let byte = UInt8(truncatingIfNeeded: seed >> 24)
            damaged[position] = byte
            let text = String(decoding: damaged, as: UTF8.self)
            let changed = replacing("Authorization", in: request) { _ in text }
            // Hexadecimal digits of either case are the same signature, and a space more is none.
            if text.lowercased() == String(decoding: original, as: UTF8.self).lowercased() {
                continue
            }
            #expect(try refusal(changed) != nil, "\(text)")
        }
    }
}
