import JSON

/// A loop over a list or a map that a macro stands for.
final class FoldNode: PlanNode {
    private let result: Expression.Fold.Result
    private let range: any PlanNode
    /// The local slots: one for the element or key, or two.
    private let slots: (first: Int, second: Int?)
    private let filter: (any PlanNode)?
    private let body: any PlanNode

    init(
        _ result: Expression.Fold.Result, range: any PlanNode,
        slots: (first: Int, second: Int?), filter: (any PlanNode)?, body: any PlanNode
    ) {
        self.result = result
        self.range = range
        self.slots = slots
        self.filter = filter
        self.body = body
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        var items = try Items(try range.evaluate(&evaluation), &evaluation)
        // The variables are places in the list's document.
        defer { withExtendedLifetime(items) {} }
        switch result {
        case .all: return try decide(&items, deciding: false, &evaluation)
        case .exists: return try decide(&items, deciding: true, &evaluation)
        case .existsOne: return try existsOne(&items, &evaluation)
        case .list: return try list(&items, &evaluation)
        case .map: return try map(&items, &evaluation)
        case .mapEntries: return try mapEntries(&items, &evaluation)
        case .sorted: return try sorted(&items, &evaluation)
        }
    }

    /// Puts the next item into the slots.
    /// - Returns: Whether there was one.
    private func advance(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        guard let item = items.next() else { return false }
        guard let second = slots.second else {
            evaluation.locals[slots.first] = item
            return true
        }
        let (key, value) = items.pair(item)
        evaluation.locals[slots.first] = key
        evaluation.locals[second] = value
        return true
    }

    /// What cel-go's expansion of the macros costs: the accumulator that a round reads, its loop's
    /// condition, the list or map it grows, and the accumulator that the result is read from.
    private enum Cost {
        static let allRound = 3
        static let existsRound = 4
        static let round = 1
        static let count = 1
        static let grownList = 11
        static let grownMap = 2
        static let emptyList = 10
        static let emptyMap = 30
        static let result = 1
        static let comparedResult = 2
    }

    /// `all` and `exists`, which absorb errors as `&&` and `||` do.
    private func decide(
        _ items: inout Items, deciding: Bool, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        // Bound here, so that the loop does not count references to it.
        let body = body
        let round = deciding ? Cost.existsRound : Cost.allRound
        var failure: CELError?
        try evaluation.charge(Cost.result)
        while try advance(&items, &evaluation) {
            try evaluation.charge(round)
            do throws(CELError) {
                if try condition(body, &evaluation) == deciding { return .bool(deciding) }
            } catch {
                if error.isLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!deciding)
    }

    private func existsOne(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var count = 0
        try evaluation.charge(Cost.comparedResult)
        while try advance(&items, &evaluation) {
            try evaluation.charge(Cost.round)
            guard try condition(body, &evaluation) else { continue }
            try evaluation.charge(Cost.count)
            count += 1
        }
        return .bool(count == 1)
    }

    private func list(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var list: [CELValue] = []
        try evaluation.charge(Cost.emptyList + Cost.result)
        while try advance(&items, &evaluation) {
            try evaluation.charge(Cost.round)
            guard try isKept(&evaluation) else { continue }
            try evaluation.charge(Cost.grownList)
            list.append(try body.evaluate(&evaluation))
            try checkCount(list.count, &evaluation)
        }
        return .list(list)
    }

    private func map(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var builder = CELMapBuilder()
        try evaluation.charge(Cost.emptyMap + Cost.result)
        while try advance(&items, &evaluation) {
            try evaluation.charge(Cost.round)
            guard try isKept(&evaluation) else { continue }
            try evaluation.charge(Cost.grownMap)
            let key = try evaluation.local(slots.first)
            try builder.insertNew(key, try body.evaluate(&evaluation), &evaluation)
            try checkCount(builder.entries.count, &evaluation)
        }
        return .map(CELMap(builder))
    }

    private func mapEntries(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var builder = CELMapBuilder()
        try evaluation.charge(Cost.emptyMap + Cost.result)
        while try advance(&items, &evaluation) {
            try evaluation.charge(Cost.round)
            guard try isKept(&evaluation) else { continue }
            try evaluation.charge(Cost.grownMap)
            let value = try body.evaluate(&evaluation)
            guard let entries = try value.asMap(&evaluation)?.entries else {
                throw .noOverload("transformMapEntry", value)
            }
            for (key, value) in entries { try builder.insertNew(key, value, &evaluation) }
            try checkCount(builder.entries.count, &evaluation)
        }
        return .map(CELMap(builder))
    }

    private func sorted(
        _ items: inout Items, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var elements: [CELValue] = []
        var keys: [CELValue] = []
        try evaluation.charge(Cost.emptyList + Cost.result)
        while try advance(&items, &evaluation) {
            try evaluation.charge(Cost.round + Cost.grownList)
            elements.append(try evaluation.local(slots.first))
            keys.append(try body.evaluate(&evaluation))
            try checkCount(keys.count, &evaluation)
        }
        return .list(
            try ListFunctions.sorted(elements, by: keys, function: "sortBy", &evaluation))
    }

    private func checkCount(_ count: Int, _ evaluation: inout Evaluation) throws(CELError) {
        if count > evaluation.limits.listCountMax {
            throw .listTooLong(limit: evaluation.limits.listCountMax)
        }
    }

    private func isKept(_ evaluation: inout Evaluation) throws(CELError) -> Bool {
        guard let filter else { return true }
        return try condition(filter, &evaluation)
    }

    private func condition(
        _ node: any PlanNode, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        let value = try node.evaluate(&evaluation)
        guard case .bool(let bool) = value else { throw .noOverload("a condition", value) }
        return bool
    }
}

/// What a loop goes through: a list's elements or a map's keys, with the index or the value.
private struct Items {
    private enum Range {
        case json(JSONCursor.Elements)
        case list([CELValue])
        case object(any CELObject, names: [String])
        case entries([(key: CELValue, value: CELValue)])
    }

    private var range: Range
    private var position = -1
    /// What keeps the document of a JSON list alive.
    private let owner: CELValue

    init(_ value: CELValue, _ evaluation: inout Evaluation) throws(CELError) {
        owner = value
        switch value {
        case .jsonList(let list): range = .json(JSONCursor.Elements(of: JSONCursor(list)))
        case .list(let elements): range = .list(elements)
        case .object(let object): range = .object(object, names: object.memberNames)
        default:
            guard let map = try value.asMap(&evaluation) else { throw .noOverload("a loop", value) }
            range = .entries(map.entries)
        }
    }

    /// The next element or key.
    mutating func next() -> Evaluation.Local? {
        position += 1
        switch range {
        case .json(var elements):
            guard let element = elements.next() else { return nil }
            range = .json(elements)
            return .json(element)
        case .list(let elements):
            return position < elements.count ? .value(elements[position]) : nil
        case .object(_, let names):
            return position < names.count ? .value(.string(names[position])) : nil
        case .entries(let entries):
            return position < entries.count ? .value(entries[position].key) : nil
        }
    }

    /// The index and element, or key and value, of what ``next()`` gave.
    func pair(_ item: Evaluation.Local) -> (Evaluation.Local, Evaluation.Local) {
        switch range {
        case .json, .list: (.value(.int(Int64(position))), item)
        case .object(let object, let names):
            (item, .value(object.member(names[position]) ?? .null))
        case .entries(let entries): (item, .value(entries[position].value))
        }
    }
}
