package import EventPoll
package import Journal
internal import Synchronization

/// Jobs on their way from the journal writer to the outbound loop.
package final class JobInbox: JobReceiver {
    struct Contents {
        var starts: [StartJob] = []
        var callbacks: [CallbackJob] = []
        var chatPosts: [ChatPost] = []
        var isStopping = false
    }

    private let contents = Mutex(Contents())
    let wakeup: Wakeup

    /// - Throws: ``SystemCallError`` when the process is out of descriptors.
    package init() throws(SystemCallError) { wakeup = try Wakeup() }

    package func receive(starts: [StartJob], callbacks: [CallbackJob]) {
        contents.withLock { contents in
            contents.starts += starts
            contents.callbacks += callbacks
        }
        wakeup.signal()
    }

    /// Takes a message to a chat, from any thread.
    /// - Returns: False where too many wait; it is dropped then.
    package func post(_ post: ChatPost) -> Bool {
        let isTaken = contents.withLock { contents in
            guard contents.chatPosts.count < DispatchLimits.chatPostsWaitingMax else {
                return false
            }
            contents.chatPosts.append(post)
            return true
        }
        wakeup.signal()
        return isTaken
    }

    func stop() {
        contents.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    func collect() -> Contents {
        contents.withLock { contents in
            let collected = contents
            contents = Contents(isStopping: contents.isStopping)
            return collected
        }
    }
}
