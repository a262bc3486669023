import Foundation
import JSON
import OpenSSLCrypto
import SageMakerAPI
import SageMakerClient
import Testing

/// What botocore says, from `Tests/Interoperability/botocore_oracle.py`.
///
/// `Tests/run` installs it; without it the tests here are skipped, and say so.
private enum Oracle {
    static let answer: [UInt8]? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appending(path: "Tests/Interoperability/botocore_oracle.py").path
        let own = root.appending(path: ".build/interoperability/bin/python").path
        for python in [own, "/usr/bin/env"]
        where FileManager.default.isExecutableFile(atPath: python) {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: python)
            process.arguments = python == own ? [script] : ["python3", script]
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            if process.terminationStatus == 0 { return Array(data) }
        }
        print("skipped: no python3 with botocore")
        return nil
    }()

    static var isThere: Bool { answer != nil }

    static func root() throws -> JSONValue {
        try JSONDocument(parsing: try #require(answer)).root
    }
}

@Suite(.enabled(if: Oracle.isThere)) struct OracleTests {
    @Test func `endpoints are botocore's in every region, with FIPS, dual stack and both`() throws {
        var count = 0
        let cases = try #require(try Oracle.root()["endpoints"])
        for item in cases.elements {
            let service: AWSService =
                switch item["service"]?.string {
                case "sts": .sts
                case "sso": .sso
                case "sso-oidc": .ssoOIDC
                default: .sageMaker
                }
            let resolver = try EndpointResolver(
                configured: nil,
                environment: [
                    "AWS_USE_FIPS_ENDPOINT": item["fips"]?.bool == true ? "true" : "false",
                    "AWS_USE_DUALSTACK_ENDPOINT": item["dual"]?.bool == true ? "true" : "false",
                ], shared: nil, service: service)
            let region = item["region"]?.string ?? ""
            #expect(
                try resolver.endpoint(region: region).url == item["url"]?.string,
                "\(service) in \(region)")
            count += 1
        }
        #expect(count > 800)
    }

    @Test
    func `signatures are botocore's for keys, tokens, hosts, bodies and moments of all kinds`()
        throws
    {
        var count = 0
        let cases = try #require(try Oracle.root()["signatures"])
        for item in cases.elements {
            func text(_ name: String) -> String { item[name]?.string ?? "" }
            let credentials = try Credentials(
                accessKeyID: text("key"), secretAccessKey: Secret(text("secret")),
                sessionToken: item["token"]?.string.map { Secret($0) }, from: "the oracle")
            var client = SageMakerClient(
                credentials: credentials,
                endpoints: try EndpointResolver(
                    configured: text("endpoint"), environment: [:], shared: nil))
            let request = try client.request(
                body: Array(text("body").utf8), region: text("region"),
                at: item["seconds"]?.int ?? 0)
            let fields = Dictionary(
                uniqueKeysWithValues: request.fields.map { ($0.name, $0.value) })
            #expect(fields["X-Amz-Date"] == text("date"))
            #expect(fields["Authorization"] == text("authorization"), "\(text("endpoint"))")
            count += 1
        }
        #expect(count == 200)
    }

    @Test func `no request of the installed botocore has a member that we lack`() throws {
        let operations = try #require(try Oracle.root()["operations"])
        for (key, members) in operations.members {
            let operation = try #require(PipelineOperation(rawValue: key.string ?? ""))
            for member in members.elements {
                let name = member.string ?? ""
                #expect(operation.input.member(name) != nil, "\(operation.rawValue).\(name)")
            }
        }
    }
}
