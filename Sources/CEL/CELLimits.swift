/// Bounds on an expression and on each of its evaluations.
package struct CELLimits: Sendable {
    /// The longest source, in code points. cel-go's default.
    package var sourceCodePointsMax = 100_000
    /// The deepest nesting of expressions. cel-go's default; 512 KB of stack suffice for it
    /// in a release build.
    package var nestingMax = 250
    /// The work of one evaluation: one step an operation, plus one for each 16 bytes of text and
    /// for each element that an operation goes through. As in Kubernetes, about 0.1 s.
    package var stepsMax = 1_000_000
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
