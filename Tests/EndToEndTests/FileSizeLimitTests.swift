import Foundation
import Testing

/// A limit on the size of files, as LimitFSIZE= of a service or a full disk is one.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FileSizeLimitTests {
    private func payload(_ number: Int) -> String {
        let push = GatewayFixture.pushPayload(after: GatewayFixture.commit(number))
        return "{\"pad\":\"\(String(repeating: "x", count: 8000))\"," + push.dropFirst()
    }

    @Test func `a store that cannot grow is a 503, and loses nothing that was acknowledged`() throws
    {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.startEmulator()
        try fixture.writeConfiguration()
        // In blocks of 512 bytes. Who runs the tests may ignore the signal, as Python does, and then
        // so would the gateway of itself.
        try fixture.startGateway(
            launcher: [
                "/usr/bin/env", "--default-signal=XFSZ", "/bin/sh", "-c",
                "ulimit -f 1200; exec \"$0\" \"$@\"",
            ])
        var acknowledged: [Int] = []
        var refusal: Answer?
        for number in 1...200 where refusal == nil {
            let answer = try fixture.push(payload(number), delivery: "d\(number)")
            if answer.status == 202 { acknowledged.append(number) } else { refusal = answer }
        }
        #expect(refusal?.status == 503, "\(String(describing: refusal?.head))")
        #expect(refusal?.head.contains("\r\nRetry-After: ") == true)
        #expect(!acknowledged.isEmpty)
        #expect(fixture.gateway?.isRunning == true)
        #expect(try fixture.get("/readyz", port: fixture.adminPort).status == 503)
        let other = GatewayFixture.pushPayload(branch: "topic", after: GatewayFixture.commit(1))
        #expect(try fixture.push(other, delivery: "other").status == 200)
        fixture.gateway?.send(SIGTERM)
        #expect(try fixture.gateway?.waitForExit() == 0)

        try fixture.startGateway()
        for number in acknowledged {
            let answer = try fixture.push(payload(number), delivery: "d\(number)")
            #expect(try answer.status == 200 && answer.receipt().duplicate == true, "\(number)")
        }
        try waitUntil("every start") {
            try fixture.journal().executionsCreated == acknowledged.count
        }
    }
}
