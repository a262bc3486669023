/// A text that places refer to.
package final class SourceFile: Sendable {
    /// The file's path as messages show it.
    package let name: String
    /// The content without a byte order mark.
    package let text: String
    /// Where each line begins, so that a place is found without reading all that is before it.
    private let lineStarts: [String.Index]

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        var starts = [text.startIndex]
        for index in text.utf8.indices where text.utf8[index] == UInt8(ascii: "\n") {
            starts.append(text.utf8.index(after: index))
        }
        lineStarts = starts
    }

    /// The text from a line on; empty for one that is not there.
    /// - Parameter line: 1-based.
    func text(fromLine line: Int) -> Substring.UnicodeScalarView {
        guard lineStarts.indices.contains(line - 1) else { return Substring().unicodeScalars }
        return text[lineStarts[line - 1]...].unicodeScalars
    }

    /// The lines from one on, without their breaks.
    /// - Parameter line: 1-based.
    func lines(from line: Int) -> some Sequence<Substring.UnicodeScalarView> {
        lineStarts.indices.dropFirst(line - 1).lazy.map { position in
            let isLast = position + 1 == self.lineStarts.count
            let end = isLast ? self.text.endIndex : self.lineStarts[position + 1]
            let line = self.text[self.lineStarts[position]..<end].unicodeScalars
            return isLast ? line : line.dropLast()
        }
    }
}

/// Where something is in a file.
package struct Place: Sendable, Equatable, CustomStringConvertible {
    package let file: SourceFile
    /// 1-based.
    package let line: Int
    /// 1-based, in Unicode scalars.
    package let column: Int

    package init(file: SourceFile, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file.name):\(line):\(column)" }

    package static func == (left: Place, right: Place) -> Bool {
        left.file.name == right.file.name && left.line == right.line
            && left.column == right.column
    }
}

/// A text of a file with its place.
package struct LocatedText: Sendable, Equatable {
    package let text: String
    package let place: Place

    package init(text: String, place: Place) {
        self.text = text
        self.place = place
    }
}

/// Something wrong at a place of a file.
package struct Problem: Sendable, Equatable, CustomStringConvertible {
    package let place: Place
    /// What is wrong, what was expected; without the place.
    package let message: String

    package init(_ place: Place, _ message: String) {
        self.place = place
        self.message = message
    }

    /// `rules/train.yaml:14:7: unknown key "whne"; did you mean "when"?`
    package var description: String { "\(place): \(message)" }
}

/// Collects problems, so that all of them can be told at once.
///
/// Not Sendable: files are read on one thread.
package final class ProblemList {
    /// In the order of reporting, at most ``RulesLimits/problemsMax``.
    package private(set) var problems: [Problem] = []
    /// How many were reported beyond those.
    private var omitted = 0
    /// The hashes of all that was reported.
    private var reported: Set<Int> = []

    /// What was asked of the values that were read; nil unless a schema is being made.
    var notes: SchemaNotes?

    package init() {}

    package var isEmpty: Bool { problems.isEmpty }

    package func report(_ place: Place, _ message: String) {
        let problem = Problem(place, message)
        guard reported.insert(problem.description.hashValue).inserted else { return }
        if problems.count < RulesLimits.problemsMax {
            problems.append(problem)
        } else {
            omitted += 1
        }
    }

    /// - Throws: ``RulesError/refused(_:omitted:)`` with the problems in the order of their places, unless
    ///   there are none.
    package func throwIfAny() throws(RulesError) {
        guard !problems.isEmpty else { return }
        var files: [String] = []
        for problem in problems where !files.contains(problem.place.file.name) {
            files.append(problem.place.file.name)
        }
        let ranked = problems.map { problem in
            (files.firstIndex(of: problem.place.file.name) ?? 0, problem)
        }
        throw .refused(
            ranked.sorted {
                ($0.0, $0.1.place.line, $0.1.place.column)
                    < ($1.0, $1.1.place.line, $1.1.place.column)
            }.map(\.1), omitted: omitted)
    }
}
