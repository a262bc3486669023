/// A date and a time of day in UTC, in the proleptic Gregorian calendar.
struct UTCTime: Equatable {
    /// 0 until the last second of 9999, all that four digits of a year can say from 1970 on.
    static let epochSecondsRange: ClosedRange<Int64> = 0...253_402_300_799

    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int

    /// - Parameter epochSeconds: Seconds since 1970; outside of the range the nearest within it.
    init(epochSeconds: Int64) {
        let range = Self.epochSecondsRange
        let seconds = Int(min(max(epochSeconds, range.lowerBound), range.upperBound))
        (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
        // Years are counted from March, so that the leap day is the last of a year, in cycles of
        // 400 years, which have 146,097 days. 719,468 days lie between 0000-03-01 and 1970.
        let days = seconds / 86_400 + 719_468
        let cycle = days / 146_097
        let dayOfCycle = days % 146_097
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - Self.days(inYears: yearOfCycle)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - Self.days(inMonths: monthFromMarch) + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// Nil for a date or a time that does not exist, and outside of 1970...9999.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
        // The 31st of a shorter month counts into the next one.
        guard UTCTime(epochSeconds: epochSeconds) == self else { return nil }
    }

    var epochSeconds: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let days =
            yearFromMarch / 400 * 146_097 + Self.days(inYears: yearFromMarch % 400)
            + Self.days(inMonths: monthFromMarch) + day - 1 - 719_468
        return Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    private static func days(inYears years: Int) -> Int {
        365 * years + years / 4 - years / 100
    }

    /// From March on, five months have 153 days again and again.
    private static func days(inMonths months: Int) -> Int { (153 * months + 2) / 5 }
}

/// Digits of a fixed width within a text, or nil where there is something else.
func number(_ digits: some Collection<UInt8>) -> Int? {
    var value = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return digits.isEmpty ? nil : value
}
