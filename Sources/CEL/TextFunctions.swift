/// The strings extension; indices count code points.
enum TextFunctions {
    static let all: [Function] = indexed + searches + changes + joining

    private static let indexed: [Function] = [
        .receiver(
            "charAt",
            .binary { (text, index, evaluation) throws(CELError) in
                guard case .int(let position) = index else {
                    throw .noOverload("charAt", text, index)
                }
                return try slice("charAt", text, position, &evaluation) { bytes, start in
                    var end = start
                    repeat { end += 1 } while end < bytes.count && bytes[end].isContinuation
                    return min(end, bytes.count)
                }
            }),
        .receiver(
            "substring",
            .binary { (text, start, evaluation) throws(CELError) in
                guard case .int(let start) = start else {
                    throw .noOverload("substring", text, start)
                }
                return try slice("substring", text, start, &evaluation) { bytes, _ in bytes.count }
            }),
        .receiver(
            "substring",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                guard case .int(let start) = arguments[1], case .int(let end) = arguments[2] else {
                    throw .noSuchOverload(function: "substring", types: arguments.map(\.typeName))
                }
                guard start <= end else {
                    throw .invalidArgument(
                        function: "substring", reason: "the start \(start) is behind the end \(end)"
                    )
                }
                return try slice("substring", arguments[0], start, &evaluation) { bytes, _ in
                    bytes.offset(ofCodePoint: end)
                }
            }),
    ]

    /// The text from a code point to the byte offset that `end` gives, nil being out of range.
    private static func slice(
        _ name: String, _ text: CELValue, _ start: Int64, _ evaluation: inout Evaluation,
        end: (UnsafeBufferPointer<UInt8>, Int) -> Int?
    ) throws(CELError) -> CELValue {
        var byteCount = 0
        let result = try text.withUTF8 { bytes throws(CELError) -> String in
            byteCount = bytes.count
            guard let first = bytes.offset(ofCodePoint: start), let last = end(bytes, first) else {
                throw .invalidArgument(
                    function: name,
                    reason: "the index is out of range, the size is \(bytes.codePointCount)")
            }
            return String(bytes[first..<last])
        }
        guard let result else { throw .noOverload(name, text) }
        try evaluation.charge(bytes: byteCount)
        return .string(result)
    }

    private static let searches: [Function] = [
        .receiver(
            "indexOf",
            .binary { (text, part, evaluation) throws(CELError) in
                try index("indexOf", text, part, from: nil, &evaluation) {
                    $0.firstOffset(of: $1, from: $2)
                }
            }),
        .receiver(
            "indexOf",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                try index("indexOf", arguments, &evaluation) { $0.firstOffset(of: $1, from: $2) }
            }),
        .receiver(
            "lastIndexOf",
            .binary { (text, part, evaluation) throws(CELError) in
                try index("lastIndexOf", text, part, from: nil, &evaluation) { text, part, _ in
                    text.lastOffset(of: part, from: text.count)
                }
            }),
        .receiver(
            "lastIndexOf",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                try index("lastIndexOf", arguments, &evaluation) { $0.lastOffset(of: $1, from: $2) }
            }),
    ]

    private typealias Search =
        (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>, Int) -> Int?

    private static func index(
        _ name: String, _ arguments: [CELValue], _ evaluation: inout Evaluation, _ search: Search
    ) throws(CELError) -> CELValue {
        guard case .int(let start) = arguments[2] else {
            throw .noSuchOverload(function: name, types: arguments.map(\.typeName))
        }
        return try index(name, arguments[0], arguments[1], from: start, &evaluation, search)
    }

    /// The code point at which a search finds `part`, or -1.
    private static func index(
        _ name: String, _ text: CELValue, _ part: CELValue, from start: Int64?,
        _ evaluation: inout Evaluation, _ search: Search
    ) throws(CELError) -> CELValue {
        var byteCount = 0
        let result = try text.withUTF8 { text throws(CELError) in
            try part.withUTF8 { part throws(CELError) -> Int in
                byteCount = text.count
                guard let offset = text.offset(ofCodePoint: start ?? 0) else {
                    throw .invalidArgument(
                        function: name,
                        reason: "the index is out of range, the size is \(text.codePointCount)")
                }
                guard let found = search(text, part, offset) else { return -1 }
                return UnsafeBufferPointer(rebasing: text[..<found]).codePointCount
            }
        }
        try evaluation.charge(bytes: byteCount)
        guard let result, let result else { throw .noOverload(name, text, part) }
        return .int(Int64(result))
    }

    private static let changes: [Function] = [
        mapped("lowerAscii") { $0.map { $0.isUpper ? $0 | 0x20 : $0 } },
        mapped("upperAscii") { $0.map { $0.isLetter ? $0 & ~0x20 : $0 } },
        mapped("trim") { Array($0.trimmed) },
        .receiver(
            "reverse",
            .unary { (value, evaluation) throws(CELError) in
                if ElementIterator(value) != nil {
                    return try ListFunctions.reversed(value, &evaluation)
                }
                return try map("reverse", value, &evaluation) { bytes in
                    Array(
                        String(
                            String.UnicodeScalarView(String(bytes[...]).unicodeScalars.reversed())
                        ).utf8)
                }
            }),
        .receiver(
            "replace",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                try replace(arguments, limit: -1, &evaluation)
            }),
        .receiver(
            "replace",
            .fixed(4) { (arguments, evaluation) throws(CELError) in
                guard case .int(let limit) = arguments[3] else {
                    throw .noSuchOverload(function: "replace", types: arguments.map(\.typeName))
                }
                return try replace(arguments, limit: limit, &evaluation)
            }),
        .global(
            "strings.quote",
            .unary { (value, evaluation) throws(CELError) in
                try map("strings.quote", value, &evaluation) { quoted($0) }
            }),
        .receiver(
            "format",
            .binary { (format, arguments, evaluation) throws(CELError) in
                try Formatting.format(format, arguments, &evaluation)
            }),
    ]

    private static func mapped(
        _ name: String, _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) -> Function {
        .receiver(
            name,
            .unary { (value, evaluation) throws(CELError) in
                try map(name, value, &evaluation, body)
            })
    }

    private static func map(
        _ name: String, _ value: CELValue, _ evaluation: inout Evaluation,
        _ body: (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) throws(CELError) -> CELValue {
        guard let bytes = value.withUTF8(body) else { throw .noOverload(name, value) }
        try evaluation.charge(newBytes: bytes.count)
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    /// Between double quotes, with the characters escaped that a CEL literal would escape.
    private static func quoted(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text {
            let letter: Unicode.Scalar? =
                switch byte {
                case 0x07: "a"
                case 0x08: "b"
                case 0x0C: "f"
                case 0x0A: "n"
                case 0x0D: "r"
                case 0x09: "t"
                case 0x0B: "v"
                case UInt8(ascii: "\\"): "\\"
                case UInt8(ascii: "\""): "\""
                default: nil
                }
            if let letter {
                output.append(UInt8(ascii: "\\"))
                output.append(UInt8(ascii: letter))
            } else {
                output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
        return output
    }

    /// Replaces the first `limit` occurrences, all when it is negative; an empty text occurs in
    /// front of each code point and at the end.
    private static func replace(
        _ arguments: [CELValue], limit: Int64, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let text = arguments[0].stringValue, let old = arguments[1].stringValue,
            let new = arguments[2].stringValue
        else { throw .noSuchOverload(function: "replace", types: arguments.map(\.typeName)) }
        let bytesMax = evaluation.limits.stringBytesMax
        var output: [UInt8] = []
        let parts = TextSplitter.parts(of: text, separator: old, limit: limit, aroundEnds: true)
        try evaluation.charge(text.utf8.count + parts.count)
        for (position, part) in parts.enumerated() {
            if position > 0 { output.append(contentsOf: new.utf8) }
            output.append(contentsOf: part)
            guard output.count <= bytesMax else { throw .stringTooLong(limitBytes: bytesMax) }
        }
        try evaluation.charge(newBytes: output.count)
        return .string(String(decoding: output, as: UTF8.self))
    }

    private static let joining: [Function] = [
        .receiver(
            "split",
            .binary { (text, separator, evaluation) throws(CELError) in
                try split([text, separator], limit: -1, &evaluation)
            }),
        .receiver(
            "split",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                guard case .int(let limit) = arguments[2] else {
                    throw .noSuchOverload(function: "split", types: arguments.map(\.typeName))
                }
                return try split(arguments, limit: limit, &evaluation)
            }),
        .receiver(
            "join",
            .unary { (list, evaluation) throws(CELError) in
                try join(list, separator: .string(""), &evaluation)
            }),
        .receiver(
            "join",
            .binary { (list, separator, evaluation) throws(CELError) in
                try join(list, separator: separator, &evaluation)
            }),
    ]

    /// At most `limit` parts, all when it is negative.
    private static func split(
        _ arguments: [CELValue], limit: Int64, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let text = arguments[0].stringValue, let separator = arguments[1].stringValue else {
            throw .noSuchOverload(function: "split", types: arguments.map(\.typeName))
        }
        guard limit != 0 else { return .list([]) }
        let cuts = limit < 0 ? limit : limit - 1
        let parts = TextSplitter.parts(
            of: text, separator: separator, limit: cuts, aroundEnds: false)
        try evaluation.charge(bytes: text.utf8.count)
        try evaluation.charge(newElements: parts.count)
        return .list(parts.map { .string(String(decoding: $0, as: UTF8.self)) })
    }

    private static func join(
        _ list: CELValue, separator: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard var elements = ElementIterator(list), let separator = separator.stringValue else {
            throw .noOverload("join", list, separator)
        }
        let bytesMax = evaluation.limits.stringBytesMax
        var output = ""
        var isFirst = true
        while let element = elements.next() {
            try evaluation.charge()
            guard let text = element.stringValue else { throw .noOverload("join", element) }
            if !isFirst { output += separator }
            output += text
            isFirst = false
            guard output.utf8.count <= bytesMax else { throw .stringTooLong(limitBytes: bytesMax) }
        }
        try evaluation.charge(newBytes: output.utf8.count)
        return .string(output)
    }
}

extension String {
    fileprivate init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        self.init(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isUpper: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
}
