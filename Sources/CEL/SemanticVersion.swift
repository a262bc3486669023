/// A version as semver.org 2.0.0 has it, a `v` in front allowed as tags have it.
package final class SemanticVersion: Sendable {
    /// As it was written.
    package let text: String
    let numbers: [UInt64]
    /// The dot-separated identifiers behind `-`; none for a release.
    let prerelease: [String]

    /// Nil for what is no version.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else { return nil }
        var rest = text.hasPrefix("v") ? text.dropFirst() : text[...]
        var build: Substring?
        if let plus = rest.firstIndex(of: "+") {
            build = rest[rest.index(after: plus)...]
            rest = rest[..<plus]
        }
        var prerelease: Substring?
        if let dash = rest.firstIndex(of: "-") {
            prerelease = rest[rest.index(after: dash)...]
            rest = rest[..<dash]
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
            .compactMap { Self.number($0) }
        guard numbers.count == 3,
            rest.split(separator: ".", omittingEmptySubsequences: false).count == 3
        else { return nil }
        guard let names = Self.identifiers(prerelease, allowsLeadingZeros: false),
            Self.identifiers(build, allowsLeadingZeros: true) != nil
        else { return nil }
        self.text = text
        self.numbers = numbers
        self.prerelease = names
    }

    /// The longest version, in bytes.
    private static let bytesMax = 256

    /// A number without leading zeros.
    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit), text == "0" || text.first != "0"
        else { return nil }
        return UInt64(text)
    }

    private static func identifiers(
        _ text: Substring?, allowsLeadingZeros: Bool
    ) -> [String]? {
        guard let text else { return [] }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areValid = parts.allSatisfy { part in
            let isNumber = part.utf8.allSatisfy(\.isDigit)
            return !part.isEmpty
                && part.utf8.allSatisfy { $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "-") }
                && (allowsLeadingZeros || !isNumber || part == "0" || part.first != "0")
        }
        return areValid ? parts.map(String.init) : nil
    }

    /// Negative, zero or positive as this version has lower, the same or higher precedence
    /// (semver.org 2.0.0, item 11); what is behind `+` does not count.
    func order(to other: SemanticVersion) -> Int {
        for (own, foreign) in zip(numbers, other.numbers) where own != foreign {
            return own < foreign ? -1 : 1
        }
        // A release comes after its pre-releases.
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return (prerelease.isEmpty ? 1 : 0) - (other.prerelease.isEmpty ? 1 : 0)
        }
        for (own, foreign) in zip(prerelease, other.prerelease) {
            let order = Self.order(own, foreign)
            if order != 0 { return order }
        }
        return prerelease.count - other.prerelease.count
    }

    /// Numbers come in their order and before names, names in ASCII's.
    private static func order(_ left: String, _ right: String) -> Int {
        let isNumber = (left.utf8.allSatisfy(\.isDigit), right.utf8.allSatisfy(\.isDigit))
        if isNumber.0 != isNumber.1 { return isNumber.0 ? -1 : 1 }
        if isNumber.0, left.utf8.count != right.utf8.count {
            return left.utf8.count < right.utf8.count ? -1 : 1
        }
        let (leftBytes, rightBytes) = (Array(left.utf8), Array(right.utf8))
        if leftBytes == rightBytes { return 0 }
        return leftBytes.lexicographicallyPrecedes(rightBytes) ? -1 : 1
    }
}

/// `semver()` and its methods, named as in Kubernetes.
enum VersionFunctions {
    static let signatures = """
        semver(string) -> semver
        isSemver(string) -> bool
        semver.compare(string, string) -> int
        (semver).compareTo(semver) -> int
        isGreaterThan isLessThan | (semver).$(semver) -> bool
        major minor patch | (semver).$() -> int
        (semver).prerelease() -> string
        """

    static let all: [Function] =
        [
            .global(
                "semver",
                .unary { (value, _) throws(CELError) in
                    .semver(try version("semver", value))
                }),
            .global(
                "isSemver",
                .unary { (value, _) throws(CELError) in
                    guard let text = value.stringValue else { throw .noOverload("isSemver", value) }
                    return .bool(SemanticVersion(text) != nil)
                }),
            .global(
                "semver.compare",
                .binary { (left, right, _) throws(CELError) in
                    let order = try version("semver.compare", left)
                        .order(to: try version("semver.compare", right))
                    return .int(Int64(order.signum()))
                }),
            comparison("compareTo") { .int(Int64($0.signum())) },
            comparison("isGreaterThan") { .bool($0 > 0) },
            comparison("isLessThan") { .bool($0 < 0) },
            .receiver(
                "prerelease",
                .unary { (value, _) throws(CELError) in
                    .string(try own("prerelease", value).prerelease.joined(separator: "."))
                }),
        ]
        + ["major", "minor", "patch"].enumerated().map { position, name in
            .receiver(
                name,
                .unary { (value, _) throws(CELError) in
                    .int(Int64(clamping: try own(name, value).numbers[position]))
                })
        }

    private static func version(
        _ function: String, _ value: CELValue
    ) throws(CELError) -> SemanticVersion {
        guard let text = value.stringValue else { throw .noOverload(function, value) }
        guard let version = SemanticVersion(text) else {
            throw .invalidArgument(function: function, reason: "it is no version such as 1.2.3")
        }
        return version
    }

    private static func own(
        _ function: String, _ value: CELValue
    ) throws(CELError) -> SemanticVersion {
        guard case .semver(let version) = value else { throw .noOverload(function, value) }
        return version
    }

    private static func comparison(
        _ name: String, _ result: @escaping @Sendable (Int) -> CELValue
    ) -> Function {
        .receiver(
            name,
            .binary { (left, right, _) throws(CELError) in
                result(try own(name, left).order(to: try own(name, right)))
            })
    }
}
