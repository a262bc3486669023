import COpenSSL
import Glibc

/// Who a client is, by the certificate that was verified in its handshake.
package struct PeerCertificate: Sendable, Equatable {
    /// A subject alternative name (RFC 5280 §4.2.1.6).
    package enum Name: Sendable, Equatable {
        case dns(String)
        case uri(String)
        case email(String)
        /// In the usual text form of IPv4 or IPv6.
        case address(String)

        /// The name without its kind.
        package var text: String {
            switch self {
            case .dns(let text), .uri(let text), .email(let text), .address(let text): text
            }
        }
    }

    /// The subject's distinguished name as RFC 2253 writes it, most specific part first.
    package let subject: String
    /// In the certificate's order. Names of other kinds, and names with anything but printable
    /// ASCII in them, which no honest issuer signs, are left out.
    package let names: [Name]
    /// The SHA-256 of the certificate's DER encoding: 32 bytes.
    package let fingerprint: [UInt8]

    init(_ certificate: OpaquePointer) {
        subject = subjectText(of: certificate)
        names = alternativeNames(of: certificate)
        fingerprint = sha256Fingerprint(of: certificate)
    }
}

private func subjectText(of certificate: OpaquePointer) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(bio) }
    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, hl_name_rfc2253)
    var bytes: UnsafePointer<CChar>?
    let count = hl_bio_bytes(bio, &bytes)
    return String(
        decoding: UnsafeRawBufferPointer(start: bytes, count: max(count, 0)), as: UTF8.self)
}

private func alternativeNames(of certificate: OpaquePointer) -> [PeerCertificate.Name] {
    guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
        return []
    }
    let names = OpaquePointer(list)
    defer { GENERAL_NAMES_free(names) }
    return (0..<OPENSSL_sk_num(names)).compactMap { index in
        guard let entry = OPENSSL_sk_value(names, index) else { return nil }
        var kind: Int32 = 0
        // Every kind that is read below is an ASN1_STRING.
        let value = GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
        guard let value, [GEN_DNS, GEN_URI, GEN_EMAIL, GEN_IPADD].contains(kind) else { return nil }
        let string = value.assumingMemoryBound(to: ASN1_STRING.self)
        let bytes = UnsafeRawBufferPointer(
            start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        return name(of: kind, bytes)
    }
}

private func name(of kind: Int32, _ bytes: UnsafeRawBufferPointer) -> PeerCertificate.Name? {
    if kind == GEN_IPADD { return addressText(bytes).map { .address($0) } }
    // A NUL in a name has fooled comparisons before.
    guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    switch kind {
    case GEN_DNS: return .dns(text)
    case GEN_URI: return .uri(text)
    default: return .email(text)
    }
}

private func addressText(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else {
        return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
}
