/// An automaton of a pattern, for texts of which parts are not known yet.
///
/// RE2 matches whole texts and prefixes, but cannot say whether a text with gaps can become one that
/// matches. The automaton can: over a gap it goes to all states that can still be reached.
struct PatternAutomaton {
    private enum State {
        case scalars(ScalarSet, next: Int)
        case split(Int, Int)
        case end
    }

    /// The last is the first that was made: the end.
    private var states: [State] = [.end]
    private var start = 0
    private let repetitionsMax: Int

    /// Nil for a pattern that ``PatternSyntax`` does not know.
    /// - Parameter repetitionsMax: Bounds of repetitions above this are taken for none, which makes
    ///   the automaton smaller. Texts with fewer characters and gaps have no use for more.
    init?(_ pattern: String, repetitionsMax: Int) {
        guard let syntax = PatternSyntax(pattern) else { return nil }
        self.repetitionsMax = repetitionsMax
        start = add(syntax, before: 0)
    }

    /// Whether anything in the gaps makes a text that matches as a whole.
    func canMatch(_ pieces: [TextPiece]) -> Bool {
        var reached = closure([start])
        for piece in pieces {
            switch piece {
            case .gap: reached = everything(from: reached)
            case .text(let text):
                for scalar in text.unicodeScalars {
                    reached = closure(reached.compactMap { step(from: $0, over: scalar) })
                    if reached.isEmpty { return false }
                }
            }
        }
        return reached.contains(0)
    }

    // MARK: - Walking

    private func step(from state: Int, over scalar: Unicode.Scalar) -> Int? {
        guard case .scalars(let set, let next) = states[state], set.contains(scalar) else {
            return nil
        }
        return next
    }

    /// These states and those that are reached from them without a character.
    private func closure(_ roots: [Int]) -> [Int] {
        walk(from: roots) { state in
            if case .split(let one, let other) = states[state] { [one, other] } else { [] }
        }
    }

    /// These states and those that any text leads to.
    private func everything(from roots: [Int]) -> [Int] {
        walk(from: roots) { state in
            switch states[state] {
            case .scalars(_, let next): [next]
            case .split(let one, let other): [one, other]
            case .end: []
            }
        }
    }

    private func walk(from roots: [Int], _ neighbours: (Int) -> [Int]) -> [Int] {
        var isFound = [Bool](repeating: false, count: states.count)
        var found: [Int] = []
        var open = roots
        while let state = open.popLast() {
            guard !isFound[state] else { continue }
            isFound[state] = true
            found.append(state)
            open += neighbours(state)
        }
        return found
    }

    // MARK: - Making

    /// Adds the states of a part.
    /// - Parameter next: Where it goes on.
    /// - Returns: Where it begins.
    private mutating func add(_ syntax: PatternSyntax, before next: Int) -> Int {
        switch syntax {
        case .scalars(let set): return add(.scalars(set, next: next))
        case .sequence(let parts):
            return parts.reversed().reduce(next) { add($1, before: $0) }
        case .choice(let options):
            let starts = options.map { add($0, before: next) }
            return starts.dropFirst().reduce(starts[0]) { add(.split($0, $1)) }
        case .repeated(let part, let least, let most):
            return addRepeated(part, least: least, most: most, before: next)
        }
    }

    private mutating func addRepeated(
        _ part: PatternSyntax, least: Int, most: Int?, before next: Int
    ) -> Int {
        var start = next
        if let most, most <= repetitionsMax {
            for _ in least..<most {
                start = add(.split(add(part, before: start), next))
            }
        } else {
            // A loop: the split is known before what it leads to.
            let loop = add(.split(next, next))
            states[loop] = .split(add(part, before: loop), next)
            start = loop
        }
        for _ in 0..<min(least, repetitionsMax) { start = add(part, before: start) }
        return start
    }

    private mutating func add(_ state: State) -> Int {
        states.append(state)
        return states.count - 1
    }
}
