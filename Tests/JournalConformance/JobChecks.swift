import Journal
import Testing

extension JournalConformance {
    static let claims: [ConformanceCheck] = [
        ConformanceCheck("a start is claimed once") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            #expect(try journal.claim().map(\.token) == ["1"])
            #expect(try journal.claim() == [])
            #expect(try journal.store.nextStartDue() == nil)
        },
        ConformanceCheck("starts are claimed as they are due, then as they were made") {
            journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")), at: 5)
            try journal.append(arrival("e", start("r", token: "3")), at: 4)
            try journal.append(arrival("f", start("r", token: "4")), at: 5)
            #expect(try journal.claim(dueBy: 9).map(\.token) == ["3", "1", "2", "4"])
        },
        ConformanceCheck("a start is due at its time and not before") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")), at: 10)
            #expect(try journal.claim(dueBy: 9) == [])
            #expect(try journal.store.nextStartDue() == time(10))
            #expect(try journal.claim(dueBy: 10).map(\.token) == ["1"])
        },
        ConformanceCheck("a claim takes no more than its limit") { journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")), at: 1)
            try journal.append(arrival("e", start("r", token: "3")), at: 2)
            #expect(try journal.claim(dueBy: 9, limit: 0) == [])
            #expect(try journal.claim(dueBy: 9, limit: 2).map(\.token) == ["1", "2"])
            #expect(try journal.store.nextStartDue() == time(2))
            #expect(try journal.claim(dueBy: 9, limit: 2).map(\.token) == ["3"])
        },
    ]

    static let settlements: [ConformanceCheck] = [
        ConformanceCheck("a start that is retried is due again at its time") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")), at: 3)
            for attempt in 0..<3 {
                let jobs = try journal.claim(dueBy: 20)
                #expect(jobs.map(\.attempts) == [attempt])
                #expect(jobs.map(\.createdAt) == [time(3)])
                try journal.settle(settled("1", .queued(nextAttemptAt: time(20))), at: 9)
                #expect(try journal.queuedStarts == 1)
                #expect(try journal.store.nextStartDue() == time(20))
                #expect(try journal.claim(dueBy: 19) == [])
            }
        },
        ConformanceCheck("a start that ends is not queued any more") { journal throws in
            try journal.append(
                arrival(
                    "d", start("a", token: "1"), start("b", token: "2"), start("c", token: "3"),
                    start("d", token: "4")))
            #expect(try journal.claim().count == 4)
            try journal.settle(
                settled("1", .started(executionARN: "arn")),
                settled("2", .refused(code: "ValidationException", message: "")),
                settled("3", .expired(code: "", message: "too old")))
            #expect(try journal.queuedStarts == 1)
            #expect(try journal.store.nextStartDue() == nil)
            #expect(try journal.claim(dueBy: .max) == [])
        },
        ConformanceCheck("a start that has ended stays as it is") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(settled("1", .started(executionARN: "arn")))
            try journal.settle(
                settled("1", .queued(nextAttemptAt: time(0)), callbacks: [callback("late")]))
            try journal.settle(settled("1", .refused(code: "c", message: "m")))
            #expect(try journal.queuedStarts == 0)
            #expect(try journal.claim() == [])
            #expect(try journal.claimCallbacks() == [])
        },
        ConformanceCheck("a start that is postponed waits without an attempt, unless it has ended")
        {
            journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")))
            #expect(try journal.claim().count == 2)
            try journal.settle(settled("2", .started(executionARN: "arn")))
            for token in ["1", "2", "9"] { try journal.postpone(token, until: 7) }
            #expect(try journal.queuedStarts == 1)
            #expect(try journal.claim(dueBy: 6) == [])
            let jobs = try journal.claim(dueBy: 7)
            #expect(jobs.map(\.token) == ["1"])
            #expect(jobs.map(\.attempts) == [0])
        },
        ConformanceCheck(
            "a callback that is postponed waits without an attempt, unless it has ended"
        ) {
            journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled(
                    "1", .started(executionARN: "arn"), callbacks: [callback("c"), callback("e")]))
            #expect(try journal.claimCallbacks().count == 2)
            try journal.settle(settled(callback: "e", .delivered))
            for name in ["c", "e", "none"] { try journal.postpone(callback: name, until: 7) }
            #expect(try journal.claimCallbacks(dueBy: 6) == [])
            let jobs = try journal.claimCallbacks(dueBy: 7)
            #expect(jobs.map(\.id) == ["c"])
            #expect(jobs.map(\.attempts) == [0])
        },
        ConformanceCheck("a start keeps the role that signs it") { journal throws in
            let role = "arn:aws:iam::123456789012:role/starter"
            let own = start("r", token: "1")
            let other = NewStart(
                id: identifier("2"), rule: "s", eventIndex: 0, token: "2", region: "eu-west-1",
                roleARN: role, request: Array("{}".utf8), callback: nil)
            try journal.append(arrival("d", own, other))
            #expect(try journal.claim().map(\.roleARN) == [nil, role])
        },
        ConformanceCheck("a start that is not there is passed over") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled("9", .started(executionARN: "arn"), callbacks: [callback("none")]),
                settled("1", .started(executionARN: "arn")))
            #expect(try journal.queuedStarts == 0)
            #expect(try journal.claimCallbacks() == [])
        },
    ]

    static let callbacks: [ConformanceCheck] = [
        ConformanceCheck("a settlement makes its callbacks, due at once") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled(
                    "1", .started(executionARN: "arn"),
                    callbacks: [callback("b", .started), callback("a", .finished)]), at: 6)
            #expect(try journal.store.nextCallbackDue() == time(6))
            #expect(try journal.claimCallbacks(dueBy: 5) == [])
            let expected = [callback("b", .started), callback("a", .finished)].map {
                CallbackJob(
                    id: $0.id, start: identifier("1"), url: $0.url, occasion: $0.occasion,
                    body: $0.body, createdAt: time(6), attempts: 0)
            }
            #expect(try journal.claimCallbacks(dueBy: 6) == expected)
            #expect(try journal.claimCallbacks(dueBy: 6) == [])
            #expect(try journal.store.nextCallbackDue() == nil)
        },
        ConformanceCheck("a start that is retried can have callbacks") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled("1", .queued(nextAttemptAt: time(9)), callbacks: [callback("a", .failed)]))
            #expect(try journal.claimCallbacks().map(\.occasion) == [.failed])
            #expect(try journal.queuedStarts == 1)
        },
        ConformanceCheck("a callback is made once") { journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")))
            try journal.settle(
                settled("1", .started(executionARN: "x"), callbacks: [callback("a")]))
            try journal.settle(
                settled("2", .started(executionARN: "y"), callbacks: [callback("a")]))
            #expect(try journal.claimCallbacks().map(\.start) == [identifier("1")])
        },
        ConformanceCheck("a callback that is retried is due again at its time") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled("1", .started(executionARN: "x"), callbacks: [callback("a")]))
            for attempt in 0..<3 {
                #expect(try journal.claimCallbacks(dueBy: 20).map(\.attempts) == [attempt])
                try journal.settle(settled(callback: "a", .queued(nextAttemptAt: time(20))))
                #expect(try journal.store.nextCallbackDue() == time(20))
                #expect(try journal.claimCallbacks(dueBy: 19) == [])
            }
        },
        ConformanceCheck("a callback that ends is not queued any more") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            let made = ["a", "b", "c"].map { callback($0) }
            try journal.settle(settled("1", .started(executionARN: "x"), callbacks: made))
            #expect(try journal.claimCallbacks(limit: 2).map(\.id) == ["a", "b"])
            try journal.settle(settled(callback: "a", .delivered), settled(callback: "b", .failed))
            try journal.settle(
                settled(callback: "a", .queued(nextAttemptAt: time(0))),
                settled(callback: "gone", .delivered))
            #expect(try journal.claimCallbacks().map(\.id) == ["c"])
            #expect(try journal.store.nextCallbackDue() == nil)
        },
        ConformanceCheck("callbacks do not count as queued starts") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled("1", .started(executionARN: "x"), callbacks: [callback("a")]))
            #expect(try journal.queuedStarts == 0)
            #expect(try journal.claim() == [])
        },
    ]

    static let reopening: [ConformanceCheck] = [
        ConformanceCheck("what was committed is there when the store is opened anew") {
            journal throws in
            let (one, two) = (start("r", token: "1"), start("s", token: "2"))
            try journal.append(arrival("d", source: "first", one, two))
            try journal.keep(delivery("e", source: "first"))
            try journal.settle(
                settled("1", .started(executionARN: "x"), callbacks: [callback("a")]))
            journal.close()
            #expect(try journal.queuedStarts == 1)
            #expect(
                try journal.append(
                    arrival("d", one, two), arrival("e", source: "second", start("r", token: "3")))
                    == [
                        .committed([one.recorded(isNew: false), two.recorded(isNew: false)]),
                        .committed([start("r", token: "3").recorded(isNew: true)]),
                    ])
            #expect(try journal.claim().map(\.token) == ["2", "3"])
            #expect(try journal.claimCallbacks().map(\.id) == ["a"])
            journal.close()
            #expect(try journal.claim().map(\.source) == ["first", "first"])
        },
        ConformanceCheck("claims end with the store") { journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")))
            try journal.settle(
                settled("1", .started(executionARN: "x"), callbacks: [callback("a")]))
            let (jobs, callbacks) = (try journal.claim(), try journal.claimCallbacks())
            #expect((jobs.count, callbacks.count) == (1, 1))
            journal.close()
            #expect(try journal.store.nextStartDue() == time(0))
            #expect(try journal.claim() == jobs)
            #expect(try journal.claimCallbacks() == callbacks)
        },
        ConformanceCheck("failed attempts are counted over the store's opening") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(settled("1", .queued(nextAttemptAt: time(1))))
            journal.close()
            #expect(try journal.claim(dueBy: 1).map(\.attempts) == [1])
        },
    ]
}
