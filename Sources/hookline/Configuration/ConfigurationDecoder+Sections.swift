import CEL
import EventPoll
import HTTP1
import HTTPServer
import OpenSSLCrypto
import Rules
import SageMakerClient
import Webhook

extension ConfigurationDecoder {
    func decodeAWS(_ node: YAMLNode, _ configuration: inout Configuration) {
        let keys = ["region", "endpoint", "profile", "roleArn", "maxInFlight", "startsPerSecond"]
        guard let fields = YAMLFields(node, "aws", keys: keys, problems: problems) else { return }
        configuration.places.profile = fields["profile"]?.place
        decodeAWS(fields, &configuration.aws)
    }

    private func decodeAWS(_ fields: YAMLFields, _ aws: inout Configuration.AWS) {
        aws.region = fields["region"]?.text("a region such as eu-west-1", problems)
        aws.endpoint = fields["endpoint"]?.text("a URL", problems)
        aws.profile = fields["profile"]?.text("a profile's name", problems)
        if let node = fields["roleArn"], let arn = node.text("a role's ARN", problems) {
            if isRoleARN(arn) {
                aws.roleARN = arn
            } else {
                problems.report(
                    node.place,
                    "expected a role such as arn:aws:iam::123456789012:role/starter, not "
                        + "\"\(printable(arn))\"")
            }
        }
        for (key, fallback) in [
            ("maxInFlight", aws.startsInFlightMax), ("startsPerSecond", aws.startsPerSecondMax),
        ] {
            if let node = fields[key] {
                problems.note(node.place) { $0.fallback = .number(fallback) }
            }
        }
        if let node = fields["region"] {
            problems.note(node.place) { $0.pattern = Rule.regionPattern }
        }
        if let node = fields["maxInFlight"],
            let count = node.integer("a number of requests", in: 1...1000, problems)
        {
            aws.startsInFlightMax = count
        }
        if let node = fields["startsPerSecond"],
            let count = node.integer("a number of starts", in: 0...10_000, problems)
        {
            aws.startsPerSecondMax = count
        }
        checkAWS(fields, aws)
    }

    /// A region or an endpoint that cannot be used is told at its place, not at the first start.
    private func checkAWS(_ fields: YAMLFields, _ aws: Configuration.AWS) {
        if let node = fields["region"], let region = aws.region {
            do {
                _ = try RegionResolver(configured: region, environment: [:], shared: nil)
            } catch {
                problems.report(node.place, "\(error)")
            }
        }
        if let node = fields["endpoint"], let endpoint = aws.endpoint {
            do {
                _ = try EndpointResolver(configured: endpoint, environment: [:], shared: nil)
            } catch {
                problems.report(node.place, "\(error)")
            }
        }
    }

    func decodeCallbacks(_ node: YAMLNode, _ callbacks: inout Configuration.Callbacks) {
        let keys = ["signingSecrets", "allow", "allowNetworks"]
        guard let fields = YAMLFields(node, "callbacks", keys: keys, problems: problems) else {
            return
        }
        if let node = fields["signingSecrets"] {
            callbacks.keys = secrets.plainSecrets(node).compactMap(signingKey)
        }
        if let node = fields["allow"] {
            for element in node.elements("URL patterns", problems) ?? [] { checkPattern(element) }
        }
        if let node = fields["allowNetworks"] {
            callbacks.allowNetworks = networks(node)
        }
    }

    /// URLs that come with a request are for later builds; what will be allowed is checked now.
    private func checkPattern(_ node: YAMLNode) {
        guard let text = node.text("a URL pattern", problems) else { return }
        do {
            _ = try CallbackPattern(text)
        } catch {
            problems.report(node.place, error.description)
        }
    }

    private func signingKey(_ secret: Secret, _ node: YAMLNode) -> Secret? {
        guard secrets.isNeeded else { return secret }
        let text = String(decoding: secret.bytes, as: UTF8.self)
        guard text.hasPrefix("whsec_"), let key = StandardWebhooks.key(text) else {
            let range = StandardWebhooks.keyBytes
            problems.report(
                node.place,
                "a callback's signing secret is whsec_ and base64 of \(range.lowerBound) to "
                    + "\(range.upperBound) bytes")
            return nil
        }
        return key
    }

    func networks(_ node: YAMLNode) -> [IPNetwork] {
        (node.elements("networks", problems) ?? []).compactMap(network)
    }

    func network(_ node: YAMLNode) -> IPNetwork? {
        guard let text = node.text("a network such as 10.0.0.0/8", problems) else { return nil }
        guard let network = IPNetwork(text) else {
            problems.report(
                node.place,
                "\"\(printable(text))\" is no network; expected an address and a prefix length, such "
                    + "as 10.0.0.0/8, with no bits behind it")
            return nil
        }
        return network
    }

    func decodeRetention(_ node: YAMLNode, _ configuration: inout Configuration) {
        guard
            let fields = YAMLFields(node, "retention", keys: ["deliveries"], problems: problems),
            let deliveries = fields["deliveries"],
            duration(deliveries, in: .seconds(3600) ... .seconds(315_360_000)) != nil
        else { return }
        configuration.warnings.append(
            "\(deliveries.place): retention is not applied by this build yet; everything is kept")
    }

    func decodeLimits(_ node: YAMLNode, _ configuration: inout Configuration) {
        let keys = [
            "connections", "connectionsPerAddress", "targetBytes", "headerBytes", "fields",
            "trailerBytes", "handshakeTimeout", "headerTimeout", "bodyTimeout", "minBodyRate",
            "writeTimeout", "idleTimeout", "drainTimeout", "queuedStarts", "expressionCost",
            "expressionLength", "expressionNesting", "expressionStringBytes",
            "expressionListElements",
        ]
        guard let fields = YAMLFields(node, "limits", keys: keys, problems: problems) else {
            return
        }
        let limits = LimitFields(decoder: self, fields: fields)
        limits.count("connections", 1...1_000_000, &configuration.serverLimits.connectionsMax)
        limits.count(
            "connectionsPerAddress", 0...1_000_000,
            &configuration.serverLimits.connectionsPerAddressMax)
        limits.count("fields", 1...10_000, &configuration.serverLimits.message.fieldsMax)
        limits.count("queuedStarts", 0...1_000_000_000, &configuration.queuedStartsMax)
        limits.count(
            "expressionCost", 1000...100_000_000, &configuration.expressionLimits.costMax)
        limits.count(
            "expressionLength", 100...100_000, &configuration.expressionLimits.sourceCodePointsMax)
        limits.count("expressionNesting", 10...250, &configuration.expressionLimits.nestingMax)
        limits.size(
            "expressionStringBytes", 1024...(64 << 20),
            &configuration.expressionLimits.stringBytesMax)
        limits.count(
            "expressionListElements", 100...10_000_000,
            &configuration.expressionLimits.listCountMax)
        limits.size(
            "targetBytes", 64...(1 << 20), &configuration.serverLimits.message.targetBytesMax)
        limits.size(
            "headerBytes", 256...(1 << 20), &configuration.serverLimits.message.headerBytesMax)
        limits.size(
            "trailerBytes", 1...(1 << 20), &configuration.serverLimits.message.trailerBytesMax)
        limits.time("handshakeTimeout", &configuration.serverLimits.handshakeTimeout)
        limits.time("headerTimeout", &configuration.serverLimits.headerTimeout)
        limits.time("bodyTimeout", &configuration.serverLimits.bodyTimeout)
        limits.time("writeTimeout", &configuration.serverLimits.writeTimeout)
        limits.time("idleTimeout", &configuration.serverLimits.idleTimeout)
        limits.time("drainTimeout", &configuration.serverLimits.drainTimeout)
        if let node = fields["minBodyRate"] {
            let fallback =
                Units.text(bytes: configuration.serverLimits.bodyBytesPerSecondMin) + "/s"
            let rate = node.isZero ? 0 : bytesPerSecond(node, in: 0...(1 << 30))
            if let rate { configuration.serverLimits.bodyBytesPerSecondMin = rate }
            problems.note(node.place) { $0.takesZero(fallback: .text(fallback)) }
        }
    }
}

/// The members of `limits`, each read into its place.
///
/// 0 is no cap: as much as can be set, where the code has no other meaning for it.
private struct LimitFields {
    let decoder: ConfigurationDecoder
    let fields: YAMLFields

    func count(_ key: String, _ range: ClosedRange<Int>, _ target: inout Int) {
        read(key, range, &target, { .number($0) }) {
            $0.integer("a number", in: range, decoder.problems)
        }
    }

    func size(_ key: String, _ range: ClosedRange<Int>, _ target: inout Int) {
        read(key, range, &target, { .text(Units.text(bytes: $0)) }) {
            decoder.bytes($0, in: range)
        }
    }

    func time(_ key: String, _ target: inout Duration) {
        let range = Duration.milliseconds(100) ... .seconds(86_400)
        read(key, range, &target, { .text(Units.text($0)) }) { decoder.duration($0, in: range) }
    }

    private func read<Value: Comparable>(
        _ key: String, _ range: ClosedRange<Value>, _ target: inout Value,
        _ written: (Value) -> SchemaNotes.Note.Fallback, _ value: (YAMLNode) -> Value?
    ) where Value: AdditiveArithmetic {
        guard let node = fields[key] else { return }
        let fallback = written(target)
        if node.isZero, range.lowerBound > .zero {
            target = range.upperBound
        } else if let value = value(node) {
            target = value
        }
        decoder.problems.note(node.place) { $0.takesZero(fallback: fallback) }
    }
}

extension SchemaNotes.Note {
    /// A limit: 0, in whatever unit, is no cap.
    fileprivate mutating func takesZero(fallback: Fallback) {
        self.fallback = fallback
        if !types.contains("integer") {
            types.append("integer")
            range = 0...0
        } else {
            isZeroRight = true
        }
        if let pattern { self.pattern = "\(pattern)|^0+(ms|s|m|h|d|B|KiB|MiB|GiB)?(/s)?$" }
    }
}

extension YAMLNode {
    /// Whether it is a nought, in whatever unit.
    fileprivate var isZero: Bool {
        guard let text = scalar?.text else { return false }
        return Units.bytes(text) == 0 || Units.bytesPerSecond(text) == 0
            || Units.duration(text) == .zero
    }
}
