/// What a value of the API may be: a shape of AWS's model.
package final class Shape: Sendable {
    /// The kind of value a shape describes, with the shapes inside it.
    package indirect enum Kind: Sendable {
        case string
        /// The range is that of the model within 32 or 64 bits.
        case integer(ClosedRange<Int64>)
        /// Seconds since 1970, with or without a fraction: AWS's JSON protocol has no other form.
        case timestamp
        case boolean
        case list(Shape)
        case structure([ShapeMember])

        /// The kind with its article, for messages: `a string`.
        package var name: String {
            switch self {
            case .string: "a string"
            case .integer: "an integer"
            case .timestamp: "a timestamp in seconds since 1970"
            case .boolean: "a boolean"
            case .list: "a list"
            case .structure: "a structure"
            }
        }
    }

    /// The model's name of the shape, such as `PipelineNameOrArn`.
    package let name: String
    package let kind: Kind
    /// The bounds as the model gives them: the length of a string in Unicode code points, the
    /// count of a list, the value of an integer.
    package let min: Int64?
    package let max: Int64?
    /// The only texts that a string may be, or nil for any.
    package let allowedTexts: [String]?
    private let compiledPattern: Pattern?

    /// The regular expression (RE2) that a string must match as a whole, or nil.
    package var pattern: String? { compiledPattern?.source }

    /// - Throws: ``SageMakerAPIError/brokenModel(reason:)`` for a pattern RE2 does not accept.
    package init(
        name: String, kind: Kind, min: Int64? = nil, max: Int64? = nil, pattern: String? = nil,
        allowedTexts: [String]? = nil
    ) throws(SageMakerAPIError) {
        self.name = name
        self.kind = kind
        self.min = min
        self.max = max
        self.allowedTexts = allowedTexts
        if let pattern {
            compiledPattern = try Pattern(pattern)
        } else {
            compiledPattern = nil
        }
    }

    /// Whether a text matches the pattern; true without one.
    func matches(_ text: String) -> Bool { compiledPattern?.matchesWhole(text) ?? true }

    /// The member of a structure, or nil where there is none.
    package func member(_ name: String) -> ShapeMember? {
        guard case .structure(let members) = kind else { return nil }
        return members.first { $0.name == name }
    }

    /// The member of a structure whose name is most like a misspelt one, or nil where none is.
    package func member(nearest name: String) -> ShapeMember? {
        guard case .structure(let members) = kind,
            name.utf8.count <= SageMakerAPILimits.quotedMax
        else { return nil }
        let written = Array(name.lowercased().utf8)
        let ranked = members.map { member in
            (member, distance: editDistance(written, Array(member.name.lowercased().utf8)))
        }
        guard let best = ranked.min(by: { $0.distance < $1.distance }),
            best.distance <= Swift.max(2, written.count / 3)
        else { return nil }
        return best.0
    }
}

/// A named shape within a structure.
package struct ShapeMember: Sendable {
    package let name: String
    package let shape: Shape
    package let isRequired: Bool
    /// Whether the service takes two requests with the same value for one.
    package let isIdempotencyToken: Bool

    package init(
        name: String, shape: Shape, isRequired: Bool = false, isIdempotencyToken: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = isRequired
        self.isIdempotencyToken = isIdempotencyToken
    }
}

/// The fewest insertions, deletions and replacements of bytes between two texts.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (position, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = position + 1
        for column in right.indices {
            let replaced = diagonal + (byte == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = Swift.min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
