import COpenSSL
import Glibc

/// Owns an X509.
final class Certificate {
    let handle: OpaquePointer

    init(owning handle: OpaquePointer) { self.handle = handle }

    deinit { X509_free(handle) }

    /// Its size in DER.
    var encodedCount: Int { Int(i2d_X509(handle, nil)) }

    var notBefore: CertificateTime { CertificateTime(X509_get0_notBefore(handle)) }
    var notAfter: CertificateTime { CertificateTime(X509_get0_notAfter(handle)) }

    /// Whether this one may have signed `other`.
    func mayIssue(_ other: Certificate) -> Bool {
        X509_check_issued(handle, other.handle) == X509_V_OK
    }

    /// The SHA-256 of its DER encoding.
    var fingerprint: [UInt8] { sha256Fingerprint(of: handle) }
}

/// The SHA-256 of an X509's DER encoding.
func sha256Fingerprint(of certificate: OpaquePointer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        _ = X509_digest(certificate, EVP_sha256(), output.baseAddress, nil)
        count = 32
    }
}

func sha256(of bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        _ = EVP_Digest(bytes, bytes.count, output.baseAddress, nil, EVP_sha256(), nil)
        count = 32
    }
}

/// A moment in a certificate.
struct CertificateTime {
    /// Since 1970. A time that cannot be read is 0, long past.
    let seconds: Int64
    /// In RFC 3339's form.
    let text: String

    init(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else {
            seconds = 0
            text = "unreadable"
            return
        }
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        text =
            "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
        seconds = Int64(timegm(&parts))
    }
}

/// Owns an EVP_PKEY.
final class PrivateKey {
    let handle: OpaquePointer

    init(owning handle: OpaquePointer) { self.handle = handle }

    deinit { EVP_PKEY_free(handle) }
}
