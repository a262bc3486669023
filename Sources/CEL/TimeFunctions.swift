/// The accessors of timestamps, in UTC or a named zone, and of durations.
enum TimeFunctions {
    private typealias Part = @Sendable (CivilTime) -> Int

    static let all: [Function] =
        parts.flatMap { name, part in
            [
                Function.receiver(
                    name,
                    .unary { (value, _) throws(CELError) in
                        if let duration = durationPart(name, of: value) { return duration }
                        return try timestampPart(name, part, of: value, zone: nil)
                    }),
                Function.receiver(
                    name,
                    .binary { (value, zone, _) throws(CELError) in
                        guard let zone = zone.stringValue else {
                            throw .noOverload(name, value, zone)
                        }
                        return try timestampPart(name, part, of: value, zone: zone)
                    }, probe: .timestamp),
            ]
        } + milliseconds

    private static let parts: [(String, Part)] = [
        ("getFullYear", { $0.year }),
        ("getMonth", { $0.month - 1 }),
        ("getDate", { $0.day }),
        ("getDayOfMonth", { $0.day - 1 }),
        ("getDayOfWeek", { $0.dayOfWeek }),
        ("getDayOfYear", { $0.dayOfYear }),
        ("getHours", { $0.hour }),
        ("getMinutes", { $0.minute }),
        ("getSeconds", { $0.second }),
    ]

    private static let milliseconds: [Function] = [
        .receiver(
            "getMilliseconds",
            .unary { (value, _) throws(CELError) in try millisecond(of: value, zone: nil) }),
        .receiver(
            "getMilliseconds",
            .binary { (value, zone, _) throws(CELError) in
                guard let zone = zone.stringValue else {
                    throw .noOverload("getMilliseconds", value, zone)
                }
                return try millisecond(of: value, zone: zone)
            }, probe: .timestamp),
    ]

    private static func timestampPart(
        _ name: String, _ part: Part, of value: CELValue, zone: String?
    ) throws(CELError) -> CELValue {
        guard case .timestamp(let seconds, _) = value else { throw .noOverload(name, value) }
        let offset = try offset(of: zone, at: seconds)
        let time = CivilTime(secondsSinceEpoch: seconds + Int64(offset))
        return .int(Int64(part(time)))
    }

    /// The whole duration in a unit, rounded towards zero.
    private static func durationPart(_ name: String, of value: CELValue) -> CELValue? {
        guard case .duration(let nanoseconds) = value else { return nil }
        let seconds = nanoseconds / TimeArithmetic.nanosecondsPerSecond
        switch name {
        case "getHours": return .int(seconds / 3600)
        case "getMinutes": return .int(seconds / 60)
        case "getSeconds": return .int(seconds)
        default: return nil
        }
    }

    /// The milliseconds within the second, of a duration as of a timestamp.
    private static func millisecond(of value: CELValue, zone: String?) throws(CELError) -> CELValue
    {
        switch value {
        case .timestamp(let seconds, let nanoseconds):
            _ = try offset(of: zone, at: seconds)
            return .int(Int64(nanoseconds) / 1_000_000)
        case .duration(let nanoseconds) where zone == nil:
            return .int(nanoseconds % TimeArithmetic.nanosecondsPerSecond / 1_000_000)
        default: throw .noOverload("getMilliseconds", value)
        }
    }

    private static func offset(of zone: String?, at seconds: Int64) throws(CELError) -> Int {
        guard let zone else { return 0 }
        guard let offset = ZoneRules.offset(of: zone, at: seconds) else {
            throw .invalidArgument(function: "time zone", reason: "there is no such time zone")
        }
        return offset
    }
}
