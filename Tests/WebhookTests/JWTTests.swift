import Foundation
import OpenSSLCrypto
import Testing
import Webhook

/// A token's signature needs a private RSA key, which the product has no use for, so the tests have
/// OpenSSL's command make one.
private struct Signer {
    let folder: URL
    let keySet: [UInt8]
    var privateKey: [UInt8] {
        get throws { Array(try Data(contentsOf: folder.appending(path: "key.pem"))) }
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "jwt-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try Self.run(["genrsa", "-out", "key.pem", "2048"], in: folder)
        let text = try Self.run(["rsa", "-in", "key.pem", "-noout", "-modulus"], in: folder)
        let digits = text.dropFirst("Modulus=".count).prefix { $0.isHexDigit }
        let modulus = try #require(hexDecoded(digits.utf8))
        keySet =
            Array(
                #"{"keys":[{"kty":"EC","kid":"e"},{"kty":"RSA","kid":"k1","alg":"RS256","e":"AQAB","#
                    .utf8)
            + Array(#""n":"\#(base64URLEncoded(modulus))"}]}"#.utf8)
    }

    @discardableResult
    private func run(_ arguments: [String]) throws -> String {
        try Self.run(arguments, in: folder)
    }

    private static func run(_ arguments: [String], in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    func token(header: String = #"{"alg":"RS256","kid":"k1"}"#, claims: String) throws -> String {
        let signed = [header, claims].map { base64URLEncoded(Array($0.utf8)) }
            .joined(separator: ".")
        try Data(signed.utf8).write(to: folder.appending(path: "signed"))
        try run(["dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "signed"])
        let signature = Array(try Data(contentsOf: folder.appending(path: "signature")))
        return signed + "." + base64URLEncoded(signature)
    }
}

@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl")))
struct JWTTests {
    private let now: Int64 = 1_700_000_000_000
    private let signer: Signer

    init() throws { signer = try Signer() }

    private func claims(
        iss: String = "chat@system.gserviceaccount.com", aud: String = "123",
        exp: Int = 1_700_003_600, iat: Int = 1_700_000_000, more: String = ""
    ) -> String {
        #"{"iss":"\#(iss)","aud":"\#(aud)","exp":\#(exp),"iat":\#(iat)\#(more)}"#
    }

    private func refusal(_ fields: [String]) throws -> SignatureError? {
        let keys = try #require(KeySet(signer.keySet))
        let verifier = Verifier(
            .jwt(.googleChat(audience: "123", keys: CurrentKeySet(keys))), secrets: [])
        do {
            let verified = try verifier.verify(
                fields.map { ("Authorization", $0) }, Array("{}".utf8), at: now)
            #expect(verified == Verified(by: "jwt-rs256", secret: nil))
            return nil
        } catch let error as SignatureError {
            return error
        }
    }

    @Test func `Chat's own tokens and Google's for Chat verify`() throws {
        #expect(try refusal(["Bearer " + signer.token(claims: claims())]) == nil)
        let google = claims(
            iss: "https://accounts.google.com",
            more: #","email":"chat@system.gserviceaccount.com","email_verified":true"#)
        #expect(try refusal(["Bearer " + signer.token(claims: google)]) == nil)
    }

    @Test func `tokens for others, of others and out of time are refused`() throws {
        let table: [(String, SignatureError)] = [
            (claims(aud: "124"), .mismatched), (claims(iss: "x"), .mismatched),
            (claims(iss: "https://accounts.google.com"), .mismatched),
            (
                claims(
                    iss: "https://accounts.google.com",
                    more: #","email":"me@example.com","email_verified":true"#), .mismatched
            ),
            (claims(exp: 1_699_999_699), .stale), (claims(iat: 1_700_000_301), .stale),
            (claims(more: #","nbf":1700000301"#), .stale), (claims(more: #","nbf":"x""#), .stale),
            (#"{"iss":"chat@system.gserviceaccount.com","aud":"123"}"#, .malformed),
        ]
        for (claims, reason) in table {
            #expect(try refusal(["Bearer " + signer.token(claims: claims)]) == reason, "\(claims)")
        }
        #expect(try refusal(["Bearer " + signer.token(claims: claims(exp: 1_699_999_700))]) == nil)
        let early = claims(more: #","nbf":1700000300"#)
        #expect(try refusal(["Bearer " + signer.token(claims: early)]) == nil)
    }

    @Test func `forged tokens are refused`() throws {
        let good = try signer.token(claims: claims())
        #expect(try refusal([]) == .missing)
        #expect(try refusal(["Bearer " + good, "Bearer " + good]) == .repeated)
        for header in [
            #"{"alg":"none","kid":"k1"}"#, #"{"alg":"RS256","kid":"k1","crit":["x"]}"#,
            #"{"alg":"HS256","kid":"k1"}"#, #"{"alg":"RS256"}"#, "",
        ] {
            let token = try signer.token(header: header, claims: claims())
            #expect(try refusal(["Bearer " + token]) == .malformed)
        }
        let other = try signer.token(header: #"{"alg":"RS256","kid":"k2"}"#, claims: claims())
        #expect(try refusal(["Bearer " + other]) == .mismatched)
        for position in stride(from: 0, to: good.count - 1, by: 7) {
            var characters = Array(good)
            characters[position] = characters[position] == "A" ? "B" : "A"
            #expect(try refusal(["Bearer " + String(characters)]) != nil)
        }
        // Another key that goes by the same name.
        #expect(try refusal(["Bearer " + Signer().token(claims: claims())]) == .mismatched)
        #expect(try refusal(["Bearer " + good.dropLast()]) != nil)
        #expect(try refusal(["Bearer " + good.prefix(good.count / 2)]) != nil)
        #expect(try refusal(["Bearer " + good + "A"]) != nil)
        #expect(try refusal(["Bearer " + good, "Bearer x"]) == .repeated)
        for field in ["", "Bearer", "Bearer ", good, "Basic " + good, "xBearer " + good] {
            #expect(try refusal([field]) == .malformed, "\(field.prefix(20))")
        }
        #expect(try refusal(["Bearer a.b"]) == .malformed)
        #expect(try refusal(["Bearer " + String(repeating: "a", count: 8193)]) == .malformed)
    }

    @Test func `keys that come later, or go, are in force at once`() throws {
        let current = CurrentKeySet(.none)
        let verifier = Verifier(.jwt(.googleChat(audience: "123", keys: current)), secrets: [])
        let token = try signer.token(claims: claims())
        func isAccepted() -> Bool {
            let verified = try? verifier.verify(
                [("Authorization", "Bearer \(token)")], Array("{}".utf8), at: now)
            return verified != nil
        }
        #expect(!isAccepted())
        current.replace(with: try #require(KeySet(signer.keySet)))
        #expect(isAccepted())
        current.replace(with: try #require(KeySet(try Signer().keySet)))
        #expect(!isAccepted())
    }

    @Test func `who has a key of the set can play Chat, and nobody else`() throws {
        let keys = try #require(KeySet(signer.keySet))
        let scheme = Scheme.jwt(.googleChat(audience: "123", keys: CurrentKeySet(keys)))
        let request = UnsignedRequest(
            path: "/", content: [], id: "", timestampMilliseconds: now)
        func fields(_ pem: [UInt8]) throws -> [(name: String, value: String)] {
            try scheme.fields(
                for: request, secrets: [SigningSecret(Secret(pem), kind: .rsaPrivate)])
        }
        let field = try #require(try fields(signer.privateKey).first)
        #expect(field.name == "authorization")
        #expect(try refusal([field.value]) == nil)
        #expect(throws: SigningError.keyNotInSet) { try fields(try Signer().privateKey) }
        #expect(throws: SigningError.keyNotInSet) { try fields(Array("no key".utf8)) }
        #expect(throws: SigningError.foreignIssuer) {
            try scheme.fields(for: request, secrets: [SigningSecret(Secret("s"))])
        }
    }

    @Test func `a key set needs an RSA key of 2048 bits`() {
        #expect(KeySet(Array(#"{"keys":[]}"#.utf8)) == nil)
        #expect(KeySet(Array("[".utf8)) == nil)
        let short = base64URLEncoded([UInt8](repeating: 0xC1, count: 128))
        #expect(
            KeySet(Array(#"{"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":"\#(short)"}]}"#.utf8))
                == nil)
    }
}
