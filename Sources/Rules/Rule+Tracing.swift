internal import CEL
internal import Events
internal import JSON

extension Rule {
    /// What the rule does with an event, clause by clause.
    func trace(
        of event: Event, in delivery: Delivery, _ variables: RuleActivation
    ) -> RuleTrace {
        guard admits(source: delivery.source) else {
            let names = (sources ?? []).map(\.text).joined(separator: ", ")
            return refused(
                event, by: "source", because: "source \(quoted(delivery.source)) is not \(names)",
                after: [])
        }
        var clauses = [ClauseTrace("source", .yes, delivery.source)]
        if let refusal = filterRefusal(of: event) {
            clauses += agreements(on: event, before: refusal)
            return refused(
                event, by: refusal.clause, because: reason(refusal, for: event), after: clauses)
        }
        clauses += agreements(on: event, before: nil)
        let activation = lets.activation(variables)
        clauses += lets.values.map { name, _ in letTrace(name, activation) }
        do {
            guard try holds(activation) else {
                clauses += conditionParts(activation)
                return refused(
                    event, by: "when", because: "the condition is false", after: clauses)
            }
        } catch {
            clauses += conditionParts(activation)
            return refused(
                event, by: "when", because: "the condition failed", after: clauses,
                error: error.message)
        }
        clauses += conditionParts(activation)
        if let conditionText { clauses.append(ClauseTrace("when", .yes, conditionText)) }
        return started(event, in: delivery, activation, clauses)
    }

    private func started(
        _ event: Event, in delivery: Delivery, _ activation: any CELActivation,
        _ clauses: [ClauseTrace]
    ) -> RuleTrace {
        var request: StartRequest?
        var failure: String?
        do {
            request = try start(event, in: delivery, activation)
        } catch {
            failure = error.message
        }
        return RuleTrace(
            rule: name, event: event.index, matched: true, clause: nil, reason: nil,
            start: request, error: failure, clauses: clauses)
    }

    private func refused(
        _ event: Event, by clause: String, because reason: String, after clauses: [ClauseTrace],
        error: String? = nil
    ) -> RuleTrace {
        let last = ClauseTrace(clause, error == nil ? .no : .error, error ?? reason)
        return RuleTrace(
            rule: name, event: event.index, matched: false, clause: clause, reason: reason,
            start: nil, error: error, clauses: clauses + [last])
    }

    /// The parts of `on` that say yes before one that says no, or all of them.
    private func agreements(on event: Event, before refusal: FilterRefusal?) -> [ClauseTrace] {
        guard refusal != .kind, let filters else { return [] }
        guard let filter = filters.first(where: { $0.covers(event) }) else { return [] }
        var agreements = [ClauseTrace("on", .yes, filter.kind.rawValue)]
        for word in filter.words {
            if refusal == .word(word, of: filter.kind) { break }
            agreements.append(ClauseTrace("on.\(filter.kind.rawValue).\(word.rawValue)", .yes))
        }
        return agreements
    }

    /// The value of a name of `let`.
    private func letTrace(_ name: String, _ activation: any CELActivation) -> ClauseTrace {
        guard let slot = lets.environment.variables.firstIndex(of: name) else {
            preconditionFailure("a name of let is a variable of its environment")
        }
        do throws(CELError) {
            let value = try activation.value(ofVariable: slot) ?? .null
            return ClauseTrace("let \(name)", .value, value.shown)
        } catch {
            guard case .inVariable(_, let inner) = error else {
                return ClauseTrace("let \(name)", .error, error.description)
            }
            return ClauseTrace("let \(name)", .error, inner.description)
        }
    }

    /// What each operand of the condition's outermost `&&` comes to; nothing for a condition that
    /// is one part.
    private func conditionParts(_ activation: any CELActivation) -> [ClauseTrace] {
        let parts = conditionText.map { ConditionParts.of($0) } ?? []
        guard parts.count > 1 else { return [] }
        return parts.map { part in
            do throws(CELError) {
                let value = try lets.environment.compile(part).evaluate(activation)
                return ClauseTrace(part, value.boolValue == true ? .yes : .no, value.shown)
            } catch {
                return ClauseTrace(part, .error, error.description)
            }
        }
    }
}

extension CELValue {
    /// The value as a trace shows it: JSON, shortened.
    fileprivate var shown: String {
        var writer = JSONWriter()
        do {
            try write(to: &writer, bytesMax: 1 << 16)
        } catch {
            return typeName
        }
        return printable(String(decoding: writer.bytes, as: UTF8.self))
    }
}
