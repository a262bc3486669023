/// Bounds on rule files, configuration files and what rules render.
package enum RulesLimits {
    /// The longest YAML file, in bytes.
    package static let fileBytesMax = 1 << 20
    /// The deepest nesting of YAML mappings and sequences.
    package static let nestingMax = 64
    /// The most problems told at a time; of more, their number.
    package static let problemsMax = 1000
    /// The most rule files.
    package static let filesMax = 1000
    /// The most rules over all files.
    package static let rulesMax = 10_000
    /// The most patterns in one list of a filter.
    package static let patternsMax = 500
    /// The longest pattern, in bytes.
    package static let patternBytesMax = 512
    /// The most names in a rule's `let`.
    package static let letsMax = 50
    /// The most templates within one scalar.
    package static let templatesMax = 100
    /// The longest text that a scalar of a request is rendered to, in bytes. The longest that AWS
    /// allows has 3,072 characters (PipelineExecutionDescription).
    package static let renderedBytesMax = 16 << 10
    /// The deepest nesting of a CEL value that is put into a request.
    package static let valueNestingMax = 16
    /// The longest callback URL, in bytes.
    package static let urlBytesMax = 2048
    /// The longest secret in a file, in bytes.
    package static let secretBytesMax = 64 << 10
}
