/// Which names an expression can see, and what they stand for: comprehension variables, then
/// variables, types and functions in the container and its parents (langdef.md, "Name Resolution").
struct NameScope {
    let environment: CELEnvironment
    /// The variables of the enclosing loops and bindings, the innermost last.
    var locals: [String] = []

    init(_ environment: CELEnvironment) { self.environment = environment }

    /// What a call means by a name.
    struct Callee {
        /// Nil when there is no such function.
        let function: FunctionGroup?
        let name: String
        /// Whether what is in front of the dot is the first argument.
        let hasReceiver: Bool
    }

    @inline(never)
    func callee(_ name: String, _ target: Expression?) -> Callee {
        let library = environment.library
        guard let target else {
            let isRooted = name.first == "."
            let name = isRooted ? String(name.dropFirst()) : name
            return Callee(
                function: global(name, isRooted: isRooted), name: name, hasReceiver: false)
        }
        // Most receivers are no names of namespaces, and those that are have few dots.
        if let (namespace, isRooted) = qualifiedName(target) {
            let qualified = namespace + "." + name
            if let function = global(qualified, isRooted: isRooted) {
                return Callee(function: function, name: qualified, hasReceiver: false)
            }
        }
        return Callee(
            function: library.group(name, isReceiverStyle: true), name: name, hasReceiver: true)
    }

    /// The function of the first of the names in the containers that is one.
    private func global(_ name: String, isRooted: Bool) -> FunctionGroup? {
        let library = environment.library
        if isRooted || environment.container.isEmpty {
            return library.group(name, isReceiverStyle: false)
        }
        for candidate in candidates(name, isRooted: false) {
            if let group = library.group(candidate, isReceiverStyle: false) { return group }
        }
        return nil
    }

    /// The full names that a name may stand for, the container's own first.
    func candidates(_ name: String, isRooted: Bool) -> [String] {
        guard !isRooted, !environment.container.isEmpty else { return [name] }
        var result: [String] = []
        var parts = environment.container.split(separator: ".")
        while !parts.isEmpty {
            result.append(parts.joined(separator: ".") + "." + name)
            parts.removeLast()
        }
        result.append(name)
        return result
    }

    /// The names joined by dots that an expression consists of, or nil when it is anything else.
    func qualifiedName(_ expression: Expression) -> (name: String, isRooted: Bool)? {
        switch expression.kind {
        case .name(let name, let isRooted):
            if !isRooted, locals.contains(name) { return nil }
            return (name, isRooted)
        case .select(let operand, let field, isOptional: false):
            guard let (name, isRooted) = qualifiedName(operand) else { return nil }
            return (name + "." + field, isRooted)
        default: return nil
        }
    }
}
