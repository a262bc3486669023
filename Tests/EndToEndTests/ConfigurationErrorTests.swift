import Foundation
import Testing

/// A run of `hookline check` tells all that is wrong: no error hides another.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConfigurationErrorTests {
    /// The errors of a configuration, without the file's name.
    private func errors(_ text: String, rules: String? = nil) throws -> [String] {
        let fixture = try GatewayFixture()
        if let rules { try fixture.write(rules, to: "rules/r.yaml") }
        try fixture.write("aws: {region: eu-west-1}\n" + text, to: "hookline.yaml")
        let process = try fixture.run(["check"])
        #expect(try process.waitForExit() == (process.errors.isEmpty ? 0 : 1))
        return process.errors.split(separator: "\n").map { line in
            String(line.trimmingPrefix("hookline.yaml:"))
        }
    }

    private static let bad =
        "secrets: [{env: NOT_SET, notAfter: soon}], bodyLimit: x, allowFrom: [zz], tolerance: y, "
        + "verification: some, path: none, pth: /a"

    /// The columns of what is wrong in ``bad``, by what the messages say.
    private static let messages = [
        "NOT_SET is not set", "not \"soon\"", "not \"x\"", "\"zz\" is no network", "not \"y\"",
        "the only verification", "expected a path", "unknown key \"pth\"",
    ]

    @Test(arguments: [
        ("", "a source needs the key \"type\""),
        ("type: gihub, ", "unknown type \"gihub\"; did you mean \"github\"?"),
        ("type: 5, ", "expected a type of sender as text"),
    ])
    func `a source whose type is not known is checked for all else`(
        type: String, problem: String
    ) throws {
        let found = try errors("sources: {a: {\(type)\(Self.bad)}}\n")
        for message in Self.messages + [problem] {
            #expect(found.count { $0.contains(message) } == 1, "\(message): \(found)")
        }
        #expect(found.count == Self.messages.count + 1, "\(found)")
    }

    @Test func `a source without secrets, or with a bad name, is checked for all else`() throws {
        let found = try errors(
            """
            sources:
              a: {type: github, bodyLimit: x, allowFrom: [zz]}
              b c: {type: github, secrets: [{env: NOT_SET}]}

            """)
        #expect(
            found.map { $0.prefix { $0 != " " } } == ["3:3:", "3:32:", "3:47:", "4:3:", "4:39:"],
            "\(found)")
    }

    @Test func `a key that a type needs hides no error of its others`() throws {
        let found = try errors(
            """
            tls: {key: no.key, clientCA: no.crt}
            sources:
              a:
                type: hmac
                secrets: [{env: GITHUB_WEBHOOK_SECRET}]
                algorithm: md5
                signed: "{nope}"
                separator: ab
              b: {type: google-chat}
              c: {type: google-chat, keys: no.json}

            """)
        let expected = [
            ("2:6:", "tls needs the key \"certificate\""), ("2:12:", "no.key"),
            ("2:30:", "no.crt"),
            ("5:5:", "a source needs the key \"header\""), ("7:16:", "algorithm cannot be"),
            ("8:13:", "signed: "), ("9:16:", "expected one character"),
            ("10:6:", "a source needs the key \"audience\""),
            ("10:6:", "a source needs the key \"keys\""),
            ("11:6:", "a source needs the key \"audience\""), ("11:32:", "no.json"),
        ]
        #expect(found.count == expected.count, "\(found)")
        for (place, message) in expected {
            #expect(
                found.contains { $0.hasPrefix(place) && $0.contains(message) },
                "\(place) \(message): \(found)")
        }
    }

    @Test func `a rule with errors of its own is checked against the configuration too`() throws {
        let found = try errors(
            "rules: rules/*.yaml\nsources: {github: {type: github, verification: none}}\n",
            rules: """
                rules:
                  - name: r
                    source: [github, githb]
                    whn: 'true'
                    callback: {url: "http://127.0.0.1/x"}
                """)
        for message in [
            "r.yaml:3:22: there is no source \"githb\"", "r.yaml:4:5: unknown key \"whn\"",
            "r.yaml:2:5: a rule needs the key \"start\"",
            "callbacks.signingSecrets must have a secret",
            "callbacks to 127.0.0.1 are refused",
        ] {
            #expect(found.count { $0.contains(message) } == 1, "\(message): \(found)")
        }
        #expect(found.count == 5, "\(found)")
    }
}
