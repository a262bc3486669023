import Foundation
import Testing

/// Every type of source through the built program: `send` signs, `serve` verifies.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SenderTests {
    private static let seed = String(repeating: "07", count: 32)
    private static let otherSeed = String(repeating: "08", count: 32)
    /// The public half of the first seed.
    private static let publicKey =
        "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
    private static let whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// A source's settings beside its secret, the secret, and a payload.
    private struct Case {
        let name: String
        var settings: String
        var secret: String
        var payload = #"{"type":"x"}"#
        var arguments: [String] = []

        init(
            _ name: String, _ settings: String? = nil, secret: String = "s3cret",
            payload: String = #"{"type":"x"}"#, arguments: [String] = []
        ) {
            self.name = name
            self.settings = settings ?? "type: \(name)"
            self.secret = secret
            self.payload = payload
            self.arguments = arguments
        }

        var variable: String {
            "SECRET_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
        }
    }

    private static let cases = [
        Case("github", arguments: ["--event", "push"]),
        Case("gitlab"),
        Case("gitlab-signed", "type: gitlab, require: signature", secret: whsec),
        Case("bitbucket", arguments: ["--event", "repo:push"]),
        Case("bitbucket-dc", arguments: ["--header", "X-Event-Key: pr:opened"]),
        Case("gitea", payload: "payload=%7B%22a%22%3A1%7D"),
        Case("forgejo", arguments: ["--event", "push"]),
        Case("azure-devops", secret: "user:password"),
        Case("azure-field", "type: azure-devops, header: X-Hook"),
        Case("slack", payload: "command=%2Ftrain&text=churn&trigger_id=1"),
        Case(
            "discord", secret: publicKey, payload: #"{"type":1}"#,
            arguments: ["--private-key", "seed"]),
        Case("teams", secret: "c2VjcmV0", payload: #"{"type":"message","text":"train"}"#),
        Case("mattermost"), Case("telegram"), Case("standard-webhooks", secret: whsec),
        Case("stripe"), Case("mlflow"), Case("huggingface"), Case("wandb"), Case("harbor"),
        Case("acr", "type: acr, header: X-Acr"), Case("label-studio"), Case("cloudevents"),
        Case("dockerhub", "type: dockerhub, verification: none", secret: ""),
        Case(
            "hmac",
            #"type: hmac, header: X-Sig, algorithm: sha512, encoding: base64url, prefix: "v=", "#
                + #"signed: "{method}:{path}:{id}:{ts}:{body}", timestampHeader: X-Time, "#
                + "timestampUnit: ms, idHeader: X-Id, secretEncoding: hex", secret: "00ff10"),
        Case("token"), Case("token-prefix", "type: token, header: X-Key, prefix: \"Key \""),
    ]

    private func configuration(_ sources: [String]) -> String {
        "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\naws: {region: eu-west-1}\nsources:\n"
            + sources.map { "  \($0)\n" }.joined()
    }

    @Test func `what send signs, serve accepts, for every type of source`() throws {
        let fixture = try GatewayFixture()
        var sources: [String] = []
        for test in Self.cases {
            let secrets = test.secret.isEmpty ? "" : ", secrets: [{env: \(test.variable)}]"
            sources.append("\(test.name): {\(test.settings)\(secrets)}")
            fixture.environment[test.variable] = test.secret
        }
        try fixture.write(Self.seed + "\n", to: "seed")
        try fixture.write(configuration(sources), to: "hookline.yaml")
        try fixture.startGateway()
        for test in Self.cases {
            try fixture.write(test.payload, to: "payload")
            let url = "http://127.0.0.1:\(fixture.port)/hooks/\(test.name)"
            let arguments =
                ["send", "--source", test.name, "--payload", "payload", "--url", url]
                + test.arguments
            let process = try fixture.run(arguments)
            #expect(
                try process.waitForExit() == 0,
                "\(test.name): \(process.output) \(process.errors)")
            #expect(process.output.hasPrefix("20"), "\(test.name): \(process.output)")
            if test.secret.isEmpty { continue }
            if test.name == "discord" {
                // Its sender signs with a key that the gateway has not.
                try fixture.write(Self.otherSeed, to: "seed")
                let forged = try fixture.run(arguments)
                #expect(try forged.waitForExit() == 1)
                #expect(forged.output.hasPrefix("401"), "\(forged.output)")
                continue
            }
            // The same with another secret of the same form.
            let right = fixture.environment[test.variable]
            fixture.environment[test.variable] = other(test.secret)
            let forged = try fixture.run(arguments)
            #expect(try forged.waitForExit() == 1, "\(test.name)")
            #expect(forged.output.hasPrefix("401"), "\(test.name): \(forged.output)")
            fixture.environment[test.variable] = right
        }
        let log = try #require(fixture.gateway).errors
        #expect(!log.contains("s3cret"))
    }

    private func other(_ secret: String) -> String {
        secret.replacingOccurrences(of: "s3cret", with: "s4cret")
            .replacingOccurrences(of: "password", with: "passwore")
            .replacingOccurrences(of: "MfKQ", with: "MfKR")
            .replacingOccurrences(of: "c2Vj", with: "c2Vk")
            .replacingOccurrences(of: "00ff", with: "00fe")
    }

    @Test func `each wrong setting of a source is told where it stands`() throws {
        let fixture = try GatewayFixture()
        try fixture.write("{}", to: "keys.json")
        fixture.environment.merge(
            [
                "TOKEN": "t", "WHSEC": Self.whsec, "BAD": "whsec_AAAA", "KEY": Self.publicKey,
            ]) { $1 }
        let token = "secrets: [{env: TOKEN}]"
        let table: [(source: String, problem: String)] = [
            (
                "{type: gitlub, \(token)}",
                "unknown type \"gitlub\"; did you mean \"github\"?"
            ),
            ("{type: github, \(token), require: both}", "github has no key \"require\""),
            ("{type: github, \(token), header: X}", "github has no key \"header\""),
            ("{type: github, \(token), tolerance: 5s}", "signs no timestamp"),
            ("{type: slack, \(token), tolerance: 0s}", "out of range"),
            ("{type: gitlab, \(token), require: most}", "require cannot be \"most\""),
            ("{type: gitlab, \(token), require: signature}", "needs a signing token"),
            ("{type: gitlab, secrets: [{env: WHSEC}], require: both}", "needs a secret without"),
            (
                "{type: gitlab, secrets: [{env: BAD}]}",
                "expected the secret to be a token, or whsec_"
            ),
            ("{type: standard-webhooks, \(token)}", "expected the secret to be whsec_"),
            ("{type: discord, \(token)}", "expected the secret to be a public key"),
            ("{type: teams, secrets: [{env: BAD}]}", "expected the secret to be a key in base64"),
            ("{type: azure-devops, \(token)}", "expected the secret to be user:password"),
            ("{type: slack}", "has no secrets"), ("{type: token}", "has no secrets"),
            ("{type: slack, secrets: []}", "expected at least one secret"),
            ("{type: dockerhub}", "proves nothing; say verification: none"),
            ("{type: dockerhub, \(token)}", "has no secrets"),
            ("{type: hmac, \(token)}", "needs the key \"header\""),
            ("{type: hmac, \(token), header: 'a b'}", "expected a header field's name"),
            ("{type: hmac, \(token), header: X, algorithm: md5}", "algorithm cannot be \"md5\""),
            ("{type: hmac, \(token), header: X, encoding: hax}", "did you mean \"hex\"?"),
            ("{type: hmac, \(token), header: X, encoding: hexOrBase64}", "expected hex, base64 or"),
            ("{type: hmac, \(token), header: X, secretEncoding: utf16}", "did you mean \"utf8\"?"),
            ("{type: hmac, \(token), header: X, signed: '{ts}'}", "{body} is missing"),
            ("{type: hmac, \(token), header: X, signed: '{ts}{body}'}", "needs timestampHeader"),
            ("{type: hmac, \(token), header: X, signed: '{id}{body}'}", "needs idHeader"),
            ("{type: hmac, \(token), header: X, timestampHeader: T}", "proves nothing; put {ts}"),
            ("{type: hmac, \(token), header: X, separator: ab}", "expected one character"),
            ("{type: hmac, \(token), header: X, secretEncoding: hex}", "a key in hexadecimal"),
            ("{type: google-chat, audience: a}", "needs the key \"keys\""),
            ("{type: google-chat, keys: keys.json}", "needs the key \"audience\""),
            ("{type: google-chat, audience: a, keys: keys.json}", "expected a JSON Web Key Set"),
            ("{type: google-chat, audience: a, keys: [keys.json]}", "key set's path or URL"),
            ("{type: google-chat, audience: a, keys: absent}", "absent"),
            ("{type: google-chat, audience: a, keys: 'http://h/'}", "keys must come by https"),
            ("{type: google-chat, audience: a, keys: keys.json, \(token)}", "has no secrets"),
            ("{type: cloudevents, \(token), allowedOrigins: ['a b']}", "expected an origin"),
            ("{type: cloudevents, \(token), typo: 1}", "unknown key \"typo\""),
        ]
        for (source, problem) in table {
            try fixture.write(configuration(["s: \(source)"]), to: "hookline.yaml")
            let process = try fixture.run(["check"])
            #expect(try process.waitForExit() == 1, "\(source)")
            #expect(process.errors.contains("hookline.yaml:5:"), "\(process.errors)")
            #expect(process.errors.contains(problem), "\(source) → \(process.errors)")
        }
    }

    @Test func `explain reads forms and guesses the event`() throws {
        let fixture = try GatewayFixture()
        try fixture.write(
            configuration([
                "slack: {type: slack, secrets: [{env: NOT_SET}]}",
                "gitea: {type: gitea, secrets: [{env: NOT_SET}]}",
                "bitbucket: {type: bitbucket, secrets: [{env: NOT_SET}]}",
            ]), to: "hookline.yaml")
        let table: [(source: String, payload: String, kind: String)] = [
            ("slack", "command=%2Ftrain&text=churn", #""kind":"command""#),
            ("gitea", #"{"ref":"refs/tags/v1","before":"","after":""}"#, #""kind":"tag""#),
            ("gitea", "payload=%7B%22pull_request%22%3A%7B%7D%7D", #""kind":"change""#),
            ("bitbucket", #"{"push":{"changes":[{}]}}"#, #""kind":"push""#),
        ]
        for (source, payload, kind) in table {
            try fixture.write(payload, to: "payload")
            let process = try fixture.run([
                "explain", "--source", source, "--payload", "payload", "--format", "json",
            ])
            #expect(try process.waitForExit() == 0, "\(process.errors)")
            #expect(process.output.contains(kind), "\(process.output)")
        }
    }
}
