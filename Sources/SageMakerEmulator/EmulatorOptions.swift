package import HTTPServer
package import OpenSSLCrypto

/// What an emulator is started with.
package struct EmulatorOptions: Sendable {
    /// The access key that is accepted unless others are given. Source: the examples of AWS's
    /// Signature Version 4 documentation, so it is nobody's.
    package static let demoAccessKeyID = "AKIDEXAMPLE"
    /// The secret of ``demoAccessKeyID``.
    package static let demoSecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    /// Where to listen. Meant for loopback: whoever can reach it can script its faults.
    package var listen: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 0)]
    /// The secret access keys that are accepted, by access key.
    package var credentials = [demoAccessKeyID: Secret(demoSecretAccessKey)]
    /// The session tokens of temporary credentials, by access key. An access key that has one is
    /// refused without it, and one that has none is refused with any.
    package var sessionTokens: [String: Secret] = [:]
    /// The account in every ARN: twelve digits.
    package var accountID = "123456789012"
    /// How long an execution is `Executing`. It then is `Succeeded`, or `Failed` where the
    /// pipeline's name begins with ``failingPrefix``.
    package var executionDuration: Duration = .seconds(10)
    /// How long a stopped execution is `Stopping` before it is `Stopped`.
    package var stoppingDuration: Duration = .seconds(1)
    /// Whether requests must be signed. Without it, region and access key are taken from the
    /// signature where there is one.
    package var checksSignatures = true
    /// Whether a parameter's value may be empty: the model says yes, the live service has been
    /// seen to say no (sagemaker-python-sdk#4016).
    package var takesEmptyValues = false
    /// The most executions that are `Executing` at once; more are ResourceLimitExceeded.
    package var concurrentExecutionsMax: Int?
    /// Names of pipelines that do not exist, besides those that begin with ``missingPrefix``. All
    /// others do.
    package var missingPipelines: Set<String> = []
    /// What a start with a token that another request was made with comes to.
    package var tokenReuse = TokenReuse.conflict
    /// How far the emulator's clock is ahead of the machine's, in seconds. Replies then have a Date of
    /// their own and end their connection.
    package var clockOffset: Int64 = 0
    /// How long the temporary credentials are valid that the emulator gives, in seconds; nil for what
    /// is asked for, or an hour.
    package var credentialSeconds: Int64?
    /// The region that the instance metadata service tells.
    package var instanceRegion = "eu-west-1"
    /// Pipelines with definitions.
    package var pipelines = PipelineSeeds()
    /// The faults to begin with.
    package var faults = FaultScript()

    /// The beginning of the names of pipelines that do not exist.
    package static let missingPrefix = "missing-"
    /// The beginning of the names of pipelines whose executions fail.
    package static let failingPrefix = "failing-"

    /// What a token that was used for another request comes to. The live service's answer is not
    /// documented.
    package enum TokenReuse: String, Sendable, CaseIterable {
        /// ConflictException.
        case conflict
        /// ValidationException.
        case validation
        /// The earlier request's execution.
        case replay
    }

    package init() {}

    /// Whether the account makes well-formed ARNs.
    var hasAccount: Bool {
        accountID.utf8.count == 12
            && accountID.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    func hasPipeline(_ name: String) -> Bool {
        !name.hasPrefix(Self.missingPrefix) && !missingPipelines.contains(name)
    }
}
