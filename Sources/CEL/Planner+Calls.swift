extension Planner {
    /// A call of a function of the library.
    mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> any PlanNode {
        guard let target else {
            let isRooted = name.first == "."
            let name = isRooted ? String(name.dropFirst()) : name
            for candidate in candidates(name, isRooted: isRooted) {
                let functions = functions.candidates(candidate, isReceiverStyle: false)
                guard !functions.isEmpty else { continue }
                return try call(functions, try plan(arguments), name, at: offset)
            }
            return try unknownFunction(name, at: offset)
        }
        if let (namespace, isRooted) = qualifiedName(target) {
            let qualified = namespace + "." + name
            for candidate in candidates(qualified, isRooted: isRooted) {
                let functions = functions.candidates(candidate, isReceiverStyle: false)
                guard !functions.isEmpty else { continue }
                return try call(functions, try plan(arguments), qualified, at: offset)
            }
        }
        let operands = [try plan(target)] + (try plan(arguments))
        let functions = functions.candidates(name, isReceiverStyle: true)
        guard !functions.isEmpty else { return try unknownFunction(name, at: offset) }
        return try call(functions, operands, name, at: offset)
    }

    private func call(
        _ candidates: [Function], _ operands: [any PlanNode], _ name: String, at offset: Int
    ) throws(CELError) -> any PlanNode {
        guard let function = candidates.first(where: { $0.accepts(argumentCount: operands.count) })
        else {
            let expected = candidates.map(\.argumentCountText).sorted()
            let given = operands.count - (candidates[0].isReceiverStyle ? 1 : 0)
            return try refused(
                .wrongArgumentCount(
                    function: name, given: given, expected: expected.joined(separator: " or "),
                    at: position(offset)))
        }
        if name == "matches", let pattern = operands[1].constantText {
            return MatchNode(operands[0], try compiled(pattern, at: offset))
        }
        if name == "or" || name == "orValue" {
            return OptionalOrNode(operands[0], or: operands[1], givesValue: name == "orValue")
        }
        switch function.implementation {
        case .unary(let implementation): return UnaryCallNode(operands[0], implementation)
        case .binary(let implementation):
            return BinaryCallNode(operands[0], operands[1], implementation)
        case .nullary(let implementation):
            return CallNode([]) { (_, evaluation) throws(CELError) in
                try implementation(&evaluation)
            }
        case .fixed(_, let implementation), .variadic(_, let implementation):
            return CallNode(operands, implementation)
        }
    }

    private func compiled(_ pattern: ConstantText, at offset: Int) throws(CELError) -> Pattern {
        do throws(CELError) {
            return try Pattern(pattern.utf8, limits: environment.limits)
        } catch {
            throw .invalidLiteral(reason: error.description, at: position(offset))
        }
    }

    private func unknownFunction(_ name: String, at offset: Int) throws(CELError) -> any PlanNode {
        try refused(
            .unknownFunction(
                name, nearest: nearestName(to: name, among: functions.names),
                at: position(offset)))
    }

    /// An error now, or when the call is evaluated.
    private func refused(_ error: CELError) throws(CELError) -> any PlanNode {
        switch unknownNames {
        case .evaluationError: return FailingNode(error)
        case .refused: throw error
        }
    }
}
