import Testing

@testable import Journal

@Suite struct LaneBookTests {
    private func time(_ milliseconds: Int64) -> UnixTime { UnixTime(milliseconds: milliseconds) }

    private func book(
        usual: Int, own: [String: Int] = [:], shared: Int = 100, reserved: Int = 0,
        inAll: Int = 100
    ) -> LaneBook<String> {
        var book = LaneBook<String>()
        book.rooms.usual = usual
        book.rooms.own = own
        book.rooms.sharedMax = shared
        book.rooms.reserved = reserved
        book.rooms.inAllMax = inAll
        return book
    }

    @Test func `nothing is handed out before there is room`() {
        var book = LaneBook<String>()
        book.note("a", due: time(1))
        #expect(book.shares(at: time(9)) == [])
        #expect(book.nextDue == nil)
        book.rooms.usual = 3
        (book.rooms.sharedMax, book.rooms.inAllMax) = (2, 2)
        #expect(book.shares(at: time(9)) == [.init(lane: "a", limit: 2)])
        #expect(book.nextDue == time(1))
    }

    @Test func `lanes are served when they are due, those due longest first`() {
        var book = book(usual: 5, own: ["c": 1, "d": 0])
        for (lane, due) in [("a", 7), ("b", 3), ("c", 5), ("d", 1), ("e", 9), ("a", 8)] {
            book.note(lane, due: time(Int64(due)))
        }
        #expect(book.nextDue == time(3))
        #expect(
            book.shares(at: time(8)) == [
                .init(lane: "b", limit: 5), .init(lane: "c", limit: 1), .init(lane: "a", limit: 5),
            ])
        #expect(book.shares(at: time(2)) == [])
    }

    @Test func `what is handed out takes room until it is settled`() {
        var book = book(usual: 3)
        book.note("a", due: time(1))
        book.noteHandedOut("a", count: 3)
        #expect(book.shares(at: time(9)) == [])
        #expect(book.nextDue == nil)
        book.noteSettled("a")
        #expect(book.shares(at: time(9)) == [.init(lane: "a", limit: 1)])
        book.noteHandedOut("a", count: 0)
        book.noteExhausted("a", next: time(20))
        #expect(book.shares(at: time(9)) == [])
        #expect(book.nextDue == time(20))
        book.noteExhausted("a", next: nil)
        #expect(book.nextDue == nil)
        book.note("a", due: time(30))
        #expect(book.shares(at: time(30)) == [.init(lane: "a", limit: 1)])
    }

    @Test func `a settlement of what was not handed out makes no room`() {
        var book = book(usual: 1)
        book.noteSettled("a")
        book.note("a", due: time(1))
        book.noteSettled("a")
        #expect(book.shares(at: time(1)) == [.init(lane: "a", limit: 1)])
    }

    @Test func `what all lanes share is shared, and a lane without jobs has its reserve`() {
        var book = book(usual: 10, shared: 12, reserved: 2, inAll: 17)
        for lane in ["a", "b", "c", "d", "e"] { book.note(lane, due: time(1)) }
        book.noteHandedOut("a", count: 10)
        let shares = book.shares(at: time(1))
        // Two of the shared, by a reserve or not, then a reserve each, then only what is left at all.
        #expect(shares.map(\.limit) == [2, 2, 2, 1])
        for share in shares { book.noteHandedOut(share.lane, count: share.limit) }
        #expect(book.shares(at: time(1)) == [])
        // One over the reserve gets none of it, and one under it does.
        book.noteSettled("a")
        let under = shares.last?.lane ?? ""
        #expect(book.shares(at: time(1)) == [.init(lane: under, limit: 1)])
    }

    @Test func `an idle lane is forgotten`() {
        var book = book(usual: 2)
        book.note("a", due: time(1))
        book.noteHandedOut("a", count: 1)
        book.noteExhausted("a", next: nil)
        #expect(!book.isEmpty)
        book.noteSettled("a")
        #expect(book.isEmpty)
    }

    @Test func `a receiver is the scheme and the authority of a URL`() {
        for (url, receiver) in [
            ("https://ci.example.com/hookline?x=/", "https://ci.example.com"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://a.example?b#c", "https://a.example"),
            ("https://a.example#/c", "https://a.example"), ("https:///path", "https://"),
            ("nothing", "nothing"), ("", ""),
        ] {
            #expect(CallbackLaneID(url: url).receiver == receiver)
        }
    }
}
