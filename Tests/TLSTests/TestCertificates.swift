import Foundation
import TLS

/// Certificates made by the openssl command, once a run, in a folder of their own.
struct TestCertificates: Sendable {
    static let openssl = "/usr/bin/openssl"
    /// Without the command there are no certificates, and nearly all tests are skipped.
    static let isPossible: Bool = {
        let found = FileManager.default.isExecutableFile(atPath: openssl)
        if !found { print("TLS tests are skipped: there is no \(openssl)") }
        return found
    }()

    /// In seconds since 1970; a minute from now, when all certificates have begun.
    static let now = Int64(Date().timeIntervalSince1970) + 60

    private static let files: Result<[String: [UInt8]], any Error> = Result { try make() }

    /// One of the files that the script below makes; its path is its name.
    static func file(_ name: String) throws -> PEMFile {
        try PEMFile(path: name, bytes: bytes(name))
    }

    static func text(_ name: String) throws -> String {
        try String(decoding: bytes(name), as: UTF8.self)
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        guard let bytes = try files.get()[name] else { throw NoSuchFile(name: name) }
        return bytes
    }

    struct NoSuchFile: Error { let name: String }
    struct ScriptFailed: Error { let status: Int32 }

    /// Keys are read and removed at once: none stays behind on the machine.
    private static func make() throws -> [String: [UInt8]] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "hookline-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-euc", script]
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ScriptFailed(status: process.terminationStatus)
        }
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try Array(Data(contentsOf: folder.appending(path: name)))
        }
        return files
    }

    /// `sign NAME ISSUER SUBJECT DAYS EXTENSIONS` makes NAME.crt and NAME.key.
    private static let script = #"""
        ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        authority() {
            openssl req -x509 $ec -keyout $1.key -out $1.crt -subj "/CN=$1" -days 3650 \
                -addext basicConstraints=critical,CA:TRUE
        }
        sign() {
            printf "$5" > $1.ext
            openssl req $ec -utf8 -keyout $1.key -out $1.csr -subj "$3"
            openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -days $4 -extfile $1.ext -out $1.crt
        }
        authority ca
        authority other-ca
        leaf='basicConstraints=CA:FALSE\n'
        sign server ca /CN=localhost 3650 "${leaf}subjectAltName=DNS:localhost\n"
        sign renewed ca /CN=localhost 3650 "${leaf}subjectAltName=DNS:localhost\n"
        sign expired ca /CN=localhost -1 "$leaf"
        sign intermediate ca /CN=intermediate 3650 'basicConstraints=critical,CA:TRUE\n'
        sign below intermediate /CN=below 3650 "$leaf"
        sign client ca '/O=Æther, Inc./CN=build-7' 3650 \
            "${leaf}subjectAltName=DNS:build-7.example.com,URI:spiffe://example.com/build,email:ci@example.com,IP:192.0.2.7,IP:2001:db8::7,RID:1.2.3\n"
        sign nameless ca /CN=nameless 3650 "$leaf"
        sign client-expired ca /CN=late -1 "$leaf"
        sign client-other other-ca /CN=stranger 3650 "$leaf"
        sign server-only ca /CN=wrong-purpose 3650 "${leaf}extendedKeyUsage=serverAuth\n"
        sign odd-names ca /CN=odd 3650 \
            "${leaf}subjectAltName=DER:30:10:82:05:61:00:2e:62:63:82:02:6f:6b:87:03:01:02:03\n"
        for number in 1 2 3 4 5 6; do
            previous=$([ $number = 1 ] && echo ca || echo deep$((number - 1)))
            sign deep$number $previous /CN=deep$number 3650 'basicConstraints=critical,CA:TRUE\n'
        done
        sign below5 deep5 /CN=below5 3650 "$leaf"
        sign below4 deep4 /CN=below4 3650 "$leaf"
        cat below5.crt deep5.crt deep4.crt deep3.crt deep2.crt deep1.crt > below5-chain.crt
        cat below4.crt deep4.crt deep3.crt deep2.crt deep1.crt > below4-chain.crt
        cat below.crt intermediate.crt > below-chain.crt
        cat server.crt other-ca.crt > broken-chain.crt
        cat server.key server.crt > both.pem
        sign big ca /CN=big 3650 "${leaf}nsComment=$(head -c 7800 /dev/zero | tr '\0' x)\n"
        cat client.crt big.crt big.crt big.crt > client-3-big.crt
        cat client-3-big.crt big.crt > client-4-big.crt
        openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.crt -subj /CN=rsa -days 99
        openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj /CN=weak -days 99
        openssl req -x509 -newkey ed25519 -nodes -keyout ed.key -out ed.crt -subj /CN=ed -days 99
        openssl ec -in server.key -aes256 -passout pass:secret -out encrypted-old.key
        openssl pkcs8 -topk8 -in server.key -passout pass:secret -out encrypted.key
        """#
}

extension TLSContext {
    /// A server's context with a fresh set of ticket keys.
    static func server(
        _ name: String = "server", clientCA: String? = nil,
        ticketKeys: TicketKeys = TicketKeys(at: .zero), at now: Int64 = TestCertificates.now
    ) throws -> TLSContext {
        try TLSContext(
            certificate: TestCertificates.file("\(name).crt"),
            key: TestCertificates.file("\(name).key"),
            clientCA: clientCA.map { try TestCertificates.file("\($0).crt") },
            ticketKeys: ticketKeys, at: now)
    }

    /// A client's context that trusts `ca`.
    static func client(
        _ version: TLSVersion? = nil, certificate: String? = nil, key: String? = nil,
        trusting authority: String = "ca", protocols: [String] = ["http/1.1"]
    ) throws -> TLSContext {
        try TLSContext(
            trusting: TestCertificates.file("\(authority).crt"),
            certificate: certificate.map { try TestCertificates.file("\($0).crt") },
            key: (key ?? certificate).map { try TestCertificates.file("\($0).key") },
            versions: version.map { $0...$0 } ?? .tls12 ... .tls13, protocols: protocols)
    }
}
