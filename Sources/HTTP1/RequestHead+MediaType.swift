extension RequestHead {
    /// Whether the content is declared as this media type (RFC 9110 §8.3.1), with any parameters.
    /// - Parameter type: Lower-case.
    package func isMediaType(_ type: StaticString) -> Bool {
        guard let essence = mediaTypeEssence, essence.count == type.utf8CodeUnitCount else {
            return false
        }
        return essence.ends(with: type)
    }

    /// Whether the content is declared as JSON: `application/json` or a type that ends in `+json`
    /// (RFC 6839 §3.1), with any parameters.
    package var hasJSONContent: Bool {
        isMediaType("application/json") || mediaTypeEssence?.ends(with: "+json") == true
    }

    /// Whether the content is declared as `application/x-www-form-urlencoded`.
    package var hasFormContent: Bool { isMediaType("application/x-www-form-urlencoded") }

    /// The type without its parameters; nil without exactly one field of it.
    private var mediaTypeEssence: ArraySlice<UInt8>? {
        onlyField("content-type")?.prefix { $0 != UInt8(ascii: ";") && $0 != .space }
    }
}

extension ArraySlice<UInt8> {
    /// - Parameter text: Lower-case; letters are compared in any case.
    fileprivate func ends(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        for offset in 0..<length
        where self[endIndex - length + offset].asciiLowercased != text.utf8Start[offset] {
            return false
        }
        return true
    }
}
