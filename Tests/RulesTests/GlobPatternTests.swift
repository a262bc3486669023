import Foundation
import JSON
import Rules
import Testing

/// Cases of nektos/act's own tests; the data lies beside the repository, not in it.
private let vectorsPath = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/data/github-filter-vectors.json").standardized.path()

private let hasVectors: Bool = {
    let exists = FileManager.default.fileExists(atPath: vectorsPath)
    if !exists { print("skipped: no \(vectorsPath)") }
    return exists
}()

@Suite struct GlobPatternTests {
    @Test(arguments: [
        // docs.github.com, "Workflow syntax", filter pattern cheat sheet.
        ("feature/*", "feature/my-branch", true), ("feature/*", "feature/a/b", false),
        ("feature/**", "feature/beta-a/my-branch", true), ("feature/**", "feature/", true),
        ("*", "main", true), ("*", "a/b", false), ("*", "", true), ("**", "a/b", true),
        ("**", "", true), ("*feature", "my-feature", true), ("v2*", "v2", true),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", true), ("v[12].[0-9]+.[0-9]+", "v3.1.0", false),
        ("v[12].[0-9]+.[0-9]+", "v1..1", false),
        ("*.jsx?", "page.js", true), ("*.jsx?", "page.jsx", true), ("*.jsx?", "page.jsxx", false),
        ("**/README.md", "README.md", true), ("**/README.md", "js/README.md", true),
        ("**/README.md", "jsREADME.md", false), ("**/README.md", "/README.md", false),
        ("**/*src/**", "a/src/app.js", true), ("**/*src/**", "src", false),
        ("docs/**/*.md", "docs/README.md", true), ("docs/**/*.md", "docs/a/markdown/file.md", true),
        ("a**b", "a/x/b", true), ("a**/b", "ab", true), ("a**/b", "ax/b", true),
        // Whole text, case, order.
        ("main", "main", true), ("main", "mainline", false), ("main", "Main", false),
        ("main", "domain", false), ("main", "", false),
        // Repetition of the character in front.
        ("ab?c", "ac", true), ("ab?c", "abc", true), ("ab?c", "abbc", false),
        ("ab+c", "abbbc", true),
        ("ab+c", "ac", false), ("[ab]?x", "x", true), ("[ab]+x", "abbax", true),
        ("[ab]+x", "x", false),
        ("ä?x", "x", true), ("ä+x", "ääx", true), ("ä+x", "äöx", false), ("?a", "?a", true),
        ("+a", "+a", true), ("*?x", "abx", true), ("**+", "a/b", true), ("**/?x", "a/x", true),
        // Sets.
        ("[a-c]", "b", true), ("[a-c]", "d", false), ("[a-c1]", "1", true), ("[0-9]", "x", false),
        ("[A-z]", "_", false), ("[A-z]", "q", true), ("[a]", "ä", false),
        // Escapes, and signs of other languages.
        ("\\*", "*", true), ("\\*", "x", false), ("a\\?", "a?", true), ("\\[x]", "[x]", true),
        ("\\\\", "\\", true), ("a.c", "abc", false), ("(a|b)", "a", false),
        ("{a,b}", "{a,b}", true),
        ("a]b", "a]b", true), ("äö*", "äöü", true), ("*/", "a/", true), ("x**/", "x", true),
        ("x**/", "xab/", true), ("x**/", "x/", false),
    ])
    func `a pattern matches as at GitHub`(pattern: String, text: String, matches: Bool) throws {
        #expect(try GlobPattern(pattern).matches(text) == matches)
    }

    @Test(arguments: [
        ("", GlobPatternError.empty), ("a\\", .nothingEscaped),
        ("a[b", .unclosedBracket(offset: 1)),
        ("[]", .emptyBracket(offset: 0)), ("[a-]", .invalidBracket(offset: 1)),
        ("[-a]", .invalidBracket(offset: 1)), ("[!a]", .invalidBracket(offset: 1)),
        ("[z-a]", .invalidBracket(offset: 1)), ("[0-z]", .invalidBracket(offset: 1)),
        ("[ä]", .invalidBracket(offset: 1)), ("[a_]", .invalidBracket(offset: 2)),
        ("ab?+", .repeatedRepetition(offset: 3)), ("a++", .repeatedRepetition(offset: 2)),
    ])
    func `what is no pattern is refused with its place`(pattern: String, error: GlobPatternError) {
        #expect(throws: error) { try GlobPattern(pattern) }
    }

    @Test func `a pattern may have 512 bytes`() throws {
        let long = String(repeating: "a", count: RulesLimits.patternBytesMax)
        #expect(RulesLimits.patternBytesMax == 512)
        #expect(try GlobPattern(long).matches(long))
        #expect(throws: GlobPatternError.tooLong(limitBytes: 512)) { try GlobPattern(long + "a") }
    }

    /// Every one of these takes exponential or quintic time in a matcher that goes back.
    @Test func `hostile patterns and texts come to an end`() throws {
        let text = String(repeating: "a", count: 20_000)
        let patterns: [(pattern: String, matchesBehind: Bool)] = [
            (String(repeating: "a*", count: 200) + "b", true),
            (String(repeating: "**", count: 250) + "b", true),
            (String(repeating: "**/", count: 150) + "b", false),
            (String(repeating: "[a-z]+", count: 80) + "b", true),
            (String(repeating: "a?", count: 250) + String(repeating: "a+", count: 3) + "b", false),
        ]
        for (pattern, matchesBehind) in patterns {
            #expect(try !GlobPattern(pattern).matches(text + "c"))
            #expect(try GlobPattern(pattern).matches(text + "cb") == matchesBehind)
        }
        #expect(try GlobPattern(String(repeating: "a*", count: 200)).matches(text))
        let slashes = String(repeating: "x/", count: 10_000)
        #expect(try GlobPattern(String(repeating: "**/", count: 100) + "*").matches(slashes))
    }

    /// A simple matcher that goes back, as the definition reads.
    @Test func `agrees with a matcher written from the definition`() throws {
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3000 {
            let parts = (0..<(1 + random(5))).map { _ in
                ["a", "b", "/", "*", "**", "**/", "a?", "b+", "[ab]", "[ab]+"][random(10)]
            }
            let source = parts.joined()
            // How three stars are taken apart is not what is asked here.
            guard !source.contains("***") else { continue }
            guard let pattern = try? GlobPattern(source) else { continue }
            for _ in 0..<5 {
                let text = (0..<random(7)).map { _ in ["a", "b", "/", "c"][random(4)] }.joined()
                let expected = try text.wholeMatch(of: Regex(regularExpression(source))) != nil
                #expect(pattern.matches(text) == expected, "\(source) on \(text)")
            }
        }
    }

    private func regularExpression(_ pattern: String) -> String {
        pattern.replacing("**/", with: "(.#/)~").replacing("**", with: ".%").replacing(
            "*", with: "[^/]*"
        )
        .replacing("%", with: "*").replacing("#", with: "+").replacing("~", with: "?")
    }

    @Test(.enabled(if: hasVectors)) func `agrees with act's cases`() throws {
        let document = try JSONDocument(
            parsing: Array(Data(contentsOf: URL(filePath: vectorsPath))))
        var count = 0
        for vector in document.root["cases"]?.elements.map({ $0 }) ?? [] {
            let sources = vector["patterns"]?.elements.compactMap(\.string) ?? []
            let inputs = vector["inputs"]?.elements.compactMap(\.string) ?? []
            let patterns = try FilterPatterns(sources)
            #expect(
                patterns.includesAny(of: inputs) == vector["runs_with_include_list"]?.bool,
                "\(sources) \(inputs)")
            #expect(
                patterns.ignoresAll(of: inputs) == vector["skip_by_ignore_list"]?.bool,
                "\(sources) \(inputs)")
            count += 1
        }
        #expect(count == document.root["count"]?.int.map(Int.init))
        #expect(count > 0)
    }
}

@Suite struct FilterPatternsTests {
    @Test func `the last pattern that matches decides`() throws {
        let patterns = try FilterPatterns(["releases/**", "!releases/**-alpha", "releases/x-alpha"])
        #expect(patterns.includes("releases/10"))
        #expect(!patterns.includes("releases/10-alpha"))
        #expect(patterns.includes("releases/x-alpha"))
        #expect(!patterns.includes("main"))
    }

    @Test func `one input that is included is enough, and all must be ignored`() throws {
        let patterns = try FilterPatterns(["docs/**"])
        #expect(patterns.includesAny(of: ["src/a", "docs/b"]))
        #expect(!patterns.includesAny(of: ["src/a"]))
        #expect(!patterns.includesAny(of: []))
        #expect(patterns.ignoresAll(of: ["docs/a", "docs/b"]))
        #expect(!patterns.ignoresAll(of: ["docs/a", "src/b"]))
    }

    @Test func `an empty list includes everything and ignores nothing`() throws {
        let patterns = try FilterPatterns([])
        #expect(patterns.isEmpty)
        #expect(patterns.includes("x"))
        #expect(patterns.includesAny(of: []))
        #expect(!patterns.ignoresAll(of: []))
        #expect(!patterns.ignores("x"))
    }

    @Test func `an escaped exclamation mark is a character`() throws {
        #expect(try FilterPatterns(["\\!file"]).includes("!file"))
        #expect(try !FilterPatterns(["!file"]).hasPositive)
        #expect(try FilterPatterns(["!a", "b"]).sources == ["!a", "b"])
    }

    @Test func `a bad pattern is told by its position`() {
        #expect(
            throws: FilterPatternsError(
                index: 1, offset: 2, reason: .unclosedBracket(offset: 1))
        ) { try FilterPatterns(["a", "!x[y"]) }
    }
}
