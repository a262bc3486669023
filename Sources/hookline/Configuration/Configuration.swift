import CEL
import EventPoll
import HTTPServer
import Intake
import OpenSSLCrypto
import Rules

/// Where the configuration has what may prove unusable only when it is used; nil, or no place, for
/// a key that is left out.
struct ConfigurationPlaces: Sendable {
    /// In the order of the addresses.
    var listen: [Place] = []
    var admin: Place?
    var store: Place?
    /// `aws.profile`
    var profile: Place?
}

/// What `hookline.yaml` says, with its defaults; every value is checked.
struct Configuration {
    struct AWS {
        var region: String?
        var endpoint: String?
        var profile: String?
        /// The role of starts whose rule names none.
        var roleARN: String?
        var startsInFlightMax = 64
        var startsPerSecondMax = 0
    }

    struct Callbacks {
        var keys: [Secret] = []
        var allowNetworks: [IPNetwork] = []
    }

    /// Where values are written that only the system can find fault with.
    var places = ConfigurationPlaces()
    var listen: [ListenAddress] = [.tcp(host: "0.0.0.0", port: 8080)]
    /// Event loops of the main listener; nil for one an allowed processor.
    var eventLoops: Int?
    var hasTLS = false
    /// Nil without TLS, and where secrets are not needed.
    var tls: TLSFiles?
    var admin = ListenAddress.tcp(host: "127.0.0.1", port: 8081)
    var adminTokens: [Secret] = []
    /// The database file's path.
    var store = "hookline.db"
    /// Paths of rule files with the places that name them.
    var rulePatterns: [LocatedText] = []
    var aws = AWS()
    var callbacks = Callbacks()
    var sources: [Source] = []
    /// The names of all sources, those that could not be decoded too.
    var sourceNames: [String] = []
    var serverLimits = ServerLimits()
    var queuedStartsMax = 1_000_000
    var expressionLimits = CELLimits()
    /// What an operator should know though it is no error.
    var warnings: [String] = []
}
