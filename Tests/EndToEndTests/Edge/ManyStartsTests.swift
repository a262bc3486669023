import Foundation
import TestSupport
import Testing

/// A delivery with as many starts as one may have.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ManyStartsTests {
    private static let batch: String = {
        let events = (0..<1000).map { number in
            #"{"specversion":"1.0","id":"\#(number)","source":"/s","type":"x"}"#
        }
        return "[\(events.joined(separator: ","))]"
    }()

    private func send(_ fixture: GatewayFixture) throws -> Answer {
        try fixture.request(
            "POST /hooks/s HTTP/1.1\r\nHost: x\r\nContent-Type: application/cloudevents-batch+json\r\n"
                + "Content-Length: \(Self.batch.utf8.count)\r\nConnection: close\r\n\r\n\(Self.batch)",
            port: fixture.port)
    }

    // With each start compared to all others, each answer took longer than the client waits.
    @Test func `it is committed, listed again when it is seen again, and keeps no end waiting`()
        throws
    {
        let fixture = try GatewayFixture()
        let rules = (0..<10).map { "  - {name: r\($0), source: s, start: {PipelineName: p}}\n" }
        try fixture.write("rules:\n" + rules.joined(), to: "rules/r.yaml")
        try fixture.write(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            rules: rules/*.yaml
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
            sources: {s: {type: cloudevents, verification: none}}
            """, to: "hookline.yaml")
        try fixture.startGateway()
        let first = try send(fixture)
        #expect(first.status == 202)
        let receipt = try first.receipt()
        #expect(receipt.starts.count == 10_000 && receipt.duplicate == nil)
        let again = try send(fixture)
        #expect(again.status == 200)
        #expect(try again.receipt().starts == receipt.starts)
        #expect(try again.receipt().duplicate == true)
        fixture.gateway?.send(SIGTERM)
        #expect(try fixture.gateway?.waitForExit() == 0)
    }
}
