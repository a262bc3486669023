/// The known name that looks most like an unknown one, or nil when none is near.
///
/// Near means that a third of the characters, or one, are inserted, removed, replaced or swapped.
func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    // A longer name is no slip of the fingers, and comparing it would cost its length squared.
    guard wanted.count <= 64 else { return nil }
    var nearest: (name: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(wanted, Array(candidate.utf8))
        if distance < nearest?.distance ?? (max(3, wanted.count) / 3 + 1) {
            nearest = (candidate, distance)
        }
    }
    return nearest?.name
}

/// The optimal string alignment distance; letters of either case are
/// the same.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let left = left.map { $0.isLetter ? $0 | 0x20 : $0 }
    let right = right.map { $0.isLetter ? $0 | 0x20 : $0 }
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for i in 0..<left.count {
        var current = [i + 1]
        for j in 0..<right.count {
            var cost = previous[j] + (left[i] == right[j] ? 0 : 1)
            cost = min(cost, previous[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                cost = min(cost, beforePrevious[j - 1] + 1)
            }
            current.append(cost)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
