import Foundation
import TestSupport
import Testing

/// What a gateway keeps of the memory that requests took.
@Suite struct MemoryTests {
    @Test func `large payloads leave no memory behind`() throws {
        let fixture = try GatewayFixture()
        try fixture.write(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            eventLoops: 2
            aws: {region: eu-west-1}
            sources:
              open: {type: github, verification: none, bodyLimit: 25MiB}

            """, to: "hookline.yaml")
        try fixture.startGateway()
        let process = try #require(fixture.gateway).identifier
        let before = try residentMebibytes(of: process)
        let payload = #"{"l":["# + String(repeating: "1,", count: 8_000_000) + "1]}"
        for number in 0..<4 {
            let answer = try fixture.request(
                "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "X-GitHub-Event: push\r\nX-GitHub-Delivery: \(number)\r\n"
                    + "Content-Length: \(payload.utf8.count)\r\nConnection: close\r\n\r\n\(payload)",
                port: fixture.port)
            #expect(answer.status == 200, "\(answer)")
        }
        // One such payload takes 16 MB, and over 200 MB when it is parsed.
        try waitUntil("the memory of the payloads", seconds: 20) {
            try residentMebibytes(of: process) < before + 40
        }
    }

    private func residentMebibytes(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber))) / 1024
    }
}
