import EventPoll
import Glibc
import Testing

@testable import HTTPClient

// `@testable`, for what libcurl says of its sockets cannot be made up through a client.
@Suite struct SocketWatchTests {
    private let poll: Poll
    private let watch: SocketWatch
    /// A connection's two ends; the watch has the first.
    private let ends: (own: Int32, peer: Int32)

    init() throws {
        poll = try Poll()
        watch = SocketWatch(poll: poll)
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        ends = (pair[0], pair[1])
    }

    /// Any address: it is only handed back when the socket cannot be watched.
    private func ask(for interest: Readiness) throws {
        let easy = try #require(UnsafeMutableRawPointer(bitPattern: 8))
        watch.watch(ends.own, for: interest, of: easy)
        #expect(watch.takeFailures().isEmpty)
    }

    /// The events that the poll has now.
    private func events() -> [PollEvent] {
        var events: [PollEvent] = []
        poll.wait(milliseconds: 0) { events.append($0) }
        return events
    }

    private func send() { #expect(write(ends.peer, "x", 1) == 1) }

    private func closeAll() {
        _ = watch.close(ends.own)
        close(ends.peer)
    }

    @Test func `a connection that rests stays with the poll`() throws {
        defer { closeAll() }
        watch.noteOpened(ends.own)
        try ask(for: .read)
        watch.forget(ends.own)
        try ask(for: .read)
        send()
        let event = try #require(events().first)
        #expect(watch.isCurrent(event.key))
        #expect(watch.isAwaited(ends.own))
    }

    @Test func `an event of a connection that rests is libcurl's no more and comes once`() throws {
        defer { closeAll() }
        watch.noteOpened(ends.own)
        try ask(for: .read)
        watch.forget(ends.own)
        send()
        let event = try #require(events().first)
        #expect(watch.isCurrent(event.key))
        #expect(!watch.isAwaited(ends.own))
        #expect(events().isEmpty)
        // Its next request has it watched again, under another key.
        try ask(for: .read)
        let next = try #require(events().first)
        #expect(next.key != event.key)
        #expect(watch.isCurrent(next.key))
        #expect(watch.isAwaited(ends.own))
    }

    @Test func `a connection is watched for what is asked last`() throws {
        defer { closeAll() }
        watch.noteOpened(ends.own)
        try ask(for: .write)
        #expect(events().map(\.readiness) == [.write])
        try ask(for: .read)
        #expect(events().isEmpty)
        watch.forget(ends.own)
        try ask(for: .write)
        #expect(events().map(\.readiness) == [.write])
    }

    @Test func `any other socket leaves the poll at once`() throws {
        defer { closeAll() }
        try ask(for: .read)
        watch.forget(ends.own)
        send()
        #expect(events().isEmpty)
    }

    @Test func `a number that is another connection's is watched anew`() throws {
        watch.noteOpened(ends.own)
        try ask(for: .read)
        send()
        let event = try #require(events().first)
        // Closed without the watch's knowledge, and opened again with the same number.
        #expect(dup2(ends.peer, ends.own) == ends.own)
        watch.noteOpened(ends.own)
        #expect(!watch.isCurrent(event.key))
        try ask(for: .write)
        let next = try #require(events().first)
        #expect(next.key.descriptor == ends.own)
        #expect(watch.isCurrent(next.key))
        closeAll()
        #expect(!watch.isCurrent(next.key))
    }
}
