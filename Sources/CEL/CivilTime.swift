/// A second of the proleptic Gregorian calendar, without a zone.
struct CivilTime {
    let year: Int
    /// 1...12
    let month: Int
    /// 1...31
    let day: Int
    /// 0...86,399
    let secondOfDay: Int

    private static let secondsPerDay: Int64 = 86_400
    /// Days of 400 years, after which the calendar repeats.
    private static let daysPerCycle = 146_097
    /// Days from 0000-03-01, where a cycle of years that begin in March starts, to 1970-01-01.
    private static let daysToEpoch = 719_468

    /// The time so many seconds after 1970-01-01T00:00:00.
    init(secondsSinceEpoch seconds: Int64) {
        var days = Int(seconds / Self.secondsPerDay)
        var rest = Int(seconds % Self.secondsPerDay)
        if rest < 0 {
            days -= 1
            rest += Int(Self.secondsPerDay)
        }
        secondOfDay = rest
        // With March as the first month, the leap day is the last day of a year.
        let shifted = days + Self.daysToEpoch
        let cycle = (shifted >= 0 ? shifted : shifted - Self.daysPerCycle + 1) / Self.daysPerCycle
        let dayOfCycle = shifted - cycle * Self.daysPerCycle
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, five months have 153 days.
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let cycle = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfCycle = shiftedYear - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * daysPerCycle + dayOfCycle - daysToEpoch
    }

    static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    var hour: Int { secondOfDay / 3600 }
    var minute: Int { secondOfDay / 60 % 60 }
    var second: Int { secondOfDay % 60 }

    /// 0...365
    var dayOfYear: Int {
        Self.days(year: year, month: month, day: day) - Self.days(year: year, month: 1, day: 1)
    }

    /// 0 is Sunday.
    var dayOfWeek: Int {
        // 1970-01-01 was a Thursday.
        let remainder = (Self.days(year: year, month: month, day: day) + 4) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }
}
