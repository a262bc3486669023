/// Calls of the library's functions.
///
/// What does not recurse is never inlined here and in the planner's other files: its locals would
/// lie on the stack once for each level of nesting.
extension Planner {
    /// What a call means by a name.
    private struct Callee {
        /// For every number of arguments; none when there is no such function.
        let functions: [Function]
        let name: String
        /// Whether what is in front of the dot is the first argument.
        let hasReceiver: Bool
    }

    @inline(never)
    mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> any PlanNode {
        let callee = callee(name, target)
        guard !callee.functions.isEmpty else {
            return try unknownFunction(callee, at: offset)
        }
        var operands: [any PlanNode] = []
        if callee.hasReceiver, let target { operands.append(try plan(target)) }
        for argument in arguments { operands.append(try plan(argument)) }
        return try node(callee, operands, at: offset)
    }

    @inline(never)
    private func callee(_ name: String, _ target: Expression?) -> Callee {
        guard let target else {
            let isRooted = name.first == "."
            let name = isRooted ? String(name.dropFirst()) : name
            return Callee(
                functions: globals(candidates(name, isRooted: isRooted)), name: name,
                hasReceiver: false)
        }
        if let (namespace, isRooted) = qualifiedName(target) {
            let qualified = namespace + "." + name
            let functions = globals(candidates(qualified, isRooted: isRooted))
            if !functions.isEmpty {
                return Callee(functions: functions, name: qualified, hasReceiver: false)
            }
        }
        return Callee(
            functions: functions.candidates(name, isReceiverStyle: true), name: name,
            hasReceiver: true)
    }

    /// The functions of the first of these names that has any.
    private func globals(_ names: [String]) -> [Function] {
        for name in names {
            let functions = functions.candidates(name, isReceiverStyle: false)
            if !functions.isEmpty { return functions }
        }
        return []
    }

    @inline(never)
    private func node(
        _ callee: Callee, _ operands: [any PlanNode], at offset: Int
    ) throws(CELError) -> any PlanNode {
        let function = callee.functions.first { $0.accepts(argumentCount: operands.count) }
        guard let function else {
            let expected = callee.functions.map(\.argumentCountText).sorted()
            return try refused(
                .wrongArgumentCount(
                    function: callee.name, given: operands.count - (callee.hasReceiver ? 1 : 0),
                    expected: expected.joined(separator: " or "), at: position(offset)))
        }
        if let node = try special(callee.name, operands, at: offset) { return node }
        let result = function.result
        switch function.implementation {
        case .unary(let implementation):
            return UnaryCallNode(operands[0], gives: result, implementation)
        case .binary(let implementation):
            return BinaryCallNode(operands[0], operands[1], gives: result, implementation)
        case .nullary(let implementation):
            return CallNode([], gives: result) { (_, evaluation) throws(CELError) in
                try implementation(&evaluation)
            }
        case .fixed(_, let implementation), .variadic(_, let implementation):
            return CallNode(operands, gives: result, implementation)
        }
    }

    /// The node of a function that does more than its implementation could, else nil.
    private func special(
        _ name: String, _ operands: [any PlanNode], at offset: Int
    ) throws(CELError) -> (any PlanNode)? {
        guard operands.count == 2 else { return nil }
        switch name {
        case "or": return OptionalOrNode(operands[0], or: operands[1], givesValue: false)
        case "orValue": return OptionalOrNode(operands[0], or: operands[1], givesValue: true)
        default:
            guard let text = operands[1].constantText else { return nil }
            if let test = TextTest(rawValue: name) { return TextTestNode(test, operands[0], text) }
            guard name == "matches" else { return nil }
            return MatchNode(operands[0], try compiled(text, at: offset))
        }
    }

    private func compiled(_ pattern: ConstantText, at offset: Int) throws(CELError) -> Pattern {
        do throws(CELError) {
            return try Pattern(pattern.utf8, limits: environment.limits)
        } catch {
            throw .invalidLiteral(reason: error.description, at: position(offset))
        }
    }

    @inline(never)
    private func unknownFunction(
        _ callee: Callee, at offset: Int
    ) throws(CELError) -> any PlanNode {
        try refused(
            .unknownFunction(callee.name, nearest: suggestion(callee), at: position(offset)))
    }

    /// The same name in its other form, or in a namespace, or else one that looks like it.
    private func suggestion(_ callee: Callee) -> String? {
        let name = callee.name
        if !functions.candidates(name, isReceiverStyle: !callee.hasReceiver).isEmpty {
            return callee.hasReceiver ? "\(name)(value)" : "value.\(name)"
        }
        return functions.names.first { $0.hasSuffix("." + name) }
            ?? nearestName(to: name, among: functions.names)
    }

    /// An error now, or when the call is evaluated.
    private func refused(_ error: CELError) throws(CELError) -> any PlanNode {
        switch unknownNames {
        case .evaluationError: return FailingNode(error)
        case .refused: throw error
        }
    }
}
