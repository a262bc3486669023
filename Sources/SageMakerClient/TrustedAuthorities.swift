/// The path of the certificate authorities to trust instead of the system's, or nil: AWS_CA_BUNDLE, else
/// the profile's `ca_bundle`.
package func certificateAuthorities(
    environment: [String: String], shared: SharedConfiguration?
) -> String? {
    environment.value("AWS_CA_BUNDLE") ?? shared?.value("ca_bundle")
}

/// Finds out beforehand what libcurl would say of each request: that a bundle is missing, or holds no
/// certificate.
/// - Throws: ``SageMakerClientError/unreadableFile(path:reason:)``.
package func checkAuthorities(
    _ path: String, read: SharedFileReader = readSharedFile
) throws(SageMakerClientError) {
    guard let content = try read(path) else {
        throw .unreadableFile(path: path, reason: "it does not exist")
    }
    // RFC 7468 §3; OpenSSL takes the other two labels as well.
    let labels = ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"]
    let text = String(decoding: content, as: UTF8.self)
    guard labels.contains(where: { text.contains("-----BEGIN \($0)-----") }) else {
        throw .unreadableFile(path: path, reason: "expected certificates in PEM")
    }
}
