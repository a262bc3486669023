import ArgumentParser
import Events
import Foundation
import HTTPClient
import HTTPServer
import Intake
import Journal
import OpenSSLCrypto
import Rules
import Webhook

struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Signs a payload as its sender would, and sends it.",
        discussion: """
            The signature is made with the source's own secret. Every run is another delivery, unless \
            --id says which one it is. Prints the answer; exits 1 when it is no success.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Option(help: "The source whose sender to be.")
    var source: String

    @Option(help: "A file with the payload.")
    var payload: String

    @Option(
        help: """
            Where to send it: a URL, or unix:/path for the source's path at that socket. Without it, the \
            configured listener and the source's path.
            """)
    var url: String?

    @Option(
        help: """
            A file with the certificates to trust instead of the system's: the gateway's own, or its \
            authority's. The certificate must be for the host of --url.
            """)
    var caCertificate: String?

    @Option(help: "A header field, \"Name: value\"; repeat it for more.")
    var header: [String] = []

    @Option(help: "The event's name at its sender, such as push or repo:push.")
    var event: String?

    @Option(help: "The delivery's id; else a new one.")
    var id: String?

    @Option(
        help: """
            A file with the sender's private key, where the source has only the public one: an Ed25519 \
            seed in hexadecimal digits (discord), or RSA in PEM (google-chat).
            """
    )
    var privateKey: String?

    func run() throws {
        let loaded = try files.load(.configuration)
        let source = try loaded.source(named: source)
        if case .jwt? = source.scheme {
            for warning in try loaded.fetchKeys() { printError("warning: \(warning)") }
        }
        var fields = try headerFields(header)
        if let event {
            guard let field = source.sender.eventField else {
                throw Exit(
                    status: .usage,
                    lines: ["--event: the payload of \(source.sender.type) says what it is itself"])
            }
            fields[field] = event
        }
        let sample = try SampleDelivery(path: payload, source: source, fields: fields)
        if let note = sample.note { printError("note: \(note)") }
        let reply = try transmit(try request(sample, source, loaded))
        print("\(reply.status)")
        if !reply.content.isEmpty { print(String(decoding: reply.content, as: UTF8.self)) }
        guard (200...299).contains(reply.status) else { throw Exit(status: .answerIsNo, lines: []) }
    }

    private func request(
        _ sample: SampleDelivery, _ source: Source, _ loaded: LoadedConfiguration
    ) throws -> ClientRequest {
        var request = try unsignedRequest(to: source, loaded)
        request.certificateAuthorities = caCertificate
        request.content = sample.content
        let id = id ?? UUID().uuidString.lowercased()
        var fields = sample.fields
        if let field = source.idField ?? source.sender.deliveryIDFields.first, fields[field] == nil
        {
            fields[field] = id
        }
        let path =
            request.url.range(of: "://")
            .flatMap { request.url[$0.upperBound...].firstIndex(of: "/") }
            .map { String(request.url[$0...].prefix { $0 != "?" }) } ?? "/"
        let unsigned = UnsignedRequest(
            path: path, content: sample.content, id: id,
            timestampMilliseconds: systemClock().milliseconds,
            payload: sample.isForm ? sample.json : nil)
        for (name, value) in try signature(of: unsigned, source) where fields[name] == nil {
            fields[name] = value
        }
        request.fields = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return request
    }

    private func unsignedRequest(
        to source: Source, _ loaded: LoadedConfiguration
    ) throws -> ClientRequest {
        guard let url else { return try loaded.address.request(.post, source.path) }
        if let socket = try GatewayAddress(unix: url, option: "--url") {
            return socket.request(.post, source.path)
        }
        var request = ClientRequest(id: 1, method: .post, url: url)
        request.allowsPlainHTTP = true
        return request
    }

    private func signature(
        of request: UnsignedRequest, _ source: Source
    ) throws -> [(name: String, value: String)] {
        guard case .signature(var secrets) = source.verification, let scheme = source.scheme else {
            return []
        }
        if let privateKey {
            if case .jwt = scheme {
                secrets = [try pem(privateKey)]
            } else {
                secrets = [try seed(privateKey)]
            }
        }
        do {
            return try scheme.fields(for: request, secrets: secrets)
        } catch {
            let hint =
                switch error {
                case .publicKeyOnly: "; give its seed with --private-key"
                case .foreignIssuer: "; with keys of your own, give one with --private-key"
                case .keyNotInSet, .noSecret: ""
                }
            throw Exit(
                status: .answerIsNo, lines: ["source \(source.name): \(error)" + hint])
        }
    }

    private func seed(_ path: String) throws -> SigningSecret {
        let content = try commandLineFile(
            path, as: "--private-key \(path)", bytesMax: RulesLimits.secretBytesMax)
        guard let bytes = hexDecoded(content.prefix { $0 > 0x20 }), bytes.count == 32
        else {
            throw Exit(
                status: .usage,
                lines: ["--private-key \(path): expected a file with 64 hexadecimal digits"])
        }
        return SigningSecret(Secret(bytes), kind: .ed25519Seed)
    }

    private func pem(_ path: String) throws -> SigningSecret {
        let content = try commandLineFile(
            path, as: "--private-key \(path)", bytesMax: RulesLimits.secretBytesMax)
        guard RSAPrivateKey(pem: content) != nil else {
            throw Exit(
                status: .usage,
                lines: [
                    "--private-key \(path): expected a file with an RSA key of 2048 bits or more in "
                        + "PEM, without a passphrase"
                ])
        }
        return SigningSecret(Secret(content), kind: .rsaPrivate)
    }

    private func transmit(_ request: ClientRequest) throws -> ClientReply {
        do {
            return try hookline.send(request)
        } catch {
            let place = request.unixSocketPath.map { "unix:\($0)" } ?? request.url
            var hint = ""
            if case ClientError.tlsVerificationFailed = error {
                hint = "; see --ca-certificate, and give --url a host that the certificate is for"
            }
            throw Exit(status: .answerIsNo, lines: ["\(place): \(error)" + hint])
        }
    }
}

extension LoadedConfiguration {
    /// - Throws: ``Exit`` for a source that is not there.
    func source(named name: String) throws -> Source {
        if let source = settings.sources.first(where: { $0.name == name }) { return source }
        let names = settings.sources.map(\.name).sorted()
        throw Exit(
            status: .usage,
            lines: [
                "--source \(name): there is no such source; have \(names.joined(separator: ", "))"
                    + (nearestName(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? "")
            ])
    }

    /// Where the gateway of this configuration is reached on this machine: at its first TCP port, else
    /// at its first Unix socket.
    /// - Throws: ``Exit`` where it has none of these.
    fileprivate var address: GatewayAddress {
        get throws {
            let reached = settings.listen.compactMap {
                GatewayAddress($0, hasTLS: settings.hasTLS)
            }
            if let address = reached.first(where: { !$0.isUnixSocket }) ?? reached.first {
                return address
            }
            throw Exit(
                status: .usage,
                lines: [
                    "--url: is needed, for the gateway listens on the service manager's sockets only"
                ])
        }
    }
}
