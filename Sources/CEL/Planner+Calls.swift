/// Calls of the library's functions.
///
/// What does not recurse is never inlined here and in the planner's other files: its locals would
/// lie on the stack once for each level of nesting.
extension Planner {
    @inline(never)
    mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], at offset: Int
    ) throws(CELError) -> any PlanNode {
        let callee = names.callee(name, target)
        guard let group = callee.function else {
            return FailingNode(
                .unknownFunction(callee.name, nearest: nil, at: position(offset)))
        }
        var operands: [any PlanNode] = []
        if callee.hasReceiver, let target { operands.append(try plan(target)) }
        for argument in arguments { operands.append(try plan(argument)) }
        guard
            let function = group.functions.first(where: {
                $0.accepts(argumentCount: operands.count)
            })
        else {
            return FailingNode(
                .wrongArgumentCount(
                    function: callee.name, given: operands.count - (callee.hasReceiver ? 1 : 0),
                    expected: group.argumentCountText, at: position(offset)))
        }
        return try node(function, operands, at: offset)
    }

    @inline(never)
    private mutating func node(
        _ function: Function, _ operands: [any PlanNode], at offset: Int
    ) throws(CELError) -> any PlanNode {
        if let node = try special(function.name, operands, at: offset) { return node }
        switch function.implementation {
        case .unary(let implementation):
            return UnaryCallNode(operands[0], implementation)
        case .binary(let implementation):
            if let probe = function.probe {
                check(operands.map { $0.constant }, with: probe, implementation, at: offset)
            }
            return BinaryCallNode(operands[0], operands[1], implementation)
        case .nullary(let implementation):
            return CallNode([]) { (_, evaluation) throws(CELError) in
                try implementation(&evaluation)
            }
        case .fixed(_, let implementation), .variadic(_, let implementation):
            return CallNode(operands, implementation)
        }
    }

    /// Notes a call that can only fail for its one constant argument.
    private mutating func check(
        _ constants: [CELValue?], with probe: Function.Probe, _ implementation: Function.Binary,
        at offset: Int
    ) {
        guard constants.count == 2, (constants[0] == nil) != (constants[1] == nil) else { return }
        var evaluation = Evaluation(
            NoVariables.only, limits: environment.limits,
            locals: UnsafeMutableBufferPointer(start: nil, count: 0))
        do throws(CELError) {
            _ = try implementation(
                constants[0] ?? probe.value, constants[1] ?? probe.value, &evaluation)
        } catch {
            note(error, at: offset)
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
}
