import EventPoll
import HTTPClient
import Journal
import Outbound
import SageMakerClient

/// How SageMaker is reached, from the configuration, the environment and AWS's own files.
struct AWSAccess: Sendable {
    /// Where starts go that name no region, or nil.
    let region: String?
    let service: ServiceAccess
    let tools: CredentialTools
    let profile: String?
    /// Ends whatever waits for credentials.
    private let interrupt: Wakeup

    /// - Parameter needsRegion: Whether some start will name no region: the instance is asked for its
    ///   own then, after all other places.
    /// - Throws: ``SageMakerClientError``, and ``SystemCallError`` when the process is out of
    ///   descriptors.
    init(
        _ aws: Configuration.AWS, environment: [String: String], needsRegion: Bool
    ) throws {
        let shared = try SharedConfiguration(environment: environment, profile: aws.profile)
        let resolver = try RegionResolver(
            configured: aws.region, environment: environment, shared: shared)
        let interrupt = try Wakeup()
        var tools = CredentialTools(
            environment: environment, region: resolver.fallback,
            userAgent: userAgent, interrupt: interrupt,
            clock: { systemClock().milliseconds / 1000 })
        if resolver.fallback == nil, needsRegion {
            tools.region = InstanceCredentials(tools).region()
        }
        let authorities = certificateAuthorities(environment: environment, shared: shared)
        if let authorities { try checkAuthorities(authorities) }
        self.interrupt = interrupt
        self.tools = tools
        profile = aws.profile
        region = tools.region
        service = ServiceAccess(
            credentials: CredentialStore(tools, profile: aws.profile),
            endpoints: try EndpointResolver(
                configured: aws.endpoint, environment: environment, shared: shared),
            roleARN: aws.roleARN, certificateAuthorities: authorities)
    }

    /// Ends every look-up of credentials.
    func stop() {
        interrupt.signal()
        service.credentials.stop()
    }
}
