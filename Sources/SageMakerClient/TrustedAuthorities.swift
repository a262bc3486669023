/// The path of the certificate authorities to trust instead of the system's, or nil: AWS_CA_BUNDLE, else
/// the profile's `ca_bundle`.
package func certificateAuthorities(
    environment: [String: String], shared: SharedConfiguration?
) -> String? {
    environment.value("AWS_CA_BUNDLE") ?? shared?.value("ca_bundle")
}
