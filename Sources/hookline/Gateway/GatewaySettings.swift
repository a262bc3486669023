import EventPoll
import HTTPClient
import HTTPServer
import Intake
import Journal
import OpenSSLCrypto
import Outbound
import Rules

/// Everything that a running gateway is made of, read and checked.
struct GatewaySettings: Sendable {
    var listen: [ListenAddress]
    var admin: ListenAddress
    var adminTokens: [Secret] = []
    /// The database file's path.
    var store: String
    var sources: [Source]
    var rules: RuleSet
    var serverLimits = ServerLimits()
    var journalLimits = JournalWriterLimits()
    var dispatchLimits = DispatchLimits()
    var aws: AWSAccess
    var proxies = ProxySettings()
    var callbackKeys: [Secret]
    var addressPolicy: AddressPolicy
    /// Event loops of the main listener.
    var loops: Int
    /// The main TCP listeners' certificate; nil without TLS.
    var tls: TLSFiles?
    var hasTLS = false
    /// The service manager's sockets, which ``listen`` and ``admin`` may name.
    var inherited = InheritedSockets()

    var routing: Routing {
        Routing(sources: sources, rules: rules, defaultRegion: aws.region)
    }

    var callbacks: CallbackSettings {
        CallbackSettings(keys: callbackKeys, addressPolicy: addressPolicy)
    }

    /// What differs in another configuration and is read at a start only.
    func needsRestart(for other: GatewaySettings) -> [String] {
        let comparisons = [
            ("listen", listen == other.listen), ("admin", admin == other.admin),
            ("store", store == other.store),
            ("eventLoops", loops == other.loops), ("tls", hasTLS == other.hasTLS),
            (
                "limits",
                serverLimits == other.serverLimits && journalLimits == other.journalLimits
            ),
            // The region is the rules' default, and changes with them.
            ("aws.endpoint", aws.service.endpoints == other.aws.service.endpoints),
            ("aws.profile", aws.profile == other.aws.profile),
            ("aws.roleArn", aws.service.roleARN == other.aws.service.roleARN),
            (
                "aws.maxInFlight",
                dispatchLimits.startsInFlightMax == other.dispatchLimits.startsInFlightMax
            ),
            (
                "aws.startsPerSecond",
                dispatchLimits.startsPerSecondMax == other.dispatchLimits.startsPerSecondMax
            ),
        ]
        return comparisons.filter { !$0.1 }.map(\.0)
    }
}
