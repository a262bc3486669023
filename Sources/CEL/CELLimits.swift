/// Bounds on an expression and on each of its evaluations.
package struct CELLimits: Sendable {
    /// The longest source, in code points. cel-go's default.
    package var sourceCodePointsMax = 100_000
    /// The deepest nesting of expressions. cel-go's default; 512 KB of stack suffice for it
    /// in a release build.
    package var nestingMax = 250
    /// The most that one evaluation may cost, in cel-go's units: a name or selection 1, a call 1
    /// or a tenth of the text it goes through, a list 10, a map 30 (see docs/cel.md). The limit of
    /// Kubernetes for one expression, about 0.1 s.
    package var costMax = 1_000_000
    /// The longest string or bytes value that an evaluation makes, in bytes.
    package var stringBytesMax = 1 << 20
    /// The longest list or map that an evaluation makes, in elements.
    package var listCountMax = 100_000
    /// The longest regular expression, in bytes.
    package var patternBytesMax = 4096
    /// What one regular expression may take for its program and its caches, in bytes.
    package var patternMemoryMax = 1 << 20

    /// The most errors that one check of an expression tells.
    static let errorsMax = 20
    /// The longest JSON text that a value is written as, in bytes.
    package static let outputBytesMax = 64 << 20

    package init() {}
}
