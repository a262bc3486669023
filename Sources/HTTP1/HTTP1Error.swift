/// The rule that a request broke. No case carries any of its bytes.
package enum HTTP1Error: Error, Equatable {
    // RFC 9112 §2.2 and §3
    case bareLineFeed
    case bareCarriageReturn
    case requestLineMalformed
    case methodInvalid
    case targetInvalid
    case targetTooLong(limit: Int)
    case versionUnsupported
    // RFC 9110 §5 and RFC 9112 §5
    case lineFolding
    case fieldNameInvalid
    case fieldValueInvalid
    case headerSectionTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case hostMissing
    case hostRepeated
    case hostInvalid
    // RFC 9112 §6
    case contentLengthInvalid
    case contentLengthRepeated
    case contentLengthWithTransferEncoding
    case transferEncodingInvalid
    case transferCodingUnknown
    case transferEncodingInOldVersion
    case chunkInvalid
    case chunkLineTooLong(limit: Int)
    case chunkLinesTooLarge(limit: Int)
    case trailerSectionTooLarge(limit: Int)
    case contentTooLarge(limit: Int)
    // RFC 9110 §10.1.1
    case expectationUnknown

    /// The status that answers the request.
    package var status: HTTPStatus {
        switch self {
        case .bareLineFeed, .bareCarriageReturn, .requestLineMalformed, .methodInvalid,
            .targetInvalid, .lineFolding, .fieldNameInvalid, .fieldValueInvalid, .hostMissing,
            .hostRepeated, .hostInvalid, .contentLengthInvalid, .contentLengthRepeated,
            .contentLengthWithTransferEncoding, .transferEncodingInvalid,
            .transferEncodingInOldVersion, .chunkInvalid, .chunkLineTooLong, .chunkLinesTooLarge:
            .badRequest
        case .targetTooLong: .uriTooLong
        case .headerSectionTooLarge, .tooManyFields, .trailerSectionTooLarge:
            .requestHeaderFieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .expectationUnknown: .expectationFailed
        case .transferCodingUnknown: .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        }
    }

    /// What was wrong and what was expected, for the answer's `detail`.
    package var detail: String {
        switch self {
        case .bareLineFeed: "a line ends in LF alone; every line ends in CR LF"
        case .bareCarriageReturn: "a CR stands without its LF"
        case .requestLineMalformed: "the request line is not METHOD SP TARGET SP HTTP/1.1"
        case .methodInvalid: "the method is not a token of at most 32 characters"
        case .targetInvalid: "the request target is neither a path nor an http URI"
        case .targetTooLong(let limit): "the request target is longer than \(limit) bytes"
        case .versionUnsupported: "the HTTP version is not 1.0 or 1.1"
        case .lineFolding: "a field line begins with white space"
        case .fieldNameInvalid: "a field name is not a token followed by a colon"
        case .fieldValueInvalid: "a field value holds a control character"
        case .headerSectionTooLarge(let limit): "the header section is larger than \(limit) bytes"
        case .tooManyFields(let limit): "there are more than \(limit) header fields"
        case .hostMissing: "there is no Host field"
        case .hostRepeated: "there is more than one Host field"
        case .hostInvalid: "the Host field is not a host with an optional port"
        case .contentLengthInvalid: "Content-Length is not a decimal number"
        case .contentLengthRepeated: "there is more than one Content-Length"
        case .contentLengthWithTransferEncoding:
            "there are both Content-Length and Transfer-Encoding"
        case .transferEncodingInvalid: "Transfer-Encoding is not exactly one chunked"
        case .transferCodingUnknown: "the transfer coding is not chunked"
        case .transferEncodingInOldVersion: "HTTP/1.0 has no Transfer-Encoding"
        case .chunkInvalid: "the chunked coding is malformed"
        case .chunkLineTooLong(let limit): "a chunk's line is longer than \(limit) bytes"
        case .chunkLinesTooLarge(let limit):
            "the chunks' extensions are longer than their content by more than \(limit) bytes"
        case .trailerSectionTooLarge(let limit):
            "the trailer section is larger than \(limit) bytes"
        case .contentTooLarge(let limit): "the content is larger than \(limit) bytes"
        case .expectationUnknown: "the only known expectation is 100-continue"
        }
    }
}
