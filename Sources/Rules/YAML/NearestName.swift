/// The known name that a misspelt one most likely stands for, or nil where none is like it.
package func nearestName(to written: String, among names: some Sequence<String>) -> String? {
    let text = Array(written.lowercased().utf8)
    // Whatever is this long is no misspelt key, and comparing it would take long.
    guard text.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(text, Array(name.lowercased().utf8))
        if distance < best?.distance ?? Int.max { best = (name, distance) }
    }
    guard let best, best.distance <= max(2, text.count / 3), best.distance < text.count else {
        return nil
    }
    return best.name
}

/// `; did you mean "when"?`, else the names themselves when they are few, else nothing.
package func suggestion(for written: String, among names: [String]) -> String {
    if let nearest = nearestName(to: written, among: names) {
        return "; did you mean \"\(nearest)\"?"
    }
    guard !names.isEmpty, names.count <= 30 else { return "" }
    return "; expected \(alternatives(names))"
}

/// `a`, `a or b`, `a, b or c`.
package func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
}

/// The fewest insertions, deletions, replacements and swaps of neighbours between two texts.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var before: [Int] = []
    var above = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        for column in 1...right.count {
            let isSame = left[row - 1] == right[column - 1]
            var distance = min(
                above[column - 1] + (isSame ? 0 : 1), above[column] + 1, current[column - 1] + 1)
            if row > 1, column > 1, left[row - 1] == right[column - 2],
                left[row - 2] == right[column - 1]
            {
                distance = min(distance, before[column - 2] + 1)
            }
            current.append(distance)
        }
        before = above
        above = current
    }
    return above[right.count]
}
