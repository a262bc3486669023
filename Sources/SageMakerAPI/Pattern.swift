private import CRE2

/// A compiled regular expression of the API model, meant for whole values.
///
/// `@unchecked Sendable`: the handle is set once, and RE2 guards its own caches, so any number of
/// threads may match with one expression at the same time.
final class Pattern: @unchecked Sendable {
    let source: String
    private let handle: OpaquePointer

    /// - Throws: ``SageMakerAPIError/brokenModel(reason:)`` for what RE2 does not accept.
    init(_ source: String) throws(SageMakerAPIError) {
        var text = source
        var reason = [CChar](repeating: 0, count: 256)
        let created = text.withUTF8 { pattern in
            hl_re2_create(
                pattern.baseAddress, pattern.count, SageMakerAPILimits.patternBytesMax, &reason,
                reason.count)
        }
        guard let created else {
            let reason = reason.withUnsafeBufferPointer { characters in
                String(decoding: characters.prefix { $0 != 0 }.lazy.map(UInt8.init), as: UTF8.self)
            }
            throw .brokenModel(reason: "pattern \(source): \(reason)")
        }
        self.source = source
        handle = created
    }

    deinit { hl_re2_destroy(handle) }

    func matchesWhole(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            hl_re2_full_match(handle, bytes.baseAddress, bytes.count)
        }
    }
}
