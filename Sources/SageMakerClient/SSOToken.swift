internal import JSON
internal import OpenSSLCrypto

/// The token of an IAM Identity Center session with what renews it: a file of `~/.aws/sso/cache`.
///
/// Source: botocore's SSOTokenProvider and the CreateToken operation of the SSO OIDC API.
struct SSOToken {
    /// What a token is renewed with.
    struct Renewal {
        fileprivate let clientID: String
        fileprivate let clientSecret: String
        fileprivate let refreshToken: String
        /// When the registration of the client ends, in seconds since 1970.
        let registrationEndsAt: Int64

        /// The content of the request.
        var request: [UInt8] {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("clientId", clientID)
            writer.member("clientSecret", clientSecret)
            writer.member("grantType", "refresh_token")
            writer.member("refreshToken", refreshToken)
            writer.endObject()
            return writer.bytes
        }
    }

    let accessToken: String
    /// Seconds since 1970.
    let expiresAt: Int64
    /// Nil where the login has left no refresh token.
    let renewal: Renewal?
    /// The file's content.
    let file: [UInt8]

    /// Reads a file of the cache.
    init(_ file: [UInt8], path: String, source: String) throws(SageMakerClientError) {
        let root = try credentialJSON(file, from: path)
        guard let token = root["accessToken"]?.string, isSendable(token),
            let expiresAt = root["expiresAt"]?.string.flatMap(secondsSince1970(timestamp:))
        else {
            throw .credentialsUnavailable(source: source, reason: "\(path) has no usable token")
        }
        self.file = file
        accessToken = token
        self.expiresAt = expiresAt
        renewal = Renewal(root)
    }

    /// What the reply of the renewal makes of this token.
    /// - Parameter now: Seconds since 1970.
    func renewed(
        by reply: [UInt8], at now: Int64, source: String
    ) throws(SageMakerClientError) -> SSOToken {
        let root = try credentialJSON(reply, from: source)
        guard let token = root["accessToken"]?.string, isSendable(token),
            let seconds = root["expiresIn"]?.int, (1...SSOToken.secondsMax).contains(seconds)
        else {
            throw .credentialsUnavailable(
                source: source, reason: "the renewal's reply has no usable token")
        }
        return try SSOToken(
            updated([
                ("accessToken", token), ("expiresAt", timestamp(now + seconds)),
                ("refreshToken", root["refreshToken"]?.string),
            ]), path: "the renewed token", source: source)
    }

    /// A year, which is longer than any session.
    private static let secondsMax: Int64 = 366 * 86_400

    /// The file with some members replaced, and everything else as the login left it.
    private func updated(_ changes: [(name: String, value: String?)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let root = try? JSONDocument(parsing: file).root {
            for (key, value) in root.members {
                let name = key.string ?? ""
                if changes.contains(where: { $0.name == name && $0.value != nil }) { continue }
                writer.name(name)
                writer.value(value)
            }
        }
        for case (let name, let value?) in changes { writer.member(name, value) }
        writer.endObject()
        return writer.bytes
    }
}

extension SSOToken.Renewal {
    fileprivate init?(_ root: JSONValue) {
        guard let clientID = root["clientId"]?.string, let secret = root["clientSecret"]?.string,
            let token = root["refreshToken"]?.string,
            let end = root["registrationExpiresAt"]?.string
                .flatMap(secondsSince1970(timestamp:))
        else { return nil }
        self.clientID = clientID
        clientSecret = secret
        refreshToken = token
        registrationEndsAt = end
    }
}

/// Whether a token may be a field's value.
private func isSendable(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}
