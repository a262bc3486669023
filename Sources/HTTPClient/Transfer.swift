internal import CCurl
internal import EventPoll
internal import Glibc

/// One request under way and its libcurl handle, which is used again for the next request.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private let watch: SocketWatch
    private(set) var id: UInt64 = 0

    /// What the handle's options are set for; nil for a new handle.
    private var target: RequestTarget?
    private var fieldList: UnsafeMutablePointer<curl_slist>?
    private var head = ReplyHead(bytesMax: 0)
    private var content: [UInt8] = []
    private var contentBytesMax = 0
    private var addressPolicy: AddressPolicy?
    private var openedSocket = false
    private var refusedAddress: IPAddress?
    private var socketFailure: SystemCallError?
    /// Why one of our own callbacks ended the transfer; libcurl then reports only that one did.
    private var stop: ClientError?

    /// - Parameter watch: Told of the sockets that are opened and closed. It must outlive the
    ///   connections, which are used again by other transfers.
    init(_ watch: SocketWatch) throws(ClientError) {
        guard let easy = curl_easy_init() else { throw .outOfMemory }
        self.easy = easy
        self.watch = watch
    }

    deinit {
        // First the handle, then what it may point to.
        curl_easy_cleanup(easy)
        curl_slist_free_all(fieldList)
    }

    /// Prepares a new or cleared handle for a request, to be added to a multi handle.
    func prepare(
        _ request: ClientRequest, limits: ClientLimits, userAgent: String
    ) throws(ClientError) {
        id = request.id
        head = ReplyHead(bytesMax: limits.replyHeadBytesMax)
        contentBytesMax = request.replyBytesMax
        let isDirect = request.proxy == nil && request.unixSocketPath == nil
        addressPolicy = isDirect ? request.addressPolicy : nil
        if request.unixSocketPath == nil, request.proxy != nil, let policy = request.addressPolicy,
            let address = HostOfURL(request.url).flatMap({ IPAddress($0.name) }),
            !policy.permits(address)
        {
            throw .addressRefused(address)
        }
        try aim(at: RequestTarget(request), limits)
        fieldList = try requestFieldList(request, userAgent: userAgent)
        try setMessage(easy, request.content, of: request.method, fields: fieldList)
    }

    /// Sets the options that requests of one kind share, unless the last request was of that kind.
    private func aim(at target: RequestTarget, _ limits: ClientLimits) throws(ClientError) {
        guard self.target != target else { return }
        self.target = nil
        curl_easy_reset(easy)
        try setOptions(easy, for: target, limits: limits)
        try setCallbacks()
        self.target = target
    }

    /// Forgets the request, whose fields may be secret and whose content large, and its reply.
    ///
    /// The handle must not be in a multi handle. Connections, names and TLS sessions stay cached,
    /// and so do the options for another request to the same URL.
    func clear() {
        if let target { clearMessage(easy, of: target.method) }
        curl_slist_free_all(fieldList)
        fieldList = nil
        content = []
        openedSocket = false
        refusedAddress = nil
        socketFailure = nil
        stop = nil
    }

    /// The result, once libcurl is done with the handle.
    func result(_ code: CURLcode) -> Result<ClientReply, ClientError> {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        guard head.isComplete else { return .failure(.replyCut) }
        return .success(ClientReply(status: head.status, fields: head.fields, content: content))
    }

    private func failure(_ code: CURLcode) -> ClientError {
        if let stop { return stop }
        // libcurl tries all addresses of a host. If it could open a socket for one of them, then
        // it is that one's failure which counts.
        if openedSocket { return ClientError(code, of: easy) }
        if let refusedAddress { return .addressRefused(refusedAddress) }
        if let socketFailure { return .systemCallFailed(socketFailure) }
        return ClientError(code, of: easy)
    }

    private func setCallbacks() throws(ClientError) {
        // The client keeps every transfer that libcurl knows, so the context is not retained.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let code = hl_easy_set_callbacks(
            easy, context,
            { bytes, size, count, context in
                transfer(context).receiveFieldLine(.init(start: bytes, count: size * count))
            },
            { bytes, size, count, context in
                transfer(context).receiveContent(.init(start: bytes, count: size * count))
            },
            { context, _, address in
                guard let address else { return CURL_SOCKET_BAD }
                return transfer(context).openSocket(to: address)
            },
            { context, address, _, _, _ in
                guard let address else { return CURL_PREREQFUNC_ABORT }
                return transfer(context).confirmConnection(to: address)
            },
            Unmanaged.passUnretained(watch).toOpaque(),
            { context, descriptor in socketWatch(context).close(descriptor) })
        guard code == CURLE_OK else { throw ClientError(code, of: easy) }
    }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl lost the context of a callback") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

// What libcurl calls. A count other than the one given ends the transfer with a write error.
extension Transfer {
    private func receiveFieldLine(_ line: UnsafeRawBufferPointer) -> Int {
        do throws(ClientError) {
            try head.receive(line)
            return line.count
        } catch {
            stop = error
            return line.count - 1
        }
    }

    private func receiveContent(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count <= contentBytesMax - content.count else {
            stop = .replyTooLarge(limit: contentBytesMax)
            return bytes.count - 1
        }
        content.append(contentsOf: bytes)
        return bytes.count
    }

    /// Opens the socket for an address of the host, or refuses to before anything is sent there.
    private func openSocket(to address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        let bytes = UnsafeRawBufferPointer(
            start: hl_sockaddr_bytes(address), count: Int(address.pointee.addrlen))
        // Only a request that names a Unix socket gets there.
        if address.pointee.family != AF_UNIX {
            guard let peer = IPAddress(socketAddress: bytes), permits(peer) else {
                return CURL_SOCKET_BAD
            }
        }
        let descriptor = hl_open_socket(address)
        if descriptor >= 0 {
            openedSocket = true
            watch.noteOpened(descriptor)
        } else {
            socketFailure = SystemCallError("socket", errno: errno)
        }
        return descriptor
    }

    /// Checks the peer once more before the request is sent: a connection that is used again was
    /// opened for a request that may have had another policy.
    private func confirmConnection(to address: UnsafePointer<CChar>) -> Int32 {
        guard addressPolicy != nil else { return CURL_PREREQFUNC_OK }
        guard let peer = IPAddress(String(cString: address)), permits(peer) else {
            return CURL_PREREQFUNC_ABORT
        }
        return CURL_PREREQFUNC_OK
    }

    private func permits(_ address: IPAddress) -> Bool {
        guard let addressPolicy, !addressPolicy.permits(address) else { return true }
        refusedAddress = address
        return false
    }
}
