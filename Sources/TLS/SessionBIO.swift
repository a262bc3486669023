import COpenSSL

/// The way between OpenSSL and a ``TLSSession``'s bytes.
///
/// OpenSSL's memory BIO would copy what comes and keep its largest size for good; this one reads
/// the caller's bytes in place and holds none itself.
enum SessionBIO {
    // Made once, before its first use, and only read then.
    nonisolated(unsafe) private static let method: OpaquePointer = {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(type, "hookline session") else {
            preconditionFailure("OpenSSL could not allocate a BIO method")
        }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            let room = UnsafeMutableRawBufferPointer(start: bytes, count: Int(max(count, 0)))
            let read = session(bio).giveInput(room)
            if read == 0 { BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY) }
            return read > 0 ? Int32(read) : -1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(max(count, 0)))
            return session(bio).takeOutput(bytes) ? count : -1
        }
        // Output needs no flush; every other control is optional (BIO_ctrl(3)).
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    /// A BIO for both directions of a session, which must outlive it.
    static func make(for session: TLSSession) -> OpaquePointer {
        guard let bio = BIO_new(method) else {
            preconditionFailure("OpenSSL could not allocate a BIO")
        }
        BIO_set_data(bio, Unmanaged.passUnretained(session).toOpaque())
        return bio
    }

    private static func session(_ bio: OpaquePointer?) -> TLSSession {
        guard let data = BIO_get_data(bio) else {
            preconditionFailure("a session's BIO is used without its session")
        }
        return Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }
}
