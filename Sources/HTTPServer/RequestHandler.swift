internal import EventPoll
package import HTTP1
internal import Synchronization

/// A whole request while it is being answered.
package struct Request {
    /// Bytes that are readable, with any value, behind ``content``.
    package static let contentPadding = 64

    package let head: RequestHead
    /// The content as received, with ``contentPadding`` behind it; valid during the call only.
    package let content: UnsafeRawBufferPointer
    package let peer: Peer
    /// What read the content as it came, where it came in pieces and the handler wanted one.
    package let reader: (any ContentReader)?
}

/// Reads a request's content piece by piece while it arrives, so that nothing has to be read at
/// once at its end. Called on the event loop's thread.
package protocol ContentReader: AnyObject {
    /// - Parameter piece: The next bytes; valid during the call only.
    func receive(_ piece: UnsafeRawBufferPointer)
}

/// What is to be done with a request whose head has arrived.
package enum Admission {
    /// Receive the content, up to this many bytes; more is answered with 413.
    case receive(contentBytesMax: Int)
    /// Answer at once. The content is not read.
    case refuse(Response)
}

/// How a request is answered.
package enum Reply {
    case now(Response)
    /// By ``Exchange/complete(_:)``, from any thread.
    case later
    /// Not at all: the connection ends. For fault injection.
    case abort(Abort)
}

/// How a connection ends under a request, as it does when a server or the network fails.
///
/// For fault injection; a request that is refused gets a response.
package enum Abort: Sendable, Equatable {
    /// By a TCP reset. Earlier responses that are still on their way are lost.
    case reset
    /// In order, behind these bytes, which need be no whole response, and behind earlier responses.
    case close(after: [UInt8])
}

/// What answers the requests of one event loop. Made for that loop and called on its thread only;
/// nothing it does may wait.
package protocol RequestHandler: AnyObject {
    func admit(_ head: RequestHead, peer: Peer) -> Admission
    /// What reads the content of an admitted request that does not come in one piece, or nil.
    func contentReader(for head: RequestHead) -> (any ContentReader)?
    func respond(to request: Request, _ exchange: Exchange) -> Reply
    /// Called when every event that was there has been handled: the moment to hand on what was
    /// gathered from several requests.
    func turnEnded()
}

extension RequestHandler {
    package func contentReader(for head: RequestHead) -> (any ContentReader)? { nil }
    package func turnEnded() {}
}

/// One request that is answered later. The response of an exchange whose connection is gone is
/// dropped.
package struct Exchange: Sendable {
    let mailbox: Mailbox
    let key: PollKey

    /// Answers the request. Called once, from any thread.
    package func complete(_ response: Response) { mailbox.post(key, .response(response)) }

    /// Ends the connection instead. Called once, from any thread. For fault injection.
    package func abort(_ abort: Abort) { mailbox.post(key, .abort(abort)) }

    /// Sends bytes of a response that is written piece by piece, head and framing included, as they
    /// are. It ends with ``abort(_:)``'s `close`. Called from any thread, in the order of the bytes.
    ///
    /// A peer that leaves ``ServerLimits/unsentPiecesBytesMax`` of them unread is hung up on.
    package func send(_ piece: [UInt8]) { mailbox.post(key, .piece(piece)) }

    /// The connection that the request came over.
    package var connection: ConnectionID {
        ConnectionID(slot: Int(key.descriptor), generation: key.generation)
    }
}

/// Tells the connections of one event loop apart.
package struct ConnectionID: Hashable, Sendable {
    /// A small number, which a later connection gets again when this one has ended.
    package let slot: Int
    /// Differs between the connections of a slot.
    package let generation: UInt32
}

/// What came of a request that was to be answered later.
enum Completion: Sendable {
    case response(Response)
    /// Not yet: some bytes of the response, as they are.
    case piece([UInt8])
    case abort(Abort)
}

/// Completions, and connections that others have no room for, on their way to an event loop.
final class Mailbox: Sendable {
    struct Mail {
        var letters: [(key: PollKey, completion: Completion)] = []
        var newcomers: [Newcomer] = []
        var isDraining = false
    }

    /// The most connections that wait for the loop to look for room.
    private static let newcomersMax = 256

    private let state = Mutex(Mail())
    let wakeup: Wakeup

    init() throws(SystemCallError) { wakeup = try Wakeup() }

    /// Wakes the loop for the first letter only: it collects all there are.
    func post(_ key: PollKey, _ completion: Completion) {
        let isFirst = state.withLock { state in
            state.letters.append((key, completion))
            return state.letters.count == 1
        }
        if isFirst { wakeup.signal() }
    }

    /// Hands a connection on.
    /// - Returns: False when too many wait.
    func post(_ newcomer: Newcomer) -> Bool {
        let isTaken = state.withLock { state in
            guard state.newcomers.count < Self.newcomersMax else { return false }
            state.newcomers.append(newcomer)
            return true
        }
        if isTaken { wakeup.signal() }
        return isTaken
    }

    /// Asks the loop to finish what it has and end.
    func drain() {
        state.withLock { $0.isDraining = true }
        wakeup.signal()
    }

    func collect() -> Mail {
        wakeup.drain()
        return state.withLock { state in
            let mail = state
            state.letters = []
            state.newcomers = []
            return mail
        }
    }
}
