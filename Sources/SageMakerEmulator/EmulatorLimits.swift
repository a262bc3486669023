/// Bounds on what the emulator takes and keeps.
package enum EmulatorLimits {
    /// The longest request to the service in bytes: room for a pipeline's definition of 1,048,576
    /// characters, the longest member of AWS's model.
    package static let requestBytesMax = 2 << 20
    /// The longest request for a newer SSO token in bytes.
    package static let tokenRequestBytesMax = 64 << 10
    /// The longest fault script in bytes.
    package static let scriptBytesMax = 1 << 20
    /// The most entries of a fault script.
    package static let faultsMax = 1000
    /// The most requests that one entry of a fault script can befall.
    package static let timesMax = 1_000_000
    /// The longest delay of an answer. Longer than any client waits.
    package static let delayMax = Duration.seconds(3600)
    /// The most answers that are delayed at once; further ones are given without delay.
    package static let heldAnswersMax = 10_000
    /// The most requests that the journal keeps; the oldest are forgotten.
    package static let journalEntriesMax = 10_000
    /// The most memory of the journal's texts in bytes; the oldest are forgotten.
    package static let journalBytesMax = 32 << 20
    /// The most executions that are known, and the most tokens; the oldest are forgotten.
    package static let executionsMax = 50_000
    /// The most temporary access keys that are known; the oldest are forgotten.
    package static let temporaryKeysMax = 10_000
    /// The most pipelines whose parameters are remembered.
    package static let pipelinesMax = 1000
    /// The most parameters that are remembered of one pipeline; AWS takes 200 at a start.
    package static let parametersMax = 200
    /// The most steps of a pipeline that are remembered; further ones are left out.
    package static let stepsMax = 50
    /// The most violations that one error message tells.
    package static let violationsToldMax = 10
    /// The most characters of a foreign text that a message repeats.
    package static let quotedMax = 128
}
