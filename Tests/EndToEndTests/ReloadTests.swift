import Foundation
import Testing

/// Rules are loaded anew while the gateway runs.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReloadTests {
    private func rule(_ name: String, epochs: Int = 20) -> String {
        """
        rules:
          - name: \(name)
            source: github
            on: {push: {branches: [main]}}
            start: {PipelineName: churn-training, PipelineParameters: {Epochs: \(epochs)}}

        """
    }

    private func started(_ fixture: GatewayFixture, _ delivery: String) throws -> [String] {
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        return try fixture.push(payload, delivery: delivery).receipt().starts.map(\.rule)
    }

    private func reloads(_ fixture: GatewayFixture, _ outcome: String) throws -> Int {
        let text = try fixture.get("/metrics", port: fixture.adminPort).content
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("hookline_reloads_total{outcome=\"\(outcome)\"}")
        }
        return Int(try #require(line?.split(separator: " ").last)) ?? -1
    }

    @Test
    func `a bad reload keeps the rules, is counted, logged with its errors, and told by readyz`()
        throws
    {
        let fixture = try GatewayFixture()
        try fixture.write(rule("first"), to: "rules/a.yaml")
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        try fixture.startGateway()
        #expect(try reloads(fixture, "loaded") == 0 && reloads(fixture, "refused") == 0)
        let ready = try fixture.get("/readyz", port: fixture.adminPort)
        #expect(ready.status == 200 && ready.content.contains("\"rules\":\"ok\""))

        let bad =
            rule("second").replacingOccurrences(of: "source:", with: "sorce:")
            + "    when: bdy.x == 1\n"
        try fixture.write(bad, to: "rules/a.yaml")
        try waitUntil("the refusal") { try reloads(fixture, "refused") == 1 }
        // The log has a thread of its own, which may be behind the count.
        for line in ["rules/a.yaml:3:5: unknown key \\\"sorce\\\"", "unknown variable \\\"bdy\\\""]
        {
            try waitUntil(line) { fixture.gateway?.errors.contains(line) ?? false }
        }
        let told = try fixture.get("/readyz", port: fixture.adminPort)
        // The old rules work, so traffic is still wanted.
        #expect(told.status == 200)
        #expect(told.content.contains("the last reload was refused with"), "\(told.content)")
        #expect(try started(fixture, "a") == ["first"])

        try fixture.write(rule("second"), to: "rules/a.yaml")
        fixture.gateway?.send(SIGHUP)
        try waitUntil("the reload") { try reloads(fixture, "loaded") >= 1 }
        let again = try fixture.get("/readyz", port: fixture.adminPort)
        #expect(again.content.contains("\"rules\":\"ok\""), "\(again.content)")
        #expect(try started(fixture, "b") == ["second"])
    }

    @Test func `a ConfigMap is followed when Kubernetes turns its link`() throws {
        let fixture = try GatewayFixture()
        let files = FileManager.default
        func path(_ name: String) -> String { fixture.folder.appendingPathComponent(name).path }
        // As the kubelet lays a volume out: names link into ..data, which links to a folder.
        for (number, name) in ["first", "second"].enumerated() {
            try files.createDirectory(
                atPath: path("rules/..\(number)"), withIntermediateDirectories: true)
            try fixture.write(rule(name), to: "rules/..\(number)/train.yaml")
        }
        try files.createSymbolicLink(atPath: path("rules/..data"), withDestinationPath: "..0")
        try files.createSymbolicLink(
            atPath: path("rules/train.yaml"), withDestinationPath: "..data/train.yaml")
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        try fixture.startGateway()
        #expect(try started(fixture, "a") == ["first"])

        try files.createSymbolicLink(atPath: path("rules/..data_tmp"), withDestinationPath: "..1")
        #expect(rename(path("rules/..data_tmp"), path("rules/..data")) == 0)
        try files.removeItem(atPath: path("rules/..0"))
        try waitUntil("the reload") { try reloads(fixture, "loaded") == 1 }
        #expect(try started(fixture, "b") == ["second"])
        #expect(try reloads(fixture, "refused") == 0)
    }

    @Test func `a start that is stored is not rendered anew by other rules`() throws {
        let fixture = try GatewayFixture()
        // Only to get a port that nobody else has.
        try fixture.startEmulator()
        let port = fixture.emulatorPort
        try fixture.stopEmulator()
        try fixture.write(rule("train", epochs: 1), to: "rules/a.yaml")
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:\(port)")
        try fixture.startGateway()
        #expect(try started(fixture, "a") == ["train"])
        try fixture.write(rule("train", epochs: 2), to: "rules/a.yaml")
        fixture.gateway?.send(SIGHUP)
        try waitUntil("the reload") { try reloads(fixture, "loaded") >= 1 }
        try fixture.startEmulator(port: port)
        try waitUntil("the start") { try fixture.journal().executionsCreated == 1 }
        let parameters = try fixture.journal().requests.compactMap(\.parameters)
        #expect(parameters.allSatisfy { $0["Epochs"] == "1" } && !parameters.isEmpty)
    }
}
