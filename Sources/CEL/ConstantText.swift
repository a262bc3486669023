import Glibc
import JSON

/// A string of the expression itself, with its UTF-8 bytes at hand.
final class ConstantText {
    let text: String
    let key: CELKey
    /// Allocated for as long as this object lives, so that comparing needs no String.
    let utf8: UnsafeBufferPointer<UInt8>

    init(_ text: String) {
        self.text = text
        key = .string(ExactText(text))
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = copy.initialize(from: text.utf8)
        utf8 = UnsafeBufferPointer(copy)
    }

    deinit { utf8.deallocate() }
}

extension CELValue {
    /// Whether this is the string `text`.
    func isString(_ text: ConstantText) -> Bool {
        withUTF8 { $0.hasSameBytes(as: text.utf8) } ?? false
    }

    /// Calls `body` with a string's bytes, or returns nil for a value that is no string.
    func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch self {
        case .jsonString(let value):
            let result = try body(value.utf8)
            // The bytes live as long as the document does.
            withExtendedLifetime(value) {}
            return result
        case .string(let text):
            // `String.withUTF8` has no typed throws.
            var text = text
            let result = text.withUTF8 { bytes in
                Swift.Result { () throws(Failure) in try body(bytes) }
            }
            return try result.get()
        default: return nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
        return memcmp(base, otherBase, count) == 0
    }

    /// Negative, zero or positive as these bytes come before, equal or come after the others.
    func order(to other: UnsafeBufferPointer<UInt8>) -> Int {
        if let base = baseAddress, let otherBase = other.baseAddress {
            let order = memcmp(base, otherBase, Swift.min(count, other.count))
            if order != 0 { return Int(order) }
        }
        return count - other.count
    }
}
