import JSON
import Testing

@Suite struct JSONMaskTests {
    private let mask = JSONMask(["token", "project.token", "urls.url", "chat.*.uri"])

    private func masked(_ text: String) -> String? {
        mask.masked(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `nothing but the values is changed`() {
        let table: [(String, String?)] = [
            (#"{"token":"t"}"#, #"{"token":"<redacted>"}"#),
            (
                "{ \"token\" :\t\"t\" ,\r\n \"a\":1.0}",
                "{ \"token\" :\t\"<redacted>\" ,\r\n \"a\":1.0}"
            ),
            (#"{"token":12,"b":[]}"#, #"{"token":"<redacted>","b":[]}"#),
            (#"{"token":{"a":["}"]},"b":{}}"#, #"{"token":"<redacted>","b":{}}"#),
            (#"{"a":"\"token\":","token":"\\\"x"}"#, #"{"a":"\"token\":","token":"<redacted>"}"#),
            (#"{"token":"1","token":"2"}"#, #"{"token":"<redacted>","token":"<redacted>"}"#),
            (#"{"t\u006fken":"t"}"#, #"{"t\u006fken":"<redacted>"}"#),
            (
                #"{"a":{"token":"t"},"project":{"a":[{}],"token":"t"}}"#,
                #"{"a":{"token":"t"},"project":{"a":[{}],"token":"<redacted>"}}"#
            ),
            (
                #"{"urls":[{"url":"1"},3,[{"url":"x"}],{"url":"2"}]}"#,
                #"{"urls":[{"url":"<redacted>"},3,[{"url":"x"}],{"url":"<redacted>"}]}"#
            ),
            (#"[{"token":"t"}]"#, #"[{"token":"<redacted>"}]"#),
            (
                #"{"chat":{"x":{"uri":"1"},"y":{"uri":"2"}}}"#,
                #"{"chat":{"x":{"uri":"<redacted>"},"y":{"uri":"<redacted>"}}}"#
            ),
            (#"{"token":null}"#, nil), ("{}", nil), ("[]", nil), ("1", nil), ("\"token\"", nil),
            (#"{"project":"token"}"#, nil), (#"{"Token":"t"}"#, nil), (#"{"projects":{}}"#, nil),
        ]
        for (text, expected) in table { #expect(masked(text) == expected, "\(text)") }
    }

    @Test func `it is known from the outermost members whether there can be something`() throws {
        let table = [#"{"token":1}"#: true, #"{"project":{}}"#: true, #"{"a":{"token":1}}"#: false]
        let mask = JSONMask(["token", "project.token"])
        for (text, expected) in table {
            let root = try JSONDocument(parsing: Array(text.utf8)).root
            #expect(mask.concerns(root) == expected, "\(text)")
        }
        #expect(mask.covers("token".utf8))
        #expect(!mask.covers("project".utf8))
        #expect(JSONMask([]).isEmpty)
    }

    /// What is masked is JSON still, and has the secret no more.
    @Test func `texts that a seeded generator makes lose every secret`() throws {
        var random = Seeded(state: 7)
        for _ in 0..<2000 {
            let text = object(&random, depth: 0)
            let document = try JSONDocument(parsing: Array(text.utf8))
            let secrets = count(
                document.root, [["token"], ["project", "token"], ["urls", "url"]])
            guard let masked = mask.masked(Array(text.utf8)) else {
                #expect(secrets == 0, "\(text)")
                continue
            }
            let root = try JSONDocument(parsing: masked).root
            #expect(count(root, [["token"], ["project", "token"], ["urls", "url"]]) == 0)
            #expect(mask.masked(masked) == masked)
        }
    }

    @Test func `a text cut anywhere does no harm`() {
        let text = Array(
            #"{"a":[1,{"b":"\\"}],"project":{"token":"t\u0041"},"urls":[{"url":"u"}],"token":[{}]}"#
                .utf8)
        for end in text.indices {
            for start in [0, 1, 5, end / 2] where start <= end {
                let piece = Array(text[start..<end])
                if let masked = mask.masked(piece) { #expect(masked != piece) }
            }
        }
    }

    /// How many strings of the secret are at these paths, an array's elements among them.
    private func count(_ value: JSONValue, _ paths: [[String]]) -> Int {
        if paths.contains([]) { return value.string == "SECRET" ? 1 : 0 }
        var total = 0
        for member in value.members {
            let inner = paths.filter { $0.first == member.name.string }.map {
                Array($0.dropFirst())
            }
            guard !inner.isEmpty else { continue }
            total += count(member.value, inner)
            if !inner.contains([]) {
                for element in member.value.elements { total += count(element, inner) }
            }
        }
        return total
    }

    private func object(_ random: inout Seeded, depth: Int) -> String {
        let names = ["token", "project", "urls", "url", "a", "tok\\u0065n"]
        let members = (0..<random.next(5)).map { _ in
            "\"\(names[random.next(names.count)])\":\(value(&random, depth: depth + 1))"
        }
        return "{" + members.joined(separator: random.next(2) == 0 ? "," : " ,\n") + "}"
    }

    private func value(_ random: inout Seeded, depth: Int) -> String {
        switch random.next(depth > 4 ? 4 : 6) {
        case 0: "\"SECRET\""
        case 1: "null"
        case 2: "\"\\\"}]\\\\\""
        case 3: "-1.5e3"
        case 4:
            "["
                + (0..<random.next(3)).map { _ in object(&random, depth: depth) }
                .joined(separator: ",") + "]"
        default: object(&random, depth: depth)
        }
    }
}

private struct Seeded {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
