/// Bounds on what is read from files, the environment and peers.
package enum SageMakerClientLimits {
    /// The longest credentials or config file, in bytes; years of profiles stay far below.
    package static let fileBytesMax = 1 << 20
    /// The longest access key id, in characters. Source: IAM API_AccessKey.
    package static let accessKeyIDMax = 128
    /// The longest secret access key, in bytes; AWS's have 40.
    package static let secretAccessKeyBytesMax = 1024
    /// The longest session token, in bytes. AWS names no bound; a header field of 16 KiB is what
    /// common servers take.
    package static let sessionTokenBytesMax = 16 << 10
    /// The longest endpoint URL, in bytes.
    package static let endpointBytesMax = 2048
    /// The longest Authorization field that is verified, in bytes.
    package static let authorizationBytesMax = 4096
    /// How far a request's date may be from ours, in seconds, to either side.
    /// Source: AWS "Troubleshooting Signature Version 4", 15 minutes.
    package static let clockWindow: Int64 = 15 * 60
    /// The least difference, in seconds, by which a service's clock is taken for another than ours.
    /// Source: the AWS SDKs for JavaScript and Swift, 5 minutes.
    package static let clockOffsetMin: Int64 = 5 * 60
    /// How many signing keys are kept: a key for each region and day.
    package static let signingKeysMax = 64
    /// The longest reply of a place that gives credentials, and the longest output of a process that
    /// does, in bytes.
    package static let credentialReplyBytesMax = 64 << 10
    /// How long a process that gives credentials may run.
    package static let processTime = Duration.seconds(60)
    /// How many profiles may refer to each other by `source_profile`.
    package static let sourceProfilesMax = 8
    /// The most roles whose credentials are kept, and so the most threads that fetch some.
    package static let identitiesMax = 256
    /// How long before their end credentials are renewed while they are still used.
    /// Source: botocore's advisory time.
    package static let refreshAhead: Int64 = 15 * 60
    /// How long a failed look-up is not repeated, in seconds.
    package static let lookUpPause: Int64 = 5
    /// The validity that a role's credentials are asked for, in seconds; AWS's own default.
    package static let roleDuration = 3600
}
