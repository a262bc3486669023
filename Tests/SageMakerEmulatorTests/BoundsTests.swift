import Testing

// `@testable`, for to reach these bounds over HTTP would take tens of thousands of requests.
@testable import SageMakerEmulator

@Suite struct BoundedTableTests {
    @Test func `forgets its oldest key beyond the bound, and no younger one`() {
        var table = BoundedTable<Int, String>(countMax: 3)
        for key in 0..<3 { table.set("\(key)", for: key) }
        #expect((0..<3).map { table[$0] } == ["0", "1", "2"])
        table.set("again", for: 0)
        #expect((0..<3).map { table[$0] } == ["again", "1", "2"])
        table.set("3", for: 3)
        #expect((0..<4).map { table[$0] } == [nil, "1", "2", "3"])
        for key in 4..<9 { table.set("\(key)", for: key) }
        #expect((0..<9).map { table[$0] } == Array(repeating: nil, count: 6) + ["6", "7", "8"])
        #expect(table.values.count == 3)
    }
}

@Suite struct RequestJournalTests {
    private func entry(_ number: Int64, bytes: Int = 0) -> JournalEntry {
        var trace = CallTrace()
        trace.token = String(repeating: "t", count: bytes)
        return JournalEntry(trace, requestID: "", at: number)
    }

    @Test func `keeps the newest entries`() {
        var journal = RequestJournal(entriesMax: 3, bytesMax: 1000)
        for number in 0..<10 {
            journal.append(entry(Int64(number)))
            let expected = Array(Int64(max(0, number - 2))...Int64(number))
            #expect(journal.entries.map(\.atMilliseconds) == expected)
        }
    }

    @Test func `keeps what fits its memory, and the newest in any case`() {
        var journal = RequestJournal(entriesMax: 100, bytesMax: 100)
        for number in 0..<4 { journal.append(entry(Int64(number), bytes: 25)) }
        #expect(journal.entries.map(\.atMilliseconds) == [0, 1, 2, 3])
        journal.append(entry(4, bytes: 26))
        #expect(journal.entries.map(\.atMilliseconds) == [2, 3, 4])
        journal.append(entry(5, bytes: 101))
        #expect(journal.entries.map(\.atMilliseconds) == [5])
        journal.append(entry(6))
        #expect(journal.entries.map(\.atMilliseconds) == [6])
    }
}

@Suite struct EmulatorLimitsTests {
    @Test func `are what their comments and the documentation say`() {
        #expect(EmulatorLimits.requestBytesMax == 2 << 20)
        // The longest definition and the longest parameters that AWS's model allows.
        #expect(1_048_576 < EmulatorLimits.requestBytesMax)
        #expect(200 * (256 + 4 * 1024) < EmulatorLimits.requestBytesMax)
        #expect(EmulatorLimits.faultsMax == 1000)
        #expect(EmulatorLimits.timesMax == 1_000_000)
        #expect(EmulatorLimits.delayMax == .seconds(3600))
        #expect(EmulatorLimits.journalEntriesMax == 10_000)
        #expect(EmulatorLimits.executionsMax >= EmulatorLimits.journalEntriesMax)
    }
}
