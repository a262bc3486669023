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

    /// - Parameter id: A delivery's id in the journal.
    package func insert(_ id: String) {
        for bit in Bits(id) {
            words[bit >> 6].bitwiseOr(1 << UInt64(bit & 63), ordering: .relaxed)
        }
    }

    package func mayContain(_ id: String) -> Bool {
        guard isLoaded.load(ordering: .acquiring) else { return true }
        return Bits(id).allSatisfy {
            words[$0 >> 6].load(ordering: .relaxed) & (1 << UInt64($0 & 63)) != 0
        }
    }

    /// The five bits of an id. Two halves of one hash make as many as are wanted (A. Kirsch and
    /// M. Mitzenmacher, "Less hashing, same performance", 2006). The hash's seed is the process's.
    private struct Bits: Sequence, IteratorProtocol {
        private var position: UInt32
        private let step: UInt32
        private var left = 5

        init(_ id: String) {
            var hasher = Hasher()
            hasher.combine(id)
            let hash = UInt(bitPattern: hasher.finalize())
            position = UInt32(truncatingIfNeeded: hash)
            // Odd, so that no bit comes twice.
            step = UInt32(truncatingIfNeeded: hash >> 32) | 1
        }

        mutating func next() -> Int? {
            guard left > 0 else { return nil }
            left -= 1
            defer { position &+= step }
            return Int(position) & (StartedDeliveries.wordCount * 64 - 1)
        }
    }
}
