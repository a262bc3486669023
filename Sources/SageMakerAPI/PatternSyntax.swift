/// A regular expression, taken apart.
///
/// Of the syntax it knows what AWS's model of StartPipelineExecution has: characters, `.`, `\d`,
/// escaped signs, classes, groups, `|`, `?`, `*`, `+` and `{n,m}`.
indirect enum PatternSyntax: Equatable {
    case scalars(ScalarSet)
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    /// At least `least` times, and at most `most`, or any number of times without it.
    case repeated(PatternSyntax, least: Int, most: Int?)

    /// Nil for a pattern with any other syntax.
    init?(_ source: String) {
        var parser = PatternParser(source)
        guard let syntax = parser.choice(), parser.isAtEnd else { return nil }
        self = syntax
    }
}

/// Each function takes a part of the text, and gives nil for what it does not know.
private struct PatternParser {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ source: String) { text = Array(source.unicodeScalars) }

    var isAtEnd: Bool { position == text.count }

    private var next: Unicode.Scalar? { isAtEnd ? nil : text[position] }

    private mutating func take() -> Unicode.Scalar? {
        guard let next else { return nil }
        position += 1
        return next
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard next == sign else { return false }
        position += 1
        return true
    }

    mutating func choice() -> PatternSyntax? {
        guard let first = sequence() else { return nil }
        var options = [first]
        while take("|") {
            guard let option = sequence() else { return nil }
            options.append(option)
        }
        return options.count == 1 ? first : .choice(options)
    }

    private mutating func sequence() -> PatternSyntax? {
        var parts: [PatternSyntax] = []
        while let next, next != "|", next != ")" {
            guard let atom = atom(), let part = repetition(of: atom) else { return nil }
            parts.append(part)
        }
        return .sequence(parts)
    }

    private mutating func atom() -> PatternSyntax? {
        switch take() {
        case "(": group()
        case "[": scalarClass().map { .scalars($0) }
        case ".": .scalars(.anyButLineFeed)
        case "\\": escape().map { .scalars($0) }
        case "*", "+", "?", "{", "}", "^", "$", "]", nil: nil
        case let scalar?: .scalars(ScalarSet(ranges: [scalar.value...scalar.value]))
        }
    }

    private mutating func group() -> PatternSyntax? {
        if take("?") { guard take(":") else { return nil } }
        guard let inside = choice(), take(")") else { return nil }
        return inside
    }

    private mutating func repetition(of part: PatternSyntax) -> PatternSyntax? {
        let repeated: PatternSyntax
        switch next {
        case "?": repeated = .repeated(part, least: 0, most: 1)
        case "*": repeated = .repeated(part, least: 0, most: nil)
        case "+": repeated = .repeated(part, least: 1, most: nil)
        case "{":
            position += 1
            return bounds().map { .repeated(part, least: $0.least, most: $0.most) }
        default: return part
        }
        position += 1
        return repeated
    }

    private mutating func bounds() -> (least: Int, most: Int?)? {
        guard let least = number() else { return nil }
        if take("}") { return (least, least) }
        guard take(",") else { return nil }
        if take("}") { return (least, nil) }
        guard let most = number(), most >= least, take("}") else { return nil }
        return (least, most)
    }

    /// A number of times, which RE2 lets be 1000 at most.
    private mutating func number() -> Int? {
        var digits = ""
        while let next, ScalarSet.digits.contains(next), digits.count < 5 {
            digits.unicodeScalars.append(next)
            position += 1
        }
        return Int(digits)
    }

    private mutating func escape() -> ScalarSet? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "d": return .digits
        case "n": return ScalarSet(ranges: [10...10])
        case "r": return ScalarSet(ranges: [13...13])
        case "t": return ScalarSet(ranges: [9...9])
        default:
            // A letter or a digit behind it has a meaning that is not known here.
            guard scalar.isASCII, !scalar.properties.isAlphabetic,
                !ScalarSet.digits.contains(scalar)
            else { return nil }
            return ScalarSet(ranges: [scalar.value...scalar.value])
        }
    }

    private mutating func scalarClass() -> ScalarSet? {
        var set = ScalarSet(ranges: [], isNegated: take("^"))
        while let first = take() {
            if first == "]" { return set.ranges.isEmpty ? nil : set }
            var low = ScalarSet(ranges: [first.value...first.value])
            if first == "\\" {
                guard let escaped = escape() else { return nil }
                low = escaped
            } else if first == "[" {
                return nil
            }
            guard next == "-", position + 1 < text.count, text[position + 1] != "]" else {
                set.ranges += low.ranges
                continue
            }
            position += 1
            guard let end = take(), end != "\\", end != "[",
                let start = low.ranges.first?.lowerBound, start <= end.value, low.ranges.count == 1
            else { return nil }
            set.ranges.append(start...end.value)
        }
        return nil
    }
}
