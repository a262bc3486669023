import Journal
import Testing

extension JournalConformance {
    static let appends: [ConformanceCheck] = [
        ConformanceCheck("a new delivery's starts are new, in the order given") { journal throws in
            let (first, second) = (start("b", token: "1"), start("a", event: 1, token: "2"))
            let outcomes = try journal.append(arrival("d", first, second), at: 7)
            #expect(
                outcomes == [
                    .committed([first.recorded(isNew: true), second.recorded(isNew: true)])
                ])
            #expect(try journal.queuedStarts == 2)
            #expect(try journal.nextStartDue == time(7))
        },
        ConformanceCheck("each append has its outcome, in their order") { journal throws in
            let (first, second) = (start("r", token: "1"), start("r", token: "2"))
            let outcomes = try journal.append(
                arrival("d", first), arrival("e"), arrival("f", second))
            #expect(
                outcomes == [
                    .committed([first.recorded(isNew: true)]), .committed([]),
                    .committed([second.recorded(isNew: true)]),
                ])
        },
        ConformanceCheck("what needs no new start is told without a commit") { journal throws in
            let (one, two) = (start("r", token: "1"), start("s", token: "2"))
            let store = try journal.store
            #expect(try store.recorded(arrival("d", one)) == nil)
            try journal.append(arrival("d", one))
            #expect(try store.recorded(arrival("d", one)) == [one.recorded(isNew: false)])
            #expect(try store.recorded(arrival("d")) == [one.recorded(isNew: false)])
            #expect(try store.recorded(arrival("e", one)) == [one.recorded(isNew: false)])
            #expect(try store.recorded(arrival("e")) == [])
            #expect(try store.recorded(arrival("d", one, two)) == nil)
            #expect(try journal.append(arrival("e")) == [.committed([])])
            #expect(try journal.queuedStarts == 1)
        },
        ConformanceCheck("a batch of nothing has no outcomes") { journal throws in
            #expect(try journal.append() == [])
            #expect(try journal.nextStartDue == nil)
            #expect(try journal.nextCallbackDue == nil)
            #expect(try journal.queuedStarts == 0)
        },
        ConformanceCheck("a start's job is what was given, byte for byte") { journal throws in
            let everyByte = (0...255).map { UInt8($0) }
            let record = DeliveryRecord(
                id: identifier("d"), source: "l'été \u{0}🦊", deliveryID: "", receivedAt: time(-1),
                verifiedBy: "", headers: [],
                events: Array(#"[1, {"kind": "push", "n": 1.10}]"#.utf8),
                errors: [], payload: everyByte)
            let new = NewStart(
                id: identifier("t"), rule: #""; DROP TABLE starts; --"#, eventIndex: 1,
                token: "t", region: "", request: everyByte,
                callback: CallbackTarget(url: "https://x/?a='", occasions: [.finished, .started]))
            try journal.append(DeliveryAppend(delivery: record, starts: [new]), at: 5)
            let job = try #require(try journal.claim(of: new.lane, dueBy: 5).first)
            #expect(job.id == new.id)
            #expect(job.delivery == record.id)
            #expect(job.source == record.source)
            #expect(job.rule == new.rule)
            #expect(job.token == new.token)
            #expect(job.region == new.region)
            #expect(job.request == new.request)
            #expect(job.createdAt == time(5))
            #expect(job.attempts == 0)
            #expect(job.callback == new.callback)
            #expect(withoutSpaces(job.event) == #"{"kind":"push","n":1.10}"#)
        },
        ConformanceCheck("an empty request stays empty") { journal throws in
            let empty = NewStart(
                id: identifier("t"), rule: "r", eventIndex: 0, token: "t", region: "x",
                request: [], callback: nil)
            try journal.append(DeliveryAppend(delivery: delivery("d"), starts: [empty]))
            #expect(try journal.claim(of: empty.lane).first?.request == [])
        },
        ConformanceCheck("a start has its event only for a callback") { journal throws in
            let target = CallbackTarget(url: "https://x/", occasions: [.failed])
            try journal.append(
                arrival(
                    "d", start("a", event: 0, token: "1"),
                    start("b", event: 1, token: "2", callback: target),
                    start("c", event: 2, token: "3", callback: target)))
            let jobs = try journal.claim()
            #expect(jobs.map(\.callback) == [nil, target, target])
            #expect(jobs.map { withoutSpaces($0.event) } == ["", #"{"kind":"release"}"#, ""])
        },
    ]

    static let sameness: [ConformanceCheck] = [
        ConformanceCheck("a delivery seen again has its earlier starts and no new ones") {
            journal throws in
            let new = start("r", token: "1")
            try journal.append(arrival("d", new))
            let again = try journal.append(arrival("d", new))
            #expect(again == [.committed([new.recorded(isNew: false)])])
            #expect(try journal.append(arrival("d")) == again)
            #expect(try journal.queuedStarts == 1)
            #expect(try journal.claim().count == 1)
        },
        ConformanceCheck("a rule that is added later starts; earlier starts are first") {
            journal throws in
            let (old, new) = (start("r", token: "1"), start("s", token: "2"))
            try journal.append(arrival("d", old))
            #expect(
                try journal.append(arrival("d", new, old)) == [
                    .committed([old.recorded(isNew: false), new.recorded(isNew: true)])
                ])
            #expect(try journal.queuedStarts == 2)
        },
        ConformanceCheck("a rule starts once for an event, whatever the token") { journal throws in
            let old = start("r", token: "1")
            try journal.append(arrival("d", old))
            #expect(
                try journal.append(arrival("d", start("r", token: "2"))) == [
                    .committed([old.recorded(isNew: false)])
                ])
            let other = start("r", event: 1, token: "3")
            #expect(
                try journal.append(arrival("d", other)) == [
                    .committed([old.recorded(isNew: false), other.recorded(isNew: true)])
                ])
            #expect(try journal.queuedStarts == 2)
        },
        ConformanceCheck("another delivery with the same token has the earlier start") {
            journal throws in
            let old = start("r", token: "1")
            try journal.append(arrival("d", old))
            let other = start("s", event: 1, token: "1")
            #expect(
                try journal.append(arrival("e", other)) == [
                    .committed([old.recorded(isNew: false)])
                ])
            #expect(try journal.queuedStarts == 1)
        },
        ConformanceCheck("a token's earlier start does not stand for this delivery's rule") {
            journal throws in
            let old = start("r", token: "1")
            try journal.append(arrival("d", old))
            let own = start("r", token: "2")
            #expect(
                try journal.append(arrival("e", start("s", token: "1"), own)) == [
                    .committed([old.recorded(isNew: false), own.recorded(isNew: true)])
                ])
        },
        ConformanceCheck("a token stays taken when its start has ended") { journal throws in
            let old = start("r", token: "1")
            try journal.append(arrival("d", old))
            try journal.settle(settled("1", .refused(code: "c", message: "m")))
            #expect(
                try journal.append(arrival("d", old), arrival("e", old)) == [
                    .committed([old.recorded(isNew: false)]),
                    .committed([old.recorded(isNew: false)]),
                ])
            #expect(try journal.queuedStarts == 0)
            #expect(try journal.claim() == [])
        },
        ConformanceCheck("two arrivals in one batch are as if one after the other") {
            journal throws in
            let (one, two) = (start("r", token: "1"), start("s", token: "2"))
            let outcomes = try journal.append(
                arrival("d", one), arrival("d", one, two), arrival("e", start("s", token: "2")))
            #expect(
                outcomes == [
                    .committed([one.recorded(isNew: true)]),
                    .committed([one.recorded(isNew: false), two.recorded(isNew: true)]),
                    .committed([two.recorded(isNew: false)]),
                ])
            #expect(try journal.queuedStarts == 2)
        },
        ConformanceCheck("one append makes a token, and a rule for an event, once") {
            journal throws in
            let one = start("r", token: "1")
            #expect(
                try journal.append(
                    arrival("d", one, start("s", token: "1"), start("r", token: "2")),
                    queuedStartsMax: 1) == [.committed([one.recorded(isNew: true)])])
            #expect(try journal.queuedStarts == 1)
        },
    ]
}

private func withoutSpaces(_ json: [UInt8]) -> String {
    String(decoding: json.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
}
