/// One rule of the API that a value breaks.
package struct ShapeViolation: Sendable, Equatable, CustomStringConvertible {
    /// Where: `PipelineParameters[3].Value`; empty for the request as a whole.
    package private(set) var path: String
    /// What was expected, and what was found.
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }

    fileprivate mutating func prepend(_ prefix: String) {
        // "A" and "[0]" join as they are, "A" and "B" by a point.
        path = path.isEmpty || path.hasPrefix("[") ? prefix + path : "\(prefix).\(path)"
    }
}

extension Shape {
    /// All the ways in which a value is not of this shape, depth first.
    ///
    /// At most ``SageMakerAPILimits/violationsMax``. Of a list that is too long only the elements
    /// within its bound are looked at.
    /// - Parameter path: The way to the value, in front of every violation's path.
    package func violations(in value: RequestValue, at path: String = "") -> [ShapeViolation] {
        var found = Findings()
        check(value, &found)
        return found.violations(at: path)
    }

    /// The ways in which a text is no value of this shape: its length in Unicode code points, its
    /// pattern, and whether a text is wanted at all.
    /// - Parameter path: The way to the value, in front of every violation's path.
    package func violations(inText text: String, at path: String = "") -> [ShapeViolation] {
        var found = Findings()
        checkText(text, &found)
        return found.violations(at: path)
    }

    private func check(_ value: RequestValue, _ found: inout Findings) {
        switch (kind, value) {
        case (.string, .string(let text)): checkText(text, &found)
        case (.integer(let range), .integer(let number)):
            if !range.contains(number) { found.add("must be \(words(for: range)), is \(number)") }
        case (.timestamp, .integer(let number)): checkTimestamp(Double(number), &found)
        case (.timestamp, .number(let number)): checkTimestamp(number, &found)
        case (.boolean, .boolean): break
        case (.list(let shape), .list(let elements)): checkList(elements, of: shape, &found)
        case (.structure(let shapes), .structure(let members)):
            checkStructure(members, of: shapes, &found)
        case (.string, _), (.integer, _), (.timestamp, _), (.boolean, _), (.list, _),
            (.structure, _):
            found.add("must be \(kind.name), is \(value.kindName)")
        }
    }

    private func checkTimestamp(_ seconds: Double, _ found: inout Findings) {
        guard !SageMakerAPILimits.epochSeconds.contains(seconds) else { return }
        found.add("must be \(kind.name) within the years 1 to 9999, is \(seconds)")
    }

    private func checkText(_ text: String, _ found: inout Findings) {
        guard case .string = kind else { return found.add("must be \(kind.name), is a string") }
        let bounds = bounds
        // Bytes are at least as many as code points and at most four times as many, so most
        // texts need no counting.
        let byteCount = text.utf8.count
        if byteCount > bounds.upperBound || byteCount < 4 * bounds.lowerBound {
            let length = text.unicodeScalars.count
            if !bounds.contains(length) {
                found.add("must have \(words(for: bounds)) characters, has \(length)")
            }
        }
        if let pattern, !matches(text) {
            // All that `.` leaves out is the line feed.
            found.add(
                pattern == ".*" ? "must have no line break" : "must match \(pattern) as a whole")
        }
        if let allowedTexts, !allowedTexts.contains(text) {
            found.add("must be one of \(allowedTexts.joined(separator: ", "))")
        }
    }

    private func checkList(
        _ elements: [RequestValue], of shape: Shape, _ found: inout Findings
    ) {
        let bounds = bounds
        if !bounds.contains(elements.count) {
            found.add("must have \(words(for: bounds)) elements, has \(elements.count)")
        }
        for (position, element) in elements.prefix(bounds.upperBound).enumerated() {
            found.under({ "[\(position)]" }) { shape.check(element, &$0) }
            if found.isFull { return }
        }
    }

    private func checkStructure(
        _ members: [RequestMember], of shapes: [ShapeMember], _ found: inout Findings
    ) {
        for (position, member) in members.enumerated() {
            let before = members[..<position]
            found.under({ printable(member.name) }) { found in
                if before.contains(where: { $0.name == member.name }) {
                    found.add("is given twice")
                } else if let known = shapes.first(where: { $0.name == member.name }) {
                    known.shape.check(member.value, &found)
                } else {
                    found.add(unknownMember(member.name))
                }
            }
            if found.isFull { return }
        }
        for shape in shapes where shape.isRequired {
            if !members.contains(where: { $0.name == shape.name }) {
                found.under({ shape.name }) { $0.add("is required") }
            }
        }
    }

    private func unknownMember(_ name: String) -> String {
        guard let nearest = member(nearest: name) else { return "is no member of \(self.name)" }
        return "is no member of \(self.name); did you mean \(nearest.name)?"
    }

    /// The lengths or counts that the model allows.
    private var bounds: ClosedRange<Int> {
        let least = Swift.max(0, Int(clamping: min ?? 0))
        return least...Swift.max(least, Int(clamping: max ?? Int64.max))
    }
}

/// "3 to 5", "at least 3", "at most 5" or "exactly 3", as far as the bounds say something.
private func words<Bound: BinaryInteger & FixedWidthInteger>(
    for range: ClosedRange<Bound>
) -> String {
    if range.lowerBound == range.upperBound { return "exactly \(range.lowerBound)" }
    if range.upperBound == .max { return "at least \(range.lowerBound)" }
    if range.lowerBound == 0 { return "at most \(range.upperBound)" }
    return "\(range.lowerBound) to \(range.upperBound)"
}

/// Violations with paths that grow from the inside, so that a good value costs no strings.
private struct Findings {
    private var violations: [ShapeViolation] = []

    var isFull: Bool { violations.count >= SageMakerAPILimits.violationsMax }

    mutating func add(_ message: @autoclosure () -> String) {
        if !isFull { violations.append(ShapeViolation(path: "", message: message())) }
    }

    /// Puts a step in front of the paths of what `body` finds.
    mutating func under(_ step: () -> String, _ body: (inout Findings) -> Void) {
        let start = violations.count
        body(&self)
        for position in start..<violations.count { violations[position].prepend(step()) }
    }

    func violations(at path: String) -> [ShapeViolation] {
        guard !path.isEmpty else { return violations }
        return violations.map { violation in
            var violation = violation
            violation.prepend(path)
            return violation
        }
    }
}
