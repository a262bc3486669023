/// The yearly rule at the end of a TZif file, in the form of POSIX's `TZ` (RFC 8536 §3.3).
struct ZoneRule: Sendable {
    /// When in a year the clock changes.
    private enum Change: Sendable {
        /// 1...365, February 29 never counted.
        case dayWithoutLeap(Int, second: Int)
        /// 0...365
        case day(Int, second: Int)
        /// The week 1...5 of a month, 5 being the last, and the day of the week.
        case weekday(month: Int, week: Int, day: Int, second: Int)
    }

    private let standardOffset: Int
    private let summer: (offset: Int, start: Change, end: Change)?

    /// Nil for an empty or malformed rule.
    init?(_ text: [UInt8]) {
        let parsed = text.withUnsafeBufferPointer { text -> (Int, (Int, Change, Change)?)? in
            var reader = DigitReader(text)
            guard Self.skipName(&reader), let west = Self.time(&reader) else { return nil }
            guard !reader.isAtEnd else { return (-west, nil) }
            guard Self.skipName(&reader) else { return nil }
            var offset = -west + 3600
            if reader.next != UInt8(ascii: ",") {
                guard let west = Self.time(&reader) else { return nil }
                offset = -west
            }
            guard reader.skip(","), let start = Self.change(&reader), reader.skip(","),
                let end = Self.change(&reader), reader.isAtEnd
            else { return nil }
            return (-west, (offset, start, end))
        }
        guard let (standardOffset, summer) = parsed else { return nil }
        self.standardOffset = standardOffset
        self.summer = summer.map { ($0.0, $0.1, $0.2) }
    }

    /// The offset from UTC at a time, in seconds.
    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standardOffset }
        let year = CivilTime(secondsSinceEpoch: seconds + Int64(standardOffset)).year
        let start = Self.seconds(of: summer.start, year: year) - Int64(standardOffset)
        let end = Self.seconds(of: summer.end, year: year) - Int64(summer.offset)
        // South of the equator summer lasts over the end of the year.
        let isSummer =
            start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
        return isSummer ? summer.offset : standardOffset
    }

    /// Seconds since 1970 by the local clock.
    private static func seconds(of change: Change, year: Int) -> Int64 {
        let day: Int
        let second: Int
        switch change {
        case .dayWithoutLeap(let number, let time):
            let leap = CivilTime.isLeap(year) && number > 59 ? 1 : 0
            day = CivilTime.days(year: year, month: 1, day: 1) + number - 1 + leap
            second = time
        case .day(let number, let time):
            day = CivilTime.days(year: year, month: 1, day: 1) + number
            second = time
        case .weekday(let month, let week, let weekday, let time):
            let first = CivilTime.days(year: year, month: month, day: 1)
            let firstWeekday = CivilTime(secondsSinceEpoch: Int64(first) * 86_400).dayOfWeek
            var dayOfMonth = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            if dayOfMonth >= CivilTime.daysInMonth(year: year, month: month) { dayOfMonth -= 7 }
            day = first + dayOfMonth
            second = time
        }
        return Int64(day * 86_400 + second)
    }

    /// Letters, or anything between angle brackets.
    private static func skipName(_ reader: inout DigitReader) -> Bool {
        if reader.skip("<") {
            while !reader.skip(">") {
                guard !reader.isAtEnd else { return false }
                reader.advance()
            }
            return true
        }
        guard reader.next?.isLetter == true else { return false }
        while reader.next?.isLetter == true { reader.advance() }
        return true
    }

    /// Hours, with optional sign, minutes and seconds; in seconds.
    private static func time(_ reader: inout DigitReader) -> Int? {
        let isNegative = reader.skip("-")
        if !isNegative { _ = reader.skip("+") }
        guard let hours = number(&reader, max: 167) else { return nil }
        var total = hours * 3600
        for unit in [60, 1] where reader.skip(":") {
            guard let part = number(&reader, max: 59) else { return nil }
            total += part * unit
        }
        return isNegative ? -total : total
    }

    private static func change(_ reader: inout DigitReader) -> Change? {
        if reader.skip("M") {
            guard let month = number(&reader, max: 12), month > 0, reader.skip("."),
                let week = number(&reader, max: 5), week > 0, reader.skip("."),
                let day = number(&reader, max: 6), let second = changeTime(&reader)
            else { return nil }
            return .weekday(month: month, week: week, day: day, second: second)
        }
        let isWithoutLeap = reader.skip("J")
        guard let day = number(&reader, max: 365), let second = changeTime(&reader) else {
            return nil
        }
        return isWithoutLeap
            ? .dayWithoutLeap(day, second: second) : .day(day, second: second)
    }

    /// The time of a change, 02:00 when it is not given.
    private static func changeTime(_ reader: inout DigitReader) -> Int? {
        reader.skip("/") ? time(&reader) : 7200
    }

    private static func number(_ reader: inout DigitReader, max limit: UInt64) -> Int? {
        guard let value = reader.number(), value <= limit else { return nil }
        return Int(value)
    }
}
