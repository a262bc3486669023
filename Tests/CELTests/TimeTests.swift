import CEL
import Testing

@Suite struct TimeTests {
    @Test(arguments: [
        "timestamp('1970-01-01T00:00:00Z') == timestamp(0)",
        "timestamp('2026-02-28T23:59:59.5+00:30') == timestamp('2026-02-28T23:29:59.500000000Z')",
        "timestamp('2024-02-29T00:00:00-12:00') == timestamp('2024-02-29T12:00:00Z')",
        "string(timestamp('2026-01-02T03:04:05.120Z')) == '2026-01-02T03:04:05.12Z'",
        "string(timestamp('2026-01-02T03:04:05.1234567891Z')) == '2026-01-02T03:04:05.123456789Z'",
        "string(timestamp(-62135596800)) == '0001-01-01T00:00:00Z'",
        "string(timestamp(253402300799)) == '9999-12-31T23:59:59Z'",
        "string(timestamp(-1)) == '1969-12-31T23:59:59Z' && int(timestamp(-1)) == -1",
        "timestamp('9999-12-31T23:59:59.999999999Z') > timestamp(253402300799)",
        "timestamp(0) + duration('-0.5s') == timestamp('1969-12-31T23:59:59.5Z')",
        "timestamp(0) - duration('1ns') == timestamp('1969-12-31T23:59:59.999999999Z')",
        "timestamp(5) - timestamp(3) == duration('2s') && timestamp(1) < timestamp(2)",
        "timestamp('2026-11-21T05:00:00Z').getDayOfWeek() == 6",
        "timestamp('2024-12-31T00:00:00Z').getDayOfYear() == 365",
        "timestamp('2100-03-01T00:00:00Z').getDayOfYear() == 59",
        "timestamp('0001-01-01T00:00:00Z').getDayOfWeek() == 1",
        "timestamp('1969-12-28T00:00:00Z').getDayOfWeek() == 0",
        "timestamp('2026-05-06T07:08:09.987Z').getMilliseconds() == 987",
        "timestamp('2026-05-06T07:08:09Z').getHours('+05:30') == 12",
        "timestamp('2026-05-06T07:08:09Z').getMinutes('05:30') == 38",
        "timestamp('2026-01-01T00:00:00Z').getFullYear('-00:01') == 2025",
        "timestamp('2026-01-01T00:00:00Z').getMonth('-00:01') == 11",
        "timestamp('2026-01-01T00:00:00Z').getDate('-00:01') == 31",
        "duration('1h34m0.5s') == duration('5640.5s') && duration('-1.5h') == duration('-90m')",
        "duration('1ms') + duration('1us') + duration('1ns') == duration('1001001ns')",
        "duration('1µs') == duration('1μs') && duration('0') == duration('0s')",
        "duration('.5s') == duration('500ms')",
        "string(duration('-1500ms')) == '-1.5s' && string(duration('1h')) == '3600s'",
        "string(duration('1ns')) == '0.000000001s' && string(duration('0')) == '0s'",
        "duration('9223372036854775807ns') > duration('-9223372036854775808ns')",
        "duration('3h').getMinutes() == 180 && duration('90s').getSeconds() == 90",
        "duration('-90m').getHours() == -1 && duration('1234ms').getMilliseconds() == 234",
    ])
    func `is true`(source: String) throws {
        #expect(try isTrue(source))
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00",
        "2026-1-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx",
        "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func `is no timestamp`(text: String) throws {
        guard case .noConversion = try #require(failure("timestamp(x)", [("x", .string(text))]))
        else {
            Issue.record("\(text)")
            return
        }
    }

    @Test(arguments: [
        "", "-", "+", "1", "s", "1x", "1h1", "1 h", "--1s", ".s", "1..5s", "1h-1m", "1n", "1u",
        "9223372036854775808ns", "-9223372036854775809ns", "2562048h", "99999999999999999999s",
    ])
    func `is no duration`(text: String) throws {
        guard case .noConversion = try #require(failure("duration(x)", [("x", .string(text))]))
        else {
            Issue.record("\(text)")
            return
        }
    }

    @Test(arguments: [
        "timestamp(253402300799) + duration('1s')", "timestamp(-62135596800) - duration('1ns')",
        "duration('9223372036854775807ns') + duration('1ns')",
        "timestamp(253402300799) - timestamp(-62135596800)",
    ])
    func `leaves the range`(source: String) throws {
        guard case .overflow = try #require(failure(source)) else {
            Issue.record("\(source)")
            return
        }
    }

    @Test(arguments: [
        "Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe//Berlin", "", ".", "+1:00",
        "+24:00", "+01:60", "Europe", "tzdata.zi", "Europe/Berlin\\u0000",
    ])
    func `is no time zone`(zone: String) throws {
        guard
            case .invalidArgument = try #require(
                failure("timestamp(0).getHours(z)", [("z", .string(zone))]))
        else {
            Issue.record("\(zone)")
            return
        }
    }

    // The offsets are those of the tz database; skipped where the system has none.
    @Test(
        .enabled(if: FileBytes.read("/usr/share/zoneinfo/Europe/Berlin") != nil, "no tzdata"),
        arguments: [
            // Both sides of the changes of 2026 in New York and Berlin.
            ("America/New_York", "2026-03-08T06:59:59Z", 1),
            ("America/New_York", "2026-03-08T07:00:00Z", 3),
            ("America/New_York", "2026-11-01T05:59:59Z", 1),
            ("America/New_York", "2026-11-01T06:00:00Z", 1),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 1),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 3),
            // Behind the last transition of the file, where its rule counts.
            ("America/New_York", "2080-07-01T12:00:00Z", 8),
            ("America/New_York", "2080-01-01T12:00:00Z", 7),
            ("Australia/Sydney", "2080-01-01T12:00:00Z", 23),
            ("Australia/Sydney", "2080-07-01T12:00:00Z", 22),
            ("Asia/Kolkata", "2080-07-01T12:00:00Z", 17),
            // Before the first one.
            ("America/New_York", "1700-01-01T12:00:00Z", 7),
            ("US/Central", "2026-07-01T12:00:00Z", 7), ("UTC", "2026-07-01T12:00:00Z", 12),
        ])
    func `a zone has its offset`(zone: String, time: String, hour: Int64) throws {
        let hours = try evaluated(
            "timestamp(t).getHours(z)", [("t", .string(time)), ("z", .string(zone))])
        #expect(hours.intValue == hour)
    }
}
