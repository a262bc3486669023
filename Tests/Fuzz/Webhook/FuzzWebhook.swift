import Events
import HTTP1
import JSON
import OpenSSLCrypto
import Webhook

// libFuzzer's entry: the first byte chooses what reads the rest. Nothing may trap, and what is read
// must hold what is said of it.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let rest = UnsafeRawBufferPointer(rebasing: input[1...])
    switch choice % 4 {
    case 0: readForm(rest)
    case 1: verify(rest, choice: Int(choice) / 4)
    case 2: normalise(rest, choice: Int(choice) / 4)
    default: readTemplate(rest)
    }
    return 0
}

private func readForm(_ bytes: UnsafeRawBufferPointer) {
    guard let form = FormFields(bytes) else { return }
    precondition(form.fields.count <= WebhookLimits.formFieldsMax)
    for (name, value) in form.fields {
        // What is written is read as the same.
        let text = FormFields.encoded(name) + Array("=".utf8) + FormFields.encoded(value)
        let again = FormFields(text[...])?.fields.first
        precondition(name.isEmpty && value.isEmpty || again?.name == name)
        precondition(name.isEmpty && value.isEmpty || again?.value == value)
    }
    let sender = Sender.all["slack"]
    if let sender, let masked = sender.payload.masked(form: bytes, by: sender.mask) {
        let again = masked.withUnsafeBytes { FormFields($0) }
        precondition(again?.fields.count == form.fields.count, "a field came or went")
        precondition(again?.first("token").map { $0 == Array("<redacted>".utf8) } ?? true)
    }
    if let json = try? sender?.payload.json(ofForm: bytes), form.first("payload") == nil {
        precondition((try? JSONDocument(parsing: json)) != nil, "fields make no JSON")
    }
}

private let schemes: [Scheme] = [
    .signature(.gitHub), .signature(.slack), .signature(.standardWebhooks), .signature(.stripe),
    .signature(.wandb), .signature(.discord), .signature(.gitea(["x-gitea-signature"])),
    .gitLab(.either), .token(TokenScheme(field: "authorization", form: .basic)),
    .token(TokenScheme(field: "authorization", form: .after(["bearer"]), queryField: "t")),
    .jwt(.googleChat(audience: "a", keys: CurrentKeySet(.none))),
]

private let secrets = [
    SigningSecret(Secret("k")), SigningSecret(Secret("t"), kind: .token),
    SigningSecret(Secret([UInt8](repeating: 9, count: 32)), kind: .ed25519Seed),
]

/// The input is a header section's lines; nobody knows the secret, so nothing may verify.
private func verify(_ bytes: UnsafeRawBufferPointer, choice: Int) {
    var text = Array("POST /h?t=1 HTTP/1.1\r\nHost: a\r\n".utf8)
    text.append(contentsOf: bytes)
    text.append(contentsOf: "\r\n\r\n".utf8)
    var parser = RequestParser()
    guard let (step, _) = try? text.withUnsafeBytes({ try parser.next($0) }),
        case .head(let head) = step
    else { return }
    let scheme = schemes[choice % schemes.count]
    let verifier = Verifier(scheme, secrets: secrets)
    let content = Array("{}".utf8)
    let verified = try? content.withUnsafeBytes {
        try verifier.verify(head, content: $0, atMilliseconds: 1_700_000_000_000)
    }
    if case .token = scheme { return }
    if case .gitLab = scheme { return }
    precondition(verified == nil, "a signature was forged")
}

private func normalise(_ bytes: UnsafeRawBufferPointer, choice: Int) {
    let senders = Sender.all.values.sorted { $0.type < $1.type }
    let sender = senders[choice % senders.count]
    let masked = sender.mask.masked(bytes)
    guard let document = try? JSONDocument(parsing: bytes) else { return }
    if let masked {
        precondition((try? JSONDocument(parsing: masked)) != nil, "a masked text is no JSON")
        precondition(sender.mask.masked(masked) == masked, "masking is not done at once")
    }
    for event in ["push", "pull_request", "issue_comment", "repo:push", "pr:opened", "delete"] {
        let fields = sender.eventField.map { [$0: event] } ?? [:]
        let delivery = Delivery(
            source: "s", deliveryID: "d", headers: FieldDictionary(fields),
            query: FieldDictionary(), body: document.root, receivedAtMilliseconds: 0,
            clientAddress: "")
        for event in sender.normalise(delivery) {
            var writer = JSONWriter()
            event.write(to: &writer)
            precondition((try? JSONDocument(parsing: writer.bytes)) != nil, "an event is no JSON")
        }
        _ = sender.deliveryID(delivery.headers, delivery.body)
    }
}

private func readTemplate(_ bytes: UnsafeRawBufferPointer) {
    _ = try? SignedText(String(decoding: bytes, as: UTF8.self))
}
