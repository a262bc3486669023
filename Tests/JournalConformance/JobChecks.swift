import Journal
import Testing

private let role = "arn:aws:iam::123456789012:role/starter"

extension JournalConformance {
    static let claims: [ConformanceCheck] = [
        ConformanceCheck("a start is claimed once") { journal throws in
            try journal.append(arrival("d", start("r", token: "1")))
            #expect(try journal.claim().map(\.token) == ["1"])
            #expect(try journal.claim() == [])
            #expect(try journal.nextStartDue == nil)
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
            #expect(try journal.nextStartDue == time(10))
            #expect(try journal.claim(dueBy: 10).map(\.token) == ["1"])
        },
        ConformanceCheck("a claim takes no more than its limit") { journal throws in
            try journal.append(arrival("d", start("r", token: "1"), start("s", token: "2")), at: 1)
            try journal.append(arrival("e", start("r", token: "3")), at: 2)
            #expect(try journal.claim(dueBy: 9, limit: 0) == [])
            #expect(try journal.claim(dueBy: 9, limit: 2).map(\.token) == ["1", "2"])
            #expect(try journal.nextStartDue == time(2))
            #expect(try journal.claim(dueBy: 9, limit: 2).map(\.token) == ["3"])
        },
    ]

    static let lanes: [ConformanceCheck] = [
        ConformanceCheck("starts are claimed by region and role, each lane by itself") {
            journal throws in
            let lanes = [
                StartLaneID(region: "eu-west-1", roleARN: nil),
                StartLaneID(region: "eu-west-1", roleARN: role),
                StartLaneID(region: "eu-west-1", roleARN: ""),
                StartLaneID(region: "eu-central-1", roleARN: role),
            ]
            for (number, lane) in lanes.enumerated() {
                let starts = (0...1).map { start("r\($0)", token: "\(number)\($0)", lane: lane) }
                try journal.append(arrival("d\(number)", starts[0], starts[1]), at: Int64(number))
            }
            let due = (0...3).map { time($0) }
            #expect(
                try journal.store.startLanes()
                    == Dictionary(uniqueKeysWithValues: zip(lanes, due)))
            for (number, lane) in lanes.enumerated() {
                #expect(try journal.store.nextStartDue(of: lane) == due[number])
                let jobs = try journal.claim(of: lane, dueBy: 9, limit: 1)
                #expect(jobs.map(\.token) == ["\(number)0"])
                #expect(jobs.map(\.lane) == [lane])
                #expect(try journal.claim(of: lane, dueBy: 9).map(\.token) == ["\(number)1"])
                #expect(try journal.store.nextStartDue(of: lane) == nil)
                try journal.settle(
                    settled("\(number)0", lane: lane, .queued(nextAttemptAt: time(20))))
                #expect(try journal.store.nextStartDue(of: lane) == time(20))
            }
            let unknown = StartLaneID(region: "eu-west-2", roleARN: nil)
            #expect(try journal.claim(of: unknown, dueBy: 99) == [])
            #expect(try journal.store.nextStartDue(of: unknown) == nil)
        },
        ConformanceCheck("callbacks are claimed by receiver, each lane by itself") {
            journal throws in
            let other = CallbackLaneID(receiver: "http://[::1]:8080")
            let made = [callback("a"), callback("b", to: other), callback("c")]
            try journal.append(arrival("d", start("r", token: "1")))
            try journal.settle(
                settled("1", .started(executionARN: "arn"), callbacks: made), at: 5)
            #expect(
                try journal.store.callbackLanes() == [usualReceiver: time(5), other: time(5)])
            #expect(try journal.claimCallbacks(of: other, dueBy: 5).map(\.id) == ["b"])
            #expect(try journal.store.nextCallbackDue(of: other) == nil)
            #expect(try journal.nextCallbackDue == time(5))
            #expect(try journal.claimCallbacks(dueBy: 5).map(\.id) == ["a", "c"])
        },
        ConformanceCheck("a lane is there as long as it has queued jobs, claimed or not") {
            journal throws in
            #expect(try journal.store.startLanes() == [:])
            #expect(try journal.store.callbackLanes() == [:])
            try journal.append(arrival("d", start("r", token: "1")), at: 4)
            #expect(try journal.claim(dueBy: 4).count == 1)
            #expect(try journal.store.startLanes() == [usualLane: time(4)])
            try journal.settle(
                settled("1", .started(executionARN: "arn"), callbacks: [callback("c")]), at: 6)
            #expect(try journal.store.startLanes() == [:])
            #expect(try journal.store.callbackLanes() == [usualReceiver: time(6)])
            try journal.settle(settled(callback: "c", .delivered))
            #expect(try journal.store.callbackLanes() == [:])
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
                #expect(try journal.nextStartDue == time(20))
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
            #expect(try journal.nextStartDue == nil)
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
            #expect(try journal.nextCallbackDue == time(6))
            #expect(try journal.claimCallbacks(dueBy: 5) == [])
            let expected = [callback("b", .started), callback("a", .finished)].map {
                CallbackJob(
                    id: $0.id, start: identifier("1"), url: $0.url, occasion: $0.occasion,
                    body: $0.body, createdAt: time(6), attempts: 0)
            }
            #expect(try journal.claimCallbacks(dueBy: 6) == expected)
            #expect(try journal.claimCallbacks(dueBy: 6) == [])
            #expect(try journal.nextCallbackDue == nil)
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
                #expect(try journal.nextCallbackDue == time(20))
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
            #expect(try journal.nextCallbackDue == nil)
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
            #expect(try journal.nextStartDue == time(0))
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
