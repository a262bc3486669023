import OpenSSLCrypto
import Testing
import Webhook

private func read(_ text: String) -> [String]? {
    FormFields(Array(text.utf8)[...])?.fields.map {
        String(decoding: $0.name, as: UTF8.self) + "→" + String(decoding: $0.value, as: UTF8.self)
    }
}

@Suite struct FormFieldsTests {
    @Test func `a form is read as the URL Standard says`() {
        let table: [(String, [String])] = [
            ("", []), ("&&", []), ("a", ["a→"]), ("a=", ["a→"]), ("=b", ["→b"]),
            ("a=1&a=2", ["a→1", "a→2"]), ("a=b=c", ["a→b=c"]), ("a+b=c+d", ["a b→c d"]),
            ("%61=%C3%bC", ["a→ü"]), ("a=%zz%4", ["a→%zz%4"]), ("a=%", ["a→%"]),
            ("a=1&", ["a→1"]), ("a=%26%3D%2B", ["a→&=+"]),
        ]
        for (text, fields) in table { #expect(read(text) == fields, "\(text)") }
    }

    @Test func `a form has at most 1000 fields`() {
        #expect(WebhookLimits.formFieldsMax == 1000)
        let fields = { (count: Int) in Array(repeating: "a=1", count: count).joined(separator: "&")
        }
        #expect(read(fields(1000))?.count == 1000)
        #expect(read(fields(1001)) == nil)
    }

    @Test func `whatever bytes are encoded are read again`() {
        var seed: UInt64 = 42
        for length in 0..<200 {
            let bytes = (0..<length).map { _ -> UInt8 in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: seed >> 33)
            }
            let form = Array("x=".utf8) + FormFields.encoded(bytes)
            #expect(FormFields(form[...])?.first("x") == bytes)
            // Cut anywhere, it is a form of its beginning.
            for cut in stride(from: 0, to: form.count, by: 7) {
                let value = FormFields(form[..<cut])?.first("x") ?? []
                #expect(value.count <= bytes.count + 2)
            }
        }
    }

    @Test func `a value is replaced and the rest stays as it was written`() {
        func replaced(_ text: String) -> String? {
            Array(text.utf8).withUnsafeBytes { bytes in
                FormFields.replacing(bytes) { name, value in
                    name == Array("t".utf8) ? Array("<\(value.count)>".utf8) : nil
                }
            }.map { String(decoding: $0, as: UTF8.self) }
        }
        let table: [(String, String?)] = [
            ("t=ab%20", "t=%3C3%3E"), ("a=%zz&t=1&&b&t=", "a=%zz&t=%3C1%3E&&b&t=%3C0%3E"),
            ("%74=1", "%74=%3C1%3E"), ("t", "t=%3C0%3E"), ("&t=1=2", "&t=%3C3%3E"),
            ("", nil), ("&", nil), ("a=t", nil), ("tt=1", nil),
        ]
        for (text, expected) in table { #expect(replaced(text) == expected, "\(text)") }
    }

    @Test func `percent-encoding alone leaves the plus sign`() {
        #expect(FormFields.percentDecoded("a%20+%C3%BC%") == "a +ü%")
    }
}

@Suite struct CryptoTests {
    @Test func `Ed25519 has RFC 8032's second vector`() throws {
        // RFC 8032 §7.1, TEST 2.
        let seed = try #require(
            hexDecoded("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb".utf8))
        let key = try #require(Ed25519PrivateKey(seed: seed))
        #expect(
            hexEncoded(key.publicKey)
                == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let signature = key.sign([0x72])
        #expect(
            hexEncoded(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        let verifier = try #require(Ed25519PublicKey(key.publicKey))
        #expect(verifier.verify(signature, over: [0x72]))
        #expect(!verifier.verify(signature, over: [0x73]))
        #expect(!verifier.verify(Array(signature.dropLast()), over: [0x72]))
        #expect(!verifier.verify([], over: []))
        #expect(Ed25519PublicKey([1]) == nil)
        #expect(Ed25519PrivateKey(seed: []) == nil)
    }

    @Test func `base64url is another alphabet without padding`() {
        #expect(base64URLEncoded([0xFB, 0xFF]) == "-_8")
        #expect(base64URLDecoded("-_8".utf8) == [0xFB, 0xFF])
        #expect(base64URLDecoded("-_8=".utf8) == [0xFB, 0xFF])
        #expect(base64URLDecoded("+/8".utf8) == nil)
    }
}
