internal import Glibc

/// A growing run of bytes with ``Request/contentPadding`` readable bytes behind it.
final class ContentBuffer {
    private var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = allocate(nil, capacity)
        // Defined bytes for who receives into ``room`` and looks ahead.
        memset(base, 0, capacity + Request.contentPadding)
    }

    deinit { free(base) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// The whole room, to receive into.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: capacity)
    }

    func append(_ more: UnsafeRawBufferPointer) {
        guard let source = more.baseAddress else { return }
        if count + more.count > capacity { grow(to: max(count + more.count, 2 * capacity)) }
        memcpy(base + count, source, more.count)
        count += more.count
        // Defined bytes, so that a parser that looks ahead reads nothing of another request.
        memset(base + count, 0, Request.contentPadding)
    }

    func removeFirst(_ number: Int) {
        memmove(base, base + number, count - number)
        count -= number
    }

    private func grow(to larger: Int) {
        base = allocate(base, larger)
        capacity = larger
    }
}

/// A large block is moved by the kernel, page by page, and not copied (realloc(3), mremap(2)).
private func allocate(
    _ old: UnsafeMutableRawPointer?, _ capacity: Int
) -> UnsafeMutableRawPointer {
    guard let base = realloc(old, capacity + Request.contentPadding) else {
        preconditionFailure("out of memory")
    }
    return base
}
