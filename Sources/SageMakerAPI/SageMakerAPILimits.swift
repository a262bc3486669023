/// Bounds on what is read from requests, models and replies.
package enum SageMakerAPILimits {
    /// The deepest nesting of lists and structures; StartPipelineExecution itself has 4.
    package static let depthMax = 16
    /// The most violations told of one value; whoever has more will run the check again.
    package static let violationsMax = 100
    /// The most characters of a foreign text that a message repeats.
    package static let quotedMax = 64
    /// The seconds since 1970 that a timestamp may be: the years 1 to 9999, which are all that four
    /// digits can say (RFC 3339) and all that the SDKs' own types hold.
    package static let epochSeconds = -62_135_596_800.0..<253_402_300_800.0
    /// The memory of one compiled pattern in bytes, program and automaton: RE2's own default.
    package static let patternBytesMax: Int64 = 8 << 20
    /// The longest reply that is read, in bytes. AWS's own are under 4 KiB; a longer one is
    /// from somebody else.
    package static let replyBytesMax = 1 << 20
    /// The longest reply of DescribePipeline that is read, in bytes: a definition of 1,048,576
    /// characters, quoted.
    package static let definitionReplyBytesMax = 4 << 20
    /// The longest region: one DNS label, as it becomes a part of the host (RFC 1035 §2.3.4).
    package static let regionMax = 63
    /// How far into an XML error its code and message are looked for, in bytes.
    package static let xmlBytesMax = 16 << 10
    /// The longest error code that is kept, in UTF-8 bytes.
    package static let errorCodeBytesMax = 128
    /// The longest error message that is kept, in UTF-8 bytes; AWS models 1,024 characters.
    package static let errorMessageBytesMax = 4096
}
