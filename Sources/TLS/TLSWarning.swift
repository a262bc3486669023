/// Something about a certificate file that clients may stumble over.
package enum TLSWarning: Sendable, Equatable, CustomStringConvertible {
    /// The `position` counts the file's certificates from 1; `notAfter` is in RFC 3339's form.
    case expired(path: String, position: Int, notAfter: String)
    case notYetValid(path: String, position: Int, notBefore: String)
    /// The certificate at `position` has not signed the one before it.
    case chainBroken(path: String, position: Int)

    package var description: String {
        switch self {
        case .expired(let path, let position, let notAfter):
            "\(path): certificate \(position) expired at \(notAfter)"
        case .notYetValid(let path, let position, let notBefore):
            "\(path): certificate \(position) is not valid before \(notBefore)"
        case .chainBroken(let path, let position):
            "\(path): certificate \(position) is not the issuer of the one before it"
        }
    }

    /// About a chain that is sent.
    static func all(of chain: [Certificate], in path: String, at now: Int64) -> [TLSWarning] {
        let breaks = chain.indices.dropFirst().filter { !chain[$0].mayIssue(chain[$0 - 1]) }
        return validity(of: chain, in: path, at: now)
            + breaks.map { .chainBroken(path: path, position: $0 + 1) }
    }

    /// About certificates one by one.
    static func validity(
        of certificates: [Certificate], in path: String, at now: Int64
    ) -> [TLSWarning] {
        certificates.enumerated().compactMap { index, certificate in
            if certificate.notAfter.seconds < now {
                return .expired(
                    path: path, position: index + 1, notAfter: certificate.notAfter.text)
            }
            guard certificate.notBefore.seconds > now else { return nil }
            return .notYetValid(
                path: path, position: index + 1, notBefore: certificate.notBefore.text)
        }
    }
}
