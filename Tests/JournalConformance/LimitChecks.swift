import Journal
import Testing

extension JournalConformance {
    static let queueLimit: [ConformanceCheck] = [
        ConformanceCheck("starts are queued up to the limit and not beyond") { journal throws in
            let (one, two) = (start("r", token: "1"), start("r", token: "2"))
            #expect(
                try journal.append(arrival("d", one), arrival("e", two), queuedStartsMax: 2) == [
                    .committed([one.recorded(isNew: true)]),
                    .committed([two.recorded(isNew: true)]),
                ])
            #expect(
                try journal.append(arrival("f", start("r", token: "3")), queuedStartsMax: 2)
                    == [.queueFull])
            #expect(try journal.queuedStarts == 2)
        },
        ConformanceCheck("nothing is kept of an append that exceeds the limit") { journal throws in
            let (one, two) = (start("r", token: "1"), start("s", token: "2"))
            #expect(
                try journal.append(arrival("d", source: "refused", one, two), queuedStartsMax: 1)
                    == [.queueFull])
            #expect(try journal.queuedStarts == 0)
            #expect(try journal.claim() == [])
            #expect(
                try journal.append(arrival("d", source: "taken", one), queuedStartsMax: 1) == [
                    .committed([one.recorded(isNew: true)])
                ])
            #expect(try journal.claim().map(\.source) == ["taken"])
        },
        ConformanceCheck("one append over the limit does not touch the others") { journal throws in
            let (one, two) = (start("r", token: "1"), start("r", token: "2"))
            let outcomes = try journal.append(
                arrival("d", one), arrival("e", two), arrival("d", one), arrival("f"),
                queuedStartsMax: 1)
            #expect(
                outcomes == [
                    .committed([one.recorded(isNew: true)]), .queueFull,
                    .committed([one.recorded(isNew: false)]), .committed([]),
                ])
        },
        ConformanceCheck("what needs no new start is taken at a full queue") { journal throws in
            let old = start("r", token: "1")
            try journal.append(arrival("d", old))
            #expect(
                try journal.append(
                    arrival("d", old), arrival("e", start("s", token: "1")), arrival("f"),
                    queuedStartsMax: 1) == [
                        .committed([old.recorded(isNew: false)]),
                        .committed([old.recorded(isNew: false)]), .committed([]),
                    ])
        },
        ConformanceCheck("a claimed start counts as queued") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            #expect(try journal.claim().count == 1)
            #expect(try journal.queuedStarts == 1)
            #expect(
                try journal.append(arrival("e", start("r", token: "2")), queuedStartsMax: 1)
                    == [.queueFull])
        },
        ConformanceCheck("a start that ends in the same batch makes room") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            var batch = JournalBatch()
            batch.startSettlements = [settled("1", .started(executionARN: "arn"))]
            batch.appends = [arrival("e", start("r", token: "2"))]
            #expect(
                try journal.store.commit(batch, at: time(0), queuedStartsMax: 1) == [
                    .committed([start("r", token: "2").recorded(isNew: true)])
                ])
            #expect(try journal.queuedStarts == 1)
        },
        ConformanceCheck("0 is no limit") { journal throws in
            let starts = (0..<50).map { start("r\($0)", token: "t\($0)") }
            try journal.append(
                DeliveryAppend(delivery: delivery("d"), starts: starts), queuedStartsMax: 0)
            #expect(try journal.queuedStarts == 50)
        },
    ]

    static let history: [ConformanceCheck] = [
        ConformanceCheck("a delivery in the history can start later, as it was first") {
            journal throws in
            try journal.keep(delivery("d", source: "first"))
            let new = start("r", token: "1")
            #expect(
                try journal.append(arrival("d", source: "second", new)) == [
                    .committed([new.recorded(isNew: true)])
                ])
            #expect(try journal.claim().map(\.source) == ["first"])
        },
        ConformanceCheck("the history leaves a delivery that is there as it is") { journal throws in
            try journal.append(arrival("d", source: "first", start("r", token: "1")))
            try journal.keep(delivery("d", source: "second"))
            #expect(try journal.claim().map(\.source) == ["first"])
            #expect(try journal.queuedStarts == 1)
        },
        ConformanceCheck("the history takes a delivery twice in one batch") { journal throws in
            try journal.keep(delivery("d", source: "first"), delivery("d", source: "second"))
            try journal.append(arrival("d", start("r", token: "1")))
            #expect(try journal.claim().map(\.source) == ["first"])
        },
        ConformanceCheck("the history comes after an append of the same batch") { journal throws in
            var batch = JournalBatch()
            batch.history = [delivery("d", source: "second")]
            batch.appends = [arrival("d", source: "first", start("r", token: "1"))]
            _ = try journal.store.commit(batch, at: time(0), queuedStartsMax: 0)
            #expect(try journal.claim().map(\.source) == ["first"])
        },
        ConformanceCheck("the history is kept at a full queue") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.keep(delivery("e", source: "kept"), queuedStartsMax: 1)
            try journal.append(arrival("e", start("r", token: "2")))
            #expect(try journal.claim().map(\.source) == ["github", "kept"])
        },
    ]
}
