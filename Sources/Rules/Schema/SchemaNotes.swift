/// What readers have asked of a file's values, by their places; a schema is made from it.
package struct SchemaNotes {
    /// What one value can be.
    package struct Note: Sendable {
        /// A default as it would be written.
        package enum Fallback: Sendable, Equatable {
            case text(String)
            case number(Int)
            case texts([String])
        }

        /// What the value is, as messages call it.
        package var description: String?
        /// JSON Schema's names of the types of a scalar.
        package var types: [String] = []
        package var words: [String]?
        /// A regular expression that a text matches.
        package var pattern: String?
        package var range: ClosedRange<Int>?
        /// Whether 0 is right although it lies outside the range.
        package var isZeroRight = false
        package var fallback: Fallback?
        /// The keys of a mapping that has no others.
        package var keys: [String]?
        package var requiredKeys: [String] = []
        /// Keys of which exactly one must be there.
        package var choice: [String] = []
        /// A regular expression that the keys of any mapping match.
        package var keyPattern: String?
        package var isMap = false
        package var isList = false
        /// Whether one value is as good as a list of them.
        package var isOneOrMore = false
        /// Whether a list must have an element.
        package var isNonEmpty = false
        /// Whether the key is known but cannot be used in this build.
        package var isRefused = false

        mutating func merge(_ other: Note) {
            description = description ?? other.description
            types += other.types.filter { !types.contains($0) }
            words = words ?? other.words
            pattern = pattern ?? other.pattern
            range = range ?? other.range
            isZeroRight = isZeroRight || other.isZeroRight
            fallback = fallback ?? other.fallback
            if let more = other.keys {
                let known = keys ?? []
                keys = known + more.filter { !known.contains($0) }
            }
            // What only some need, such as sources of one type, is not required of all.
            requiredKeys.removeAll { !other.requiredKeys.contains($0) }
            choice += other.choice.filter { !choice.contains($0) }
            keyPattern = keyPattern ?? other.keyPattern
            isMap = isMap || other.isMap
            isList = isList || other.isList
            isOneOrMore = isOneOrMore || other.isOneOrMore
            isNonEmpty = isNonEmpty || other.isNonEmpty
            isRefused = isRefused || other.isRefused
        }
    }

    private struct Key: Hashable {
        let line: Int
        let column: Int
    }

    private var notes: [Key: Note] = [:]

    package init() {}

    mutating func change(_ place: Place, _ body: (inout Note) -> Void) {
        body(&notes[Key(line: place.line, column: place.column), default: Note()])
    }

    /// What was asked of the value at a place, if it was read at all.
    func note(at place: Place) -> Note? { notes[Key(line: place.line, column: place.column)] }
}

extension ProblemList {
    /// Adds to what is known of the value at a place; does nothing unless a schema is being made.
    package func note(_ place: Place, _ change: (inout SchemaNotes.Note) -> Void) {
        notes?.change(place, change)
    }
}
