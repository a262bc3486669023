/// The newest requests, bounded in number and in memory.
struct RequestJournal: Sendable {
    private let entriesMax: Int
    private let bytesMax: Int
    private var kept: [JournalEntry] = []
    /// Where the oldest entry that counts is; what is before it is forgotten already.
    private var oldest = 0
    private var bytes = 0

    init(
        entriesMax: Int = EmulatorLimits.journalEntriesMax,
        bytesMax: Int = EmulatorLimits.journalBytesMax
    ) {
        self.entriesMax = entriesMax
        self.bytesMax = bytesMax
    }

    /// The entries, newest last.
    var entries: ArraySlice<JournalEntry> { kept[oldest...] }

    mutating func append(_ entry: JournalEntry) {
        kept.append(entry)
        bytes += entry.byteCount
        while kept.count - oldest > entriesMax || bytes > bytesMax && kept.count - oldest > 1 {
            bytes -= kept[oldest].byteCount
            oldest += 1
        }
        // Moving the rest forward only now and then keeps appending cheap. Entries hold on to
        // their texts until then, so the front is at most as long as the rest.
        if oldest > kept.count / 2 {
            kept.removeFirst(oldest)
            oldest = 0
        }
    }
}
