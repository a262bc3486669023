package import EventPoll
internal import HTTP1
internal import HTTPServer

/// Who may speak to a source at all, and how often; asked before anything of the content is read.
package struct AccessPolicy: Sendable {
    /// The networks that requests may come from; empty for all.
    package var allowed: [IPNetwork] = []
    /// The proxies whose word on their client's address is taken.
    package var trustedProxies: [IPNetwork] = []
    /// Whether what connects to a Unix socket is such a proxy.
    package var trustsUnixSockets = false
    /// Nil for no limit.
    package var rateLimit: RateLimit?

    package init() {}

    /// The client's address as text; empty when nobody says it.
    func clientAddressText(_ head: RequestHead, _ peer: Peer) -> String {
        guard isProxy(peer) else { return peer.addressText }
        return clientAddress(head, peer).map { "\($0)" } ?? ""
    }

    /// Whether the client may speak to the source.
    func admits(_ head: RequestHead, _ peer: Peer) -> Bool {
        guard !allowed.isEmpty else { return true }
        guard let address = clientAddress(head, peer) else { return false }
        return allowed.contains { $0.contains(address) }
    }

    private func isProxy(_ peer: Peer) -> Bool {
        peer.address.map(isProxy) ?? trustsUnixSockets
    }

    private func isProxy(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// Nil when the proxies do not say it, or not clearly.
    private func clientAddress(_ head: RequestHead, _ peer: Peer) -> IPAddress? {
        guard isProxy(peer) else { return peer.address }
        let forwarded = ForwardedFor.forwarded(head).map(client)
        let plain = ForwardedFor.xForwardedFor(head).map(client)
        switch (forwarded, plain) {
        case (nil, nil): return peer.address
        case (let only?, nil), (nil, let only?): return only
        // A proxy that knows one of the fields passes the other on as the client wrote it.
        case (let first?, let second?): return first == second ? first : nil
        }
    }

    /// The last hop that no trusted proxy made: what stands before it, anybody may have written.
    private func client(_ hops: [IPAddress?]) -> IPAddress? {
        for hop in hops.reversed() {
            guard let hop else { return nil }
            if !isProxy(hop) { return hop }
        }
        return hops.first ?? nil
    }
}
