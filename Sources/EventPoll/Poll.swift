internal import CLinux
internal import Glibc

/// What a descriptor is, or should be, ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: 1)
    package static let write = Readiness(rawValue: 2)
    /// An error or a hang-up; always reported, never asked for.
    package static let failure = Readiness(rawValue: 4)
}

/// Who an event is for: a descriptor and the generation it was registered with.
///
/// The kernel reuses descriptor numbers at once; an event that was queued for a closed one has an
/// older generation and is dropped.
package struct PollKey: Sendable, Hashable {
    package let descriptor: Int32
    package let generation: UInt32

    package init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }

    fileprivate var packed: UInt64 {
        UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    fileprivate init(packed: UInt64) {
        descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: packed))
        generation = UInt32(truncatingIfNeeded: packed >> 32)
    }
}

/// One descriptor's readiness.
package struct PollEvent: Sendable {
    package let key: PollKey
    package let readiness: Readiness
}

/// An epoll instance (epoll(7)), level-triggered; used by one thread.
package final class Poll {
    private let epoll: Descriptor
    private let slots: UnsafeMutableBufferPointer<epoll_event>

    /// - Parameter eventsMax: The most events one ``wait(milliseconds:_:)`` reports.
    /// - Throws: ``SystemCallError`` when the process is out of descriptors.
    package init(eventsMax: Int = 256) throws(SystemCallError) {
        let raw = epoll_create1(Int32(CLinux.EPOLL_CLOEXEC))
        guard raw >= 0 else { throw SystemCallError("epoll_create1", errno: errno) }
        epoll = Descriptor(owning: raw)
        slots = .allocate(capacity: eventsMax)
    }

    deinit { slots.deallocate() }

    /// Starts to watch a descriptor.
    /// - Parameter exclusive: For a socket that several instances watch: an event wakes one of them
    ///   and not all (epoll_ctl(2), EPOLLEXCLUSIVE). It cannot be changed then, only removed.
    package func add(
        _ key: PollKey, _ interest: Readiness, exclusive: Bool = false
    ) throws(SystemCallError) {
        try control(EPOLL_CTL_ADD, key, interest, extra: exclusive ? hl_epollexclusive : 0)
    }

    /// Changes what a descriptor is watched for, or its generation.
    package func change(_ key: PollKey, _ interest: Readiness) throws(SystemCallError) {
        try control(EPOLL_CTL_MOD, key, interest)
    }

    /// Stops watching a descriptor. One that is closed already is no error.
    package func remove(descriptor: Int32) {
        _ = hl_epoll_ctl(epoll.raw, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Waits for events and gives each to `receive`.
    /// - Parameter milliseconds: How long to wait; negative for as long as it takes.
    /// - Returns: Whether there was any event; false after a time-out or a signal.
    @discardableResult
    package func wait(milliseconds: Int32, _ receive: (PollEvent) -> Void) -> Bool {
        let count = epoll_wait(epoll.raw, slots.baseAddress, Int32(slots.count), milliseconds)
        guard count > 0 else {
            // Anything but an interrupted wait is a closed or foreign descriptor: our own bug.
            precondition(count == 0 || errno == EINTR, "epoll_wait failed with errno \(errno)")
            return false
        }
        for slot in slots.prefix(Int(count)) {
            receive(event(slot))
        }
        return true
    }

    private func event(_ slot: epoll_event) -> PollEvent {
        var slot = slot
        var readiness: Readiness = []
        if slot.events & (hl_epollin | hl_epollrdhup) != 0 { readiness.insert(.read) }
        if slot.events & hl_epollout != 0 { readiness.insert(.write) }
        if slot.events & (hl_epollerr | hl_epollhup) != 0 { readiness.insert(.failure) }
        return PollEvent(key: PollKey(packed: hl_epoll_key(&slot)), readiness: readiness)
    }

    private func control(
        _ operation: Int32, _ key: PollKey, _ interest: Readiness, extra: UInt32 = 0
    ) throws(SystemCallError) {
        var events = extra
        if interest.contains(.read) { events |= hl_epollin }
        if interest.contains(.write) { events |= hl_epollout }
        guard hl_epoll_ctl(epoll.raw, operation, key.descriptor, events, key.packed) == 0 else {
            throw SystemCallError("epoll_ctl", errno: errno)
        }
    }
}

/// A ``Poll`` on its way from the thread that opened it to the one that uses it from then on. Opened by
/// whoever starts the thread, since a thread that lacks the descriptor for it could tell nobody.
package final class HandedPoll: @unchecked Sendable {
    package let poll: Poll
    package init() throws(SystemCallError) { poll = try Poll() }
}
