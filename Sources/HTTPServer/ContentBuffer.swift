internal import Glibc

/// A growing run of bytes with ``Request/contentPadding`` readable bytes behind it.
final class ContentBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity + Request.contentPadding, alignment: 64)
        // Defined bytes, so that a parser that looks ahead reads nothing of another request.
        memset(base, 0, capacity + Request.contentPadding)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// The whole room, to receive into.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: capacity)
    }

    func append(_ more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress else { return }
        if count + more.count > capacity { grow(to: count + more.count) }
        memcpy(base + count, source, more.count)
        count += more.count
    }

    func removeFirst(_ number: Int) {
        memmove(base, base + number, count - number)
        count -= number
    }

    private func grow(to needed: Int) {
        let larger = ContentBuffer(capacity: max(needed, 2 * capacity))
        larger.append(bytes)
        swap(&base, &larger.base)
        swap(&capacity, &larger.capacity)
    }
}
