package import JSON
package import Webhook

/// What Hookline knows of one kind of sender. All of them are in ``all``.
package struct Sender: Sendable {
    /// A key of the configuration that only some senders have.
    package enum Knob: String, Sendable, CaseIterable {
        case require, header, algorithm, encoding, prefix, signed, timestampHeader, timestampUnit
        case idHeader, secretEncoding, separator, audience, keys, allowedOrigins
    }

    /// What an answer must look like.
    package enum ReplyForm: Sendable {
        /// The receipt of DESIGN §4.
        case receipt
        case slack, discord, teams, mattermost, telegram, googleChat
    }

    /// The source's `type` in the configuration.
    package let type: String
    /// The most content the sender sends, in bytes: the source's default limit.
    package let contentBytesMax: Int
    /// Nil where the configuration makes it, or where nothing proves the sender.
    package let scheme: Scheme?
    /// Nil for a sender that has no secret.
    package let secretForm: SecretForm?
    package let knobs: Set<Knob>
    package let payload: PayloadForm
    /// Header fields that carry signatures or secrets whatever is configured, lower-case.
    package let secretFields: Set<String>
    /// Members of the payload that carry secrets: neither rules nor records see their values.
    package let mask: JSONMask
    /// The header field with the event's name, lower-case; nil where the payload has it.
    package let eventField: String?
    /// The header fields that may have the sender's own id of a delivery, lower-case: the first
    /// that is there counts.
    package let deliveryIDFields: [String]
    /// The id where it is elsewhere, or nil.
    private let deliveryIDElsewhere: @Sendable (any HeaderFields, JSONValue) -> String?
    package let reply: ReplyForm
    package let normalise: @Sendable (Delivery) -> [Event]

    /// The longest delivery id that is taken as it is, in bytes; a longer one is no id.
    package static let deliveryIDBytesMax = 1024

    /// What to tell of a delivery that is no event at all.
    package static let noEvents =
        "the payload tells of nothing that happened, such as no reference that moved"

    /// Fields that carry somebody's credentials whatever the sender is.
    static let credentialFields: Set<String> = ["authorization", "proxy-authorization", "cookie"]

    init(
        _ type: String, contentBytesMax: Int = 1 << 20, scheme: Scheme?,
        secretForm: SecretForm?, knobs: Set<Knob> = [],
        payload: PayloadForm = PayloadForm(), secretFields: Set<String> = [],
        secretMembers: [String] = [], eventField: String? = nil, reply: ReplyForm = .receipt,
        idFields: [String] = [],
        deliveryID: @escaping @Sendable (any HeaderFields, JSONValue) -> String? = { _, _ in nil },
        normalise: @escaping @Sendable (Delivery) -> [Event]
    ) {
        self.type = type
        self.contentBytesMax = contentBytesMax
        self.scheme = scheme
        self.secretForm = secretForm
        self.knobs = knobs
        var payload = payload
        if case .signature(let scheme)? = scheme {
            payload.isFieldSigned = scheme.signsPayloadField
        }
        self.payload = payload
        self.secretFields = Self.credentialFields
            .union(secretFields).union(scheme?.secretFields ?? [])
        mask = JSONMask(secretMembers)
        self.eventField = eventField
        deliveryIDFields = idFields
        deliveryIDElsewhere = deliveryID
        self.reply = reply
        self.normalise = normalise
    }

    /// The sender's own id of a delivery, or nil where it has none.
    package func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        for field in deliveryIDFields {
            if let id = headers.field(field), !id.isEmpty { return id }
        }
        return deliveryIDElsewhere(headers, body)
    }

    /// Every sender, by type.
    package static let all: [String: Sender] = Dictionary(
        uniqueKeysWithValues: (gitHosts + chats + registries + others).map { ($0.type, $0) })
}

/// The id in a member of the payload.
private func member(
    _ name: StaticString
) -> @Sendable (any HeaderFields, JSONValue) -> String? {
    let name = "\(name)"
    return { _, body in body[name]?.string }
}

extension Sender {
    // Payload caps: docs.github.com, "Webhook events and payloads"; GitLab's
    // REQUEST_BODY_SIZE_LIMIT; Atlassian, "Troubleshoot webhooks". All others send little.
    private static let gitHosts: [Sender] = [
        Sender(
            "github", contentBytesMax: 25 << 20, scheme: .signature(.gitHub), secretForm: .text,
            payload: PayloadForm(formField: "payload"), secretFields: ["x-hub-signature"],
            eventField: "x-github-event", idFields: ["x-github-delivery"],
            normalise: GitHub.normalise),
        Sender(
            "gitlab", contentBytesMax: 25 << 20, scheme: .gitLab(.either), secretForm: .gitLab,
            knobs: [.require], eventField: "x-gitlab-event",
            // The id that the signature covers goes before the one that it does not.
            idFields: ["webhook-id", "idempotency-key"], normalise: GitLab.normalise),
        Sender(
            "bitbucket", contentBytesMax: 256 << 10, scheme: .signature(.bitbucket),
            secretForm: .text, eventField: "x-event-key", idFields: ["x-request-uuid"],
            normalise: Bitbucket.normalise),
        Sender(
            "bitbucket-dc", scheme: .signature(.bitbucket), secretForm: .text,
            eventField: "x-event-key", idFields: ["x-request-id"],
            normalise: BitbucketDC.normalise),
        gitea("gitea", ["x-gitea-signature", "x-forgejo-signature", "x-gogs-signature"]),
        gitea("forgejo", ["x-forgejo-signature", "x-gitea-signature", "x-gogs-signature"]),
        Sender(
            "azure-devops", scheme: .token(TokenScheme(field: "authorization", form: .basic)),
            secretForm: .userPassword, knobs: [.header], deliveryID: AzureDevOps.deliveryID,
            normalise: AzureDevOps.normalise),
    ]

    private static func gitea(_ type: String, _ fieldNames: [String]) -> Sender {
        Sender(
            type, scheme: .signature(.gitea(fieldNames)), secretForm: .text,
            payload: PayloadForm(formField: "payload", takesGET: true),
            secretFields: ["x-hub-signature", "x-hub-signature-256"],
            // Before 1.14 the payload had the secret itself, as Gogs' still has.
            secretMembers: ["secret"], eventField: "x-gitea-event",
            idFields: ["x-gitea-delivery", "x-forgejo-delivery", "x-gogs-delivery"],
            normalise: Gitea.normalise)
    }

    private static let chats: [Sender] = [
        Sender(
            "slack", scheme: .signature(.slack), secretForm: .text,
            payload: PayloadForm(formField: "payload", takesFields: true),
            // The token that went before signatures, addresses that anybody may post to, and the
            // bot's own token in the events of its functions.
            secretMembers: [
                "token", "response_url", "response_urls.response_url", "bot_access_token",
                "event.bot_access_token",
            ], reply: .slack,
            deliveryID: Slack.deliveryID, normalise: Slack.normalise),
        Sender(
            "discord", scheme: .signature(.discord), secretForm: .ed25519Hex,
            // Whoever has an interaction's token can answer it.
            secretMembers: ["token"], reply: .discord,
            deliveryID: member("id"), normalise: Discord.normalise),
        Sender(
            "teams", scheme: .signature(.teams), secretForm: .base64, reply: .teams,
            deliveryID: member("id"), normalise: Teams.normalise),
        Sender(
            "mattermost",
            scheme: .token(
                TokenScheme(
                    field: "authorization", form: .after(["token", "bearer"]),
                    contentField: "token")),
            secretForm: .token, payload: PayloadForm(takesFields: true, takesGET: true),
            secretMembers: ["token", "response_url"], reply: .mattermost,
            deliveryID: Mattermost.deliveryID,
            normalise: Mattermost.normalise),
        Sender(
            "telegram", scheme: .token(TokenScheme(field: "x-telegram-bot-api-secret-token")),
            secretForm: .token, reply: .telegram, deliveryID: Telegram.deliveryID,
            normalise: Telegram.normalise),
        Sender(
            "google-chat", scheme: nil, secretForm: nil, knobs: [.audience, .keys],
            secretMembers: [
                "token", "configCompleteRedirectUrl", "chat.*.configCompleteRedirectUri",
                "authorizationEventObject.systemIdToken",
                "authorizationEventObject.userIdToken", "authorizationEventObject.userOAuthToken",
            ], reply: .googleChat, normalise: GoogleChat.normalise),
    ]

    private static func fieldToken(
        _ type: String, knobs: Set<Knob> = [.header], secretMembers: [String] = [],
        normalise: @escaping @Sendable (Delivery) -> [Event],
        deliveryID: @escaping @Sendable (any HeaderFields, JSONValue) -> String? = { _, _ in nil }
    ) -> Sender {
        Sender(
            type, scheme: .token(TokenScheme(field: "authorization")), secretForm: .token,
            knobs: knobs, secretMembers: secretMembers, deliveryID: deliveryID,
            normalise: normalise)
    }

    private static let registries: [Sender] = [
        fieldToken(
            "harbor", normalise: Harbor.normalise, deliveryID: CloudEvents.deliveryID),
        Sender(
            "dockerhub", scheme: nil, secretForm: nil, secretMembers: ["callback_url"],
            normalise: DockerHub.normalise),
        fieldToken("acr", normalise: AzureRegistry.normalise, deliveryID: member("id")),
        fieldToken(
            "label-studio", secretMembers: ["project.token", "project.task_data_password"],
            normalise: LabelStudio.normalise),
    ]

    private static let bearer = TokenScheme(field: "authorization", form: .after(["bearer"]))

    private static let others: [Sender] = [
        Sender(
            "standard-webhooks", scheme: .signature(.standardWebhooks),
            secretForm: .standardWebhooks, idFields: ["webhook-id"],
            normalise: AnySender.normalise),
        Sender(
            "stripe", scheme: .signature(.stripe), secretForm: .text,
            // A payment's secret lets a browser finish it.
            secretMembers: ["data.*.client_secret"], deliveryID: member("id"),
            normalise: AnySender.normalise),
        Sender(
            "mlflow", scheme: .signature(.mlflow), secretForm: .text,
            idFields: ["x-mlflow-delivery-id"], normalise: MLflow.normalise),
        Sender(
            "huggingface", scheme: .token(TokenScheme(field: "x-webhook-secret")),
            secretForm: .token, normalise: HuggingFace.normalise),
        Sender(
            "wandb", scheme: .signature(.wandb), secretForm: .text,
            normalise: WeightsAndBiases.normalise),
        Sender(
            "cloudevents",
            scheme: .token(
                TokenScheme(
                    field: "authorization", form: .after(["bearer"]), queryField: "access_token")),
            secretForm: .token, knobs: [.header, .allowedOrigins],
            payload: PayloadForm(takesAnyJSON: true), deliveryID: CloudEvents.deliveryID,
            normalise: CloudEvents.normalise),
        Sender(
            "hmac", scheme: nil, secretForm: .text,
            knobs: [
                .header, .algorithm, .encoding, .prefix, .signed, .timestampHeader, .timestampUnit,
                .idHeader, .secretEncoding, .separator,
            ],
            payload: PayloadForm(formField: "payload", takesFields: true),
            normalise: AnySender.normalise),
        Sender(
            "token", scheme: .token(bearer), secretForm: .token,
            knobs: [.header, .prefix, .idHeader],
            payload: PayloadForm(formField: "payload", takesFields: true),
            normalise: AnySender.normalise),
    ]
}
