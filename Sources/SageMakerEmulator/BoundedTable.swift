/// A dictionary that forgets its oldest key to take a new one beyond its bound.
struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let countMax: Int
    private var entries: [Key: Value] = [:]
    /// The keys in the order in which they came: a ring that begins at `oldest` once it is full.
    private var order: [Key] = []
    private var oldest = 0

    init(countMax: Int) {
        precondition(countMax > 0, "a table has room for one entry at least")
        self.countMax = countMax
    }

    var values: Dictionary<Key, Value>.Values { entries.values }

    subscript(key: Key) -> Value? { entries[key] }

    /// Adds a value, or replaces that of a known key, which does not become younger by it.
    mutating func set(_ value: Value, for key: Key) {
        guard entries.updateValue(value, forKey: key) == nil else { return }
        guard order.count == countMax else { return order.append(key) }
        entries[order[oldest]] = nil
        order[oldest] = key
        oldest = (oldest + 1) % countMax
    }
}
