internal import CEL

/// The functions of rules' expressions beside those of CEL's own library.
enum RuleFunctions {
    static let library = FunctionLibrary.standard.adding(
        [
            .global(
                "glob",
                .binary { (pattern, text, evaluation) throws(CELError) in
                    try glob(pattern, text, &evaluation)
                }, probe: .text)
        ],
        declaredAs: "glob(string, string) -> bool")

    /// Whether a text matches a pattern as `on` has them.
    private static func glob(
        _ pattern: CELValue, _ text: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let source = pattern.stringValue, let text = text.stringValue else {
            throw .noSuchOverload(function: "glob", types: [pattern.typeName, text.typeName])
        }
        // Each character of the text meets every part of the pattern.
        try evaluation.charge(source.utf8.count / 10 + 1)
        try evaluation.charge((text.utf8.count / 10 + 1) * (source.utf8.count / 4 + 1))
        do {
            return .bool(try GlobPattern(source).matches(text))
        } catch {
            throw .invalidArgument(function: "glob", reason: error.description)
        }
    }
}
