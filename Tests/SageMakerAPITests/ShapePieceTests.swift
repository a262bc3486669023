import SageMakerAPI
import Testing

/// Texts of which parts are not known yet.
@Suite struct ShapePieceTests {
    /// Pieces of a text in which each `…` is a gap.
    private func pieces(_ text: String) -> [TextPiece] {
        var pieces: [TextPiece] = []
        for (position, part) in text.split(separator: "…", omittingEmptySubsequences: false)
            .enumerated()
        {
            if position > 0 { pieces.append(.gap) }
            if !part.isEmpty { pieces.append(.text(String(part))) }
        }
        return pieces
    }

    private func shape(_ path: String) throws -> Shape {
        var shape = StartPipelineExecution.input
        for name in path.split(separator: ".") {
            shape = try #require(shape.member(String(name))?.shape)
        }
        return shape
    }

    @Test(arguments: [
        ("PipelineExecutionDisplayName", "main-…", true),
        ("PipelineExecutionDisplayName", "…-…", true), ("PipelineExecutionDisplayName", "…", true),
        ("PipelineExecutionDisplayName", "a--…--b", true),
        ("PipelineExecutionDisplayName", "Train …", false),
        ("PipelineExecutionDisplayName", "…é", false),
        ("PipelineExecutionDisplayName", "a_…", false),
        ("PipelineExecutionDisplayName", "-…", false),
        ("PipelineExecutionDisplayName", "…-", false),
        ("PipelineExecutionDisplayName", "…:…", false),
        ("PipelineExecutionDisplayName", "v1.2-…", false),
        ("PipelineName", "train-…", true), ("PipelineName", "a b…", false),
        ("PipelineName", "….…", true),  // Within an ARN's path.
        ("PipelineName", "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/…", true),
        ("PipelineName", "arn:aws:sagemaker:…:…:pipeline/p", true),
        ("PipelineName", "…pipeline/p", true), ("PipelineName", "arn:aws:s3:…", false),
        ("PipelineName", "arn:aws:sagemaker:e:12345678901:pipeline/…", false),
        ("PipelineName", "arn:aws:sagemaker:…:…:pipeline/-", false),
        ("RoleArn", "arn:aws:iam::…:role/x", true), ("RoleArn", "arn:aws:iam::12:role/…", false),
        ("RoleArn", "arn:aws:iam::123456789012:role/… b", false),
        ("PipelineVersionAlias", "v1.2_…", true), ("PipelineVersionAlias", "…/", false),
        ("PipelineExecutionDescription", "Trains \u{1F600} …, as ordered", true),
        ("PipelineExecutionDescription", "one\n…", false),
        ("SelectiveExecutionConfig.SourcePipelineExecutionArn", "…/execution/…", true),
        ("SelectiveExecutionConfig.SourcePipelineExecutionArn", "x…", false),
        ("PipelineVersionId", "1…", true), ("PipelineVersionId", "+…0", true),
        ("PipelineVersionId", "00…", true), ("PipelineVersionId", "a…", false),
        ("PipelineVersionId", "-1…", false), ("PipelineVersionId", "1.…", false),
        ("PipelineVersionId", "9223372036854775807…", true),
        ("PipelineVersionId", "9223372036854775808…", false),
        ("PipelineVersionId", "…99999999999999999999", false),
        ("ParallelismConfiguration.MaxParallelExecutionSteps", "2147483647…", true),
        ("ParallelismConfiguration.MaxParallelExecutionSteps", "2147483648…", false),
        ("ParallelismConfiguration.MaxParallelExecutionSteps", "…214748…3648", false),
        ("PipelineParameters", "x…", false),
    ])
    func `what no gap can make right is told`(path: String, text: String, isRight: Bool) throws {
        let violations = try shape(path).violations(inPieces: pieces(text))
        #expect(violations.isEmpty == isRight, "\(path) \(text) → \(violations)")
    }

    @Test(arguments: [
        ("PipelineExecutionDisplayName", 82), ("PipelineExecutionDescription", 3072),
        ("ClientRequestToken", 128), ("PipelineVersionAlias", 128), ("RoleArn", 2048),
    ])
    func `the text beside gaps has at most as many characters as all of it`(
        member: String, most: Int
    ) throws {
        let shape = try shape(member)
        let start = member == "RoleArn" ? "arn:aws:iam::123456789012:role/" : ""
        let text = start + String(repeating: "x", count: most - start.utf8.count - 1)
        #expect(shape.violations(inPieces: [.text(text), .gap, .text("y")]).isEmpty)
        let violations = shape.violations(inPieces: [.text(text), .gap, .text("yz")])
        #expect(
            violations.map(\.message) == [
                "must have at most \(most) characters, has \(most + 1) beside its expressions"
            ])
    }

    @Test func `a pipeline's name has at most 256 characters without an ARN's path`() throws {
        let shape = try shape("PipelineName")
        let name = String(repeating: "a", count: 256)
        #expect(shape.violations(inPieces: [.text(name), .gap]).isEmpty)
        #expect(shape.violations(inPieces: [.text("a" + name), .gap]).count == 1)
        // In front of it the gap can hold the path.
        #expect(shape.violations(inPieces: [.gap, .text("a" + name)]).isEmpty)
    }

    @Test func `a message shows the text and what it should be`() throws {
        let shape = try shape("PipelineExecutionDisplayName")
        #expect(
            shape.violations(inPieces: [.text("Train "), .gap]).map(\.description) == [
                "must match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,81} as a whole; no value of the "
                    + "expressions in \"Train ${…}\" makes it so"
            ])
    }

    @Test func `a boolean can only become true or false`() throws {
        let shape = try Shape(name: "B", kind: .boolean)
        for text in ["t…", "…e", "true…", "…al…", "…"] {
            #expect(shape.violations(inPieces: pieces(text)).isEmpty, "\(text)")
        }
        for text in ["x…", "tf…", "…True"] {
            #expect(shape.violations(inPieces: pieces(text)).count == 1, "\(text)")
        }
    }

    @Test(arguments: [
        #"\p{L}…"#, #"(?i)a…"#, #"\bx"#, "[[:alpha:]]x", "(a", "a{x}", "[a", #"[a\p{L}]"#, "^a",
        "a$",
    ])
    func `syntax that is not known makes nothing wrong`(pattern: String) {
        // RE2 refuses some of them itself.
        guard let shape = try? Shape(name: "S", kind: .string, pattern: pattern) else { return }
        #expect(shape.violations(inPieces: [.text("?"), .gap]).isEmpty, "\(pattern)")
    }

    /// Patterns that use each part of the syntax, with the characters their texts are made of.
    private static let patterns = [
        ("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,5}", "aZ0-_"), ("(ab|a)?b{2,3}c*", "abc"), (".*", "a\n"),
        ("(arn:(x|yy)/.*)?([ab](-*[ab]){0,3})", "arn:xy/b-"),
        (#"\d{2}r?/?[a-c_+=,.@\-/]+"#, "1r/-c"),
        (#"(?:a|)[^b\]]"#, "ab]c"), ("a{2,}", "ab"), (#"[\-\d]+\.\n?"#, "-1.\n"), ("[a-]|b", "ab-"),
    ]

    @Test(arguments: patterns)
    func `without gaps it agrees with RE2, and a part of a right text is never wrong`(
        pattern: String, alphabet: String
    ) throws {
        let shape = try Shape(name: "S", kind: .string, pattern: pattern)
        let scalars = Array(alphabet.unicodeScalars)
        var state: UInt64 = 11
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var right = 0
        for _ in 0..<4000 {
            let text = (0..<random(7)).map { _ in scalars[random(scalars.count)] }
            func string(_ part: ArraySlice<Unicode.Scalar>) -> String {
                String(String.UnicodeScalarView(part))
            }
            let isRight = shape.violations(inText: string(text[...])).isEmpty
            let whole = shape.violations(inPieces: [.text(string(text[...]))]).isEmpty
            #expect(whole == isRight, "\(text)")
            guard isRight else { continue }
            right += 1
            let start = random(text.count + 1)
            let end = start + random(text.count - start + 1)
            let cut: [TextPiece] = [
                .text(string(text[..<start])), .gap, .text(string(text[end...])),
            ]
            #expect(shape.violations(inPieces: cut).isEmpty, "\(cut)")
        }
        #expect(right > 20)
    }
}
