import JournalConformance
import SQLiteJournal
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: JournalConformance.checks)
    func `SQLite conforms`(_ check: ConformanceCheck) throws {
        let temporary = try TemporaryStore()
        try check.run { try temporary.open() }
    }

    // The model is what random sequences are compared with, so it must itself be right.
    @Test(arguments: JournalConformance.checks)
    func `the model conforms`(_ check: ConformanceCheck) throws {
        let disk = ModelDisk()
        try check.run { ModelStore(disk) }
    }
}
