/// The fields of a query or of form content: `a=1&b=2`, percent-decoded, `+` for a space.
///
/// As the URL Standard reads application/x-www-form-urlencoded: a `%` without two digits behind it
/// stands for itself.
package struct FormFields {
    /// In their order, repeated names included.
    package let fields: [(name: [UInt8], value: [UInt8])]

    /// - Returns: Nil for more than ``WebhookLimits/formFieldsMax`` fields.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let length = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.count
            let pair = UnsafeRawBufferPointer(rebasing: rest[..<length])
            start += length + 1
            guard !pair.isEmpty else { continue }
            guard fields.count < WebhookLimits.formFieldsMax else { return nil }
            let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count
            fields.append(
                (
                    Self.decoded(UnsafeRawBufferPointer(rebasing: pair[..<mark])),
                    Self.decoded(
                        UnsafeRawBufferPointer(rebasing: pair[min(mark + 1, pair.count)...]))
                ))
        }
        self.fields = fields
    }

    /// - Returns: Nil for more than ``WebhookLimits/formFieldsMax`` fields.
    package init?(_ bytes: ArraySlice<UInt8>) {
        let fields = bytes.withUnsafeBytes { FormFields($0)?.fields }
        guard let fields else { return nil }
        self.fields = fields
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> [UInt8]? {
        fields.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// The values of all fields of this name.
    package func all(_ name: String) -> [[UInt8]] {
        fields.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
    }

    /// A form with other values for some of its fields; the rest stays as it is written.
    /// - Parameter replacement: The value in place of a field's, not encoded; nil to keep it.
    /// - Returns: Nil where every value is kept.
    package static func replacing(
        _ bytes: UnsafeRawBufferPointer,
        _ replacement: (_ name: [UInt8], _ value: [UInt8]) -> [UInt8]?
    ) -> [UInt8]? {
        var output: [UInt8] = []
        var isChanged = false
        for pair in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            if pair.startIndex > 0 { output.append(UInt8(ascii: "&")) }
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count + 1)
            guard
                let other = replacement(
                    decoded(UnsafeRawBufferPointer(rebasing: name)),
                    decoded(UnsafeRawBufferPointer(rebasing: value)))
            else {
                output += pair
                continue
            }
            isChanged = true
            output += name
            output.append(UInt8(ascii: "="))
            output += encoded(other)
        }
        return isChanged ? output : nil
    }

    /// A text with its percent-encoded bytes decoded and nothing else touched.
    package static func percentDecoded(_ text: String) -> String {
        let bytes = Array(text.utf8).withUnsafeBytes { decoded($0, plusIsSpace: false) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decoded(
        _ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool = true
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            var position = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte == UInt8(ascii: "%"), position + 2 < bytes.count,
                    let high = bytes[position + 1].hexDigit, let low = bytes[position + 2].hexDigit
                {
                    output[count] = high << 4 | low
                    position += 3
                } else {
                    let isSpace = plusIsSpace && byte == UInt8(ascii: "+")
                    output[count] = isSpace ? UInt8(ascii: " ") : byte
                    position += 1
                }
                count += 1
            }
        }
    }

    /// Writes text as a form's value: everything but unreserved characters percent-encoded.
    package static func encoded(_ text: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "*"):
                output.append(byte)
            case UInt8(ascii: " "): output.append(UInt8(ascii: "+"))
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return output
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
