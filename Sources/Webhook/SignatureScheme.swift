package import OpenSSLCrypto

/// A signature over the content, sent in a header field.
package struct SignatureScheme: Sendable, Equatable {
    package enum Algorithm: Sendable, Equatable {
        case hmac(HashFunction)
        case ed25519

        /// The length of a signature in bytes.
        var byteCount: Int {
            switch self {
            case .hmac(let function): function.byteCount
            case .ed25519: Ed25519PublicKey.signatureBytes
            }
        }
    }

    /// What stands in front of a signature, and the algorithm that it says.
    package struct Version: Sendable, Equatable {
        package let prefix: String
        package let algorithm: Algorithm

        package init(_ prefix: String, _ algorithm: Algorithm) {
            self.prefix = prefix
            self.algorithm = algorithm
        }
    }

    package enum Encoding: String, Sendable, CaseIterable {
        /// Hexadecimal digits of either case.
        case hex
        case base64
        case base64url
        /// Digits of the right number, else base64, for a sender whose form is not settled.
        case hexOrBase64
    }

    /// How a field holds its signatures.
    package enum Form: Sendable, Equatable {
        case single
        /// Several with a character between them; any good one is enough, and entries of an unknown
        /// version are passed over.
        case list(separator: UInt8)
        /// Stripe's `t=SECONDS,v1=HEX,v1=HEX`: the time is in the same field.
        case timestamped
    }

    package enum TimeUnit: String, Sendable, CaseIterable {
        case seconds = "s"
        case milliseconds = "ms"
        case rfc3339
    }

    /// Header fields, lower-case: the first that a request has decides.
    package var fields: [String]
    package var versions: [Version]
    package var encoding: Encoding
    package var form = Form.single
    package var signed = SignedText.content
    /// The field with the time that is signed, lower-case.
    package var timestampField: String?
    package var timeUnit = TimeUnit.seconds
    /// The field with the message id, lower-case.
    package var idField: String?
    /// Whether it is not the content that is signed but the JSON that a form field `payload`, or a
    /// query's, carries (Gitea).
    package var signsPayloadField = false
    package var allowsEmptyContent = true

    package init(
        fields: [String], versions: [Version], encoding: Encoding, form: Form = .single,
        signed: SignedText = .content, timestampField: String? = nil, idField: String? = nil,
        signsPayloadField: Bool = false, allowsEmptyContent: Bool = true
    ) {
        precondition(!fields.isEmpty && !versions.isEmpty, "a signature has a field and a version")
        self.fields = fields
        self.versions = versions
        self.encoding = encoding
        self.form = form
        self.signed = signed
        self.timestampField = timestampField
        self.idField = idField
        self.signsPayloadField = signsPayloadField
        self.allowsEmptyContent = allowsEmptyContent
    }

    /// Whether requests carry a time that is signed.
    package var signsTime: Bool { signed.usesTimestamp }

    /// The position of the version that a secret signs; nil when it signs none.
    func version(for secret: SigningSecret) -> Int? {
        versions.firstIndex { version in
            switch (version.algorithm, secret.kind) {
            case (.hmac, .symmetric), (.ed25519, .ed25519Public), (.ed25519, .ed25519Seed): true
            default: false
            }
        }
    }

    /// What records call a signature by this algorithm, such as `hmac-sha256`.
    static func name(_ algorithm: Algorithm) -> String {
        switch algorithm {
        case .hmac(let function): "hmac-\(function.rawValue)"
        case .ed25519: "ed25519"
        }
    }
}

extension SignatureScheme {
    private static func signed(_ template: String) -> SignedText {
        do {
            return try SignedText(template)
        } catch {
            preconditionFailure("a scheme's own template \(template): \(error)")
        }
    }

    private static func hexSHA256(_ fields: [String], prefix: String) -> SignatureScheme {
        SignatureScheme(
            fields: fields, versions: [Version(prefix, .hmac(.sha256))], encoding: .hex)
    }

    /// GitHub: `X-Hub-Signature-256: sha256=HEX` over the body as sent, a form's too.
    /// Source: docs.github.com, "Validating webhook deliveries".
    package static let gitHub = hexSHA256(["x-hub-signature-256"], prefix: "sha256=")

    /// Bitbucket Cloud and Data Center: the field in which GitHub sends SHA-1.
    /// Source: Atlassian, "Manage webhooks".
    package static let bitbucket = hexSHA256(["x-hub-signature"], prefix: "sha256=")

    /// Gitea, Forgejo and Gogs sign the JSON itself, also where a form or a query carries it.
    /// Source: Gitea's services/webhook/deliver.go.
    package static func gitea(_ fields: [String]) -> SignatureScheme {
        var scheme = hexSHA256(fields, prefix: "")
        scheme.signsPayloadField = true
        return scheme
    }

    /// Slack's version 0. Source: docs.slack.dev, "Verifying requests from Slack".
    package static let slack: SignatureScheme = {
        var scheme = hexSHA256(["x-slack-signature"], prefix: "v0=")
        scheme.signed = signed("v0:{ts}:{body}")
        scheme.timestampField = "x-slack-request-timestamp"
        return scheme
    }()

    /// Discord's interactions and webhook events.
    /// Source: docs.discord.com, "Interactions overview", security.
    package static let discord = SignatureScheme(
        fields: ["x-signature-ed25519"], versions: [Version("", .ed25519)], encoding: .hex,
        signed: signed("{ts}{body}"), timestampField: "x-signature-timestamp")

    /// Teams' outgoing webhooks. Source: learn.microsoft.com, "Create outgoing webhooks".
    package static let teams = SignatureScheme(
        fields: ["authorization"], versions: [Version("HMAC ", .hmac(.sha256))],
        encoding: .base64, allowsEmptyContent: false)

    /// Standard Webhooks `v1` and `v1a`. Source: Standard Webhooks, "Signature scheme".
    package static let standardWebhooks = SignatureScheme(
        fields: ["webhook-signature"],
        versions: [Version("v1,", .hmac(.sha256)), Version("v1a,", .ed25519)],
        encoding: .base64, form: .list(separator: UInt8(ascii: " ")),
        signed: signed("{id}.{ts}.{body}"), timestampField: "webhook-timestamp",
        idField: "webhook-id")

    /// Stripe. Source: docs.stripe.com, "Receive Stripe events", manual verification.
    package static let stripe = SignatureScheme(
        fields: ["stripe-signature"], versions: [Version("v1=", .hmac(.sha256))], encoding: .hex,
        form: .timestamped, signed: signed("{ts}.{body}"))

    /// MLflow: like Standard Webhooks, with other field names.
    /// Source: mlflow.org, "Webhooks", signature verification.
    package static let mlflow = SignatureScheme(
        fields: ["x-mlflow-signature"], versions: [Version("v1,", .hmac(.sha256))],
        encoding: .base64, signed: signed("{id}.{ts}.{body}"),
        timestampField: "x-mlflow-timestamp", idField: "x-mlflow-delivery-id")

    /// Weights & Biases. Its own example sends base64, receivers elsewhere check digits.
    /// Source: docs.wandb.ai, "Create a webhook automation".
    package static let wandb = SignatureScheme(
        fields: ["x-wandb-signature"],
        versions: [Version("sha256=", .hmac(.sha256)), Version("", .hmac(.sha256))],
        encoding: .hexOrBase64)
}
