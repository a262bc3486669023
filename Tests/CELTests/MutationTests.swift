import CEL
import JSON
import Testing

@Suite struct MutationTests {
    /// A generator with a fixed seed (SplitMix64), so that a failure can be repeated.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let sources = [
        #"body.commits.exists(c, c.modified.exists(f, f.startsWith("x/"))) && !(1 + 2 * -3 < 4u)"#,
        #"has(body.a.b) ? body.?a[?0].orValue("x\u00e9\x41\101") : {'k': [1, 2.5e3, null,],}"#,
        #"cel.bind(x, b'\377', x + bytes(r"\n")) == b'''a'b''' || 'a'.matches("(a|b)*c$")"#,
        #"timestamp("2026-01-02T03:04:05.6Z").getHours("Europe/Berlin") - int(duration("1h2m"))"#,
        #"[1, 2].map(i, i % 2 == 0, "%s %.3f %x".format([i, 1.5, 255])).join(",").split(",", 1)"#,
        #"{1: 'a', true: {'b': .5}}.transformMap(k, v, k != 1, v)[true].`b` in [0.5] // comment"#,
        #"'tacocat'.substring(1, 3).replace("a", "", 2).indexOf("co") > math.greatest(1, 2u, 3.0)"#,
    ]

    private static let pieces = [
        "(", ")", "[", "]", "{", "}", ".", "?", ":", ",", "\"", "'", "'''", "\\", "-", "!", "&&",
        "||", "in", " ", "\n", "0x", "1e", "9223372036854775808", "u", "b'", "r\"", "`", "//", "é",
        "😀", "\u{0}", "has(", ".map(", "null", "true", "%", "==", "<", "\\u12", "\\777", ".?", "[?",
    ]

    @Test(arguments: 0..<20)
    func `a mutated source compiles or is refused and never traps`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let body = #"{"a":{"b":1},"commits":[{"modified":["x/1"]}]}"#
        let document = try JSONDocument(parsing: Array(body.utf8))
        let variables = Variables([("body", CELValue(json: document.root))])
        var limits = CELLimits()
        limits.costMax = 5000
        let environment = CELEnvironment(variables: variables.names, limits: limits)
        var compiled = 0
        var refused = 0
        for _ in 0..<150 {
            let source = Self.mutated(&random)
            do throws(CELError) {
                let program = try environment.compile(source, unknownNames: .evaluationError)
                compiled += 1
                let value = try program.evaluate(variables)
                var writer = JSONWriter()
                try value.write(to: &writer, bytesMax: 10_000)
            } catch {
                #expect(!error.description.isEmpty)
                if let position = error.position {
                    refused += 1
                    #expect((0...source.utf8.count).contains(position.offset))
                }
            }
        }
        // A test that only ever met one of the two would say little.
        #expect(compiled > 0)
        #expect(refused > 0)
    }

    @Test func `a source cut anywhere never traps`() {
        for source in Self.sources {
            let bytes = Array(source.utf8)
            for count in 0...bytes.count {
                _ = failure(String(decoding: bytes.prefix(count), as: UTF8.self))
                _ = failure(String(decoding: bytes.dropFirst(count), as: UTF8.self))
            }
        }
    }

    private static func mutated(_ random: inout Seeded) -> String {
        var bytes = Array((sources.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, position + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.replaceSubrange(position..<end, with: [])
            case 1:
                let piece = pieces.randomElement(using: &random) ?? ""
                bytes.insert(contentsOf: piece.utf8, at: position)
            case 2: bytes.insert(contentsOf: Array(bytes[position..<end]), at: position)
            default:
                let byte = UInt8.random(in: 0...255, using: &random)
                if position < bytes.count { bytes[position] = byte }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
