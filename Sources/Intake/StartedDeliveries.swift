internal import Synchronization

/// Which deliveries may have started something: a Bloom filter over delivery ids.
///
/// A redelivery must be answered with its earlier starts even when no rule matches it any more, and
/// a delivery that matches nothing must be answered without asking the disk. The filter says "no"
/// surely and "maybe" rarely wrongly: with a million deliveries in it about 1 answer in 40 is a
/// needless look at the journal.
package final class StartedDeliveries: @unchecked Sendable {
    /// 2^23 bits in one mebibyte.
    private static let wordCount = 1 << 17
    // Allocated once and freed by deinit; every access of a word is atomic.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// Until the journal's deliveries are all in, every answer is "maybe".
    private let isLoaded = Atomic<Bool>(false)

    package init() {
        words = .allocate(capacity: Self.wordCount)
        for index in 0..<Self.wordCount { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: Self.wordCount)
        words.deallocate()
    }

    /// Says that everything in the journal has been inserted.
    package func finishLoading() { isLoaded.store(true, ordering: .releasing) }

    /// - Parameter id: A delivery's id: 32 hexadecimal digits of a hash.
    package func insert(_ id: String) {
        for bit in bits(id) {
            words[bit >> 6].bitwiseOr(1 << UInt64(bit & 63), ordering: .relaxed)
        }
    }

    package func mayContain(_ id: String) -> Bool {
        guard isLoaded.load(ordering: .acquiring) else { return true }
        return bits(id).allSatisfy {
            words[$0 >> 6].load(ordering: .relaxed) & (1 << UInt64($0 & 63)) != 0
        }
    }

    /// The id is a hash already: five parts of six digits each are five hash functions.
    private func bits(_ id: String) -> [Int] {
        var parts = [0, 0, 0, 0, 0]
        for (position, digit) in id.utf8.prefix(30).enumerated() {
            let value = digit < 0x40 ? Int(digit) - 0x30 : Int(digit | 0x20) - 0x61 + 10
            parts[position / 6] = parts[position / 6] << 4 | (value & 15)
        }
        return parts.map { $0 & (Self.wordCount * 64 - 1) }
    }
}
