import EventPoll
import HTTPClient
import HTTPServer
import Intake
import Journal
import OpenSSLCrypto
import Outbound
import Rules
import SageMakerClient

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
    /// Where a start goes whose rule and pipeline name no region.
    var defaultRegion: String?
    var credentials: @Sendable () throws(SageMakerClientError) -> Credentials
    var endpoints: EndpointResolver
    var callbackKeys: [Secret]
    var addressPolicy: AddressPolicy
    /// Event loops of the main listener.
    var loops: Int
}
