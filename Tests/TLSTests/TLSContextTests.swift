import Foundation
import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isPossible)) struct TLSContextTests {
    private func refusal(
        certificate: String = "server.crt", key: String = "server.key", clientCA: String? = nil
    ) throws -> TLSError? {
        let authority = try clientCA.map(TestCertificates.file)
        return try refusal(
            TestCertificates.file(certificate), TestCertificates.file(key), authority)
    }

    private func refusal(
        _ certificate: PEMFile, _ key: PEMFile, _ clientCA: PEMFile? = nil
    ) -> TLSError? {
        failure { () throws(TLSError) in
            _ = try TLSContext(
                certificate: certificate, key: key, clientCA: clientCA,
                ticketKeys: TicketKeys(at: .zero), at: TestCertificates.now)
        }
    }

    private func pem(_ text: some StringProtocol) throws -> PEMFile {
        try PEMFile(path: "given.pem", bytes: Array(text.utf8))
    }

    @Test func `certificate and key may be in one file`() throws {
        #expect(try refusal(certificate: "both.pem", key: "both.pem") == nil)
        #expect(try refusal(clientCA: "ca.crt") == nil)
    }

    @Test func `a file is read whole`() throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "hookline-\(UUID().uuidString).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try TestCertificates.text("both.pem").write(
            toFile: path, atomically: true, encoding: .utf8)
        let file = try PEMFile(reading: path)
        #expect(file.path == path)
        #expect(refusal(file, file) == nil)
    }

    @Test func `an unreadable file is named with the reason`() {
        #expect(
            failure { () throws(TLSError) in _ = try PEMFile(reading: "/nonexistent/tls.crt") }
                == .fileUnreadable(
                    path: "/nonexistent/tls.crt", reason: "No such file or directory"))
        #expect(
            failure { () throws(TLSError) in _ = try PEMFile(reading: "/") }
                == .fileUnreadable(path: "/", reason: "Is a directory"))
        // A FIFO would never end; neither does this.
        #expect(
            failure { () throws(TLSError) in _ = try PEMFile(reading: "/dev/zero") }
                == .fileUnreadable(path: "/dev/zero", reason: "it is not a regular file"))
    }

    @Test func `a file may have a mebibyte and not a byte more`() throws {
        #expect(TLSLimits.fileBytesMax == 1 << 20)
        let server = try TestCertificates.text("server.crt")
        let filler = String(repeating: "\n", count: TLSLimits.fileBytesMax - server.utf8.count)
        #expect(try refusal(pem(server + filler), TestCertificates.file("server.key")) == nil)
        #expect(
            failure { () throws(TLSError) in
                _ = try PEMFile(path: "x", bytes: [UInt8](repeating: 10, count: (1 << 20) + 1))
            } == .fileTooLarge(path: "x", limit: 1 << 20))
        let path = FileManager.default.temporaryDirectory
            .appending(path: "hookline-\(UUID().uuidString).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(repeating: 10, count: (1 << 20) + 1).write(to: URL(fileURLWithPath: path))
        #expect(
            failure { () throws(TLSError) in _ = try PEMFile(reading: path) }
                == .fileTooLarge(path: path, limit: 1 << 20))
    }

    @Test(arguments: ["", "\n", "hello", "-----BEGIN", "\0\u{1}"])
    func `a file without the block that is needed is not PEM`(text: String) throws {
        let key = try TestCertificates.file("server.key")
        let certificate = try TestCertificates.file("server.crt")
        let given = try pem(text)
        #expect(refusal(given, key) == .notPEM(path: "given.pem", expected: "CERTIFICATE"))
        #expect(refusal(certificate, given) == .notPEM(path: "given.pem", expected: "PRIVATE KEY"))
        #expect(
            refusal(certificate, key, given)
                == .notPEM(path: "given.pem", expected: "CERTIFICATE"))
    }

    @Test func `a certificate is no key and a key no certificate`() throws {
        #expect(
            try refusal(certificate: "server.key")
                == .notPEM(path: "server.key", expected: "CERTIFICATE"))
        #expect(
            try refusal(key: "server.crt")
                == .notPEM(path: "server.crt", expected: "PRIVATE KEY"))
    }

    @Test func `a broken block is named by its position`() throws {
        let key = try TestCertificates.file("server.key")
        let server = try TestCertificates.text("server.crt")
        let cut = server.prefix(server.count / 2)
        #expect(brokenBlock(refusal(try pem(cut), key)) == 1)
        #expect(brokenBlock(refusal(try pem(server + cut), key)) == 2)
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        #expect(brokenBlock(refusal(try pem(junk), key)) == 1)
        let noKey = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        #expect(brokenBlock(refusal(try pem(server), try pem(noKey))) == 1)
        let keyText = try TestCertificates.text("server.key")
        let cutKey = try pem(keyText.prefix(keyText.count / 2))
        #expect(brokenBlock(refusal(try pem(server), cutKey)) == 1)
    }

    private func brokenBlock(_ error: TLSError?) -> Int? {
        guard case .pemInvalid("given.pem", let position, _)? = error else { return nil }
        return position
    }

    @Test(arguments: ["encrypted.key", "encrypted-old.key"])
    func `an encrypted key is refused without asking for a passphrase`(name: String) throws {
        #expect(try refusal(key: name) == .keyEncrypted(path: name))
    }

    @Test(arguments: ["renewed.key", "rsa.key"])
    func `a key of another certificate is refused`(name: String) throws {
        #expect(
            try refusal(key: name)
                == .keyMismatch(
                    key: name,
                    certificate: "server.crt"))
    }

    @Test func `a key of 1024 bits is too short`() throws {
        #expect(
            try refusal(certificate: "weak.crt", key: "weak.key")
                == .certificateRefused(
                    path: "weak.crt", reason: "ee key too small"))
    }

    @Test func `a chain may have ten certificates and not eleven`() throws {
        let key = try TestCertificates.file("server.key")
        let server = try TestCertificates.text("server.crt")
        let other = try TestCertificates.text("ca.crt")
        #expect(refusal(try pem(server + String(repeating: other, count: 9)), key) == nil)
        #expect(
            refusal(try pem(server + String(repeating: other, count: 10)), key)
                == .tooManyCertificates(path: "given.pem", limit: 10))
    }

    @Test func `a chain may have 64 KiB in all`() throws {
        #expect(TLSLimits.chainBytesMax == 65_536)
        let key = try TestCertificates.file("server.key")
        let server = try TestCertificates.text("server.crt")
        // Each has about 8 KB.
        let big = try TestCertificates.text("big.crt")
        #expect(refusal(try pem(server + String(repeating: big, count: 7)), key) == nil)
        #expect(
            refusal(try pem(server + String(repeating: big, count: 9)), key)
                == .chainTooLarge(path: "given.pem", limit: 65_536))
    }

    @Test func `a clientCA may have 64 certificates and not 65`() throws {
        let key = try TestCertificates.file("server.key")
        let certificate = try TestCertificates.file("server.crt")
        let authority = try TestCertificates.text("ca.crt")
        let most = try pem(String(repeating: authority, count: 64))
        #expect(refusal(certificate, key, most) == nil)
        #expect(
            refusal(certificate, key, try pem(String(repeating: authority, count: 65)))
                == .tooManyCertificates(path: "given.pem", limit: 64))
    }

    @Test func `what clients may stumble over is a warning`() throws {
        let now = TestCertificates.now
        #expect(try TLSContext.server(clientCA: "ca", at: now).warnings == [])
        let late = try TLSContext.server("expired").warnings
        guard case .expired(_, 1, let notAfter)? = late.first else {
            Issue.record("\(late)")
            return
        }
        #expect(notAfter.hasSuffix("Z"))
        // In 2001 no certificate of this run was valid yet.
        let early = try TLSContext.server(at: 1_000_000_000).warnings
        #expect(early.count == 1)
        #expect("\(early)".contains("certificate 1 is not valid before 20"))
        let broken = try TLSContext(
            certificate: TestCertificates.file("broken-chain.crt"),
            key: TestCertificates.file("server.key"), ticketKeys: TicketKeys(at: .zero), at: now)
        #expect(
            broken.warnings
                == [.chainBroken(path: "broken-chain.crt", position: 2)])
        #expect(broken.expires > now)
    }

    @Test func `errors and files never show their bytes`() throws {
        let key = try TestCertificates.file("server.key")
        let body = try TestCertificates.text("server.key").split(separator: "\n")[1].prefix(20)
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key) \(String(reflecting: key)) \(dumped)".contains(body))
        #expect(!dumped.contains("bytes"))
        for error in [try refusal(key: "encrypted.key"), try refusal(key: "renewed.key")] {
            let text = try #require(error).description
            #expect(!text.contains("\n"))
            #expect(text.contains(".key"))
        }
    }
}
