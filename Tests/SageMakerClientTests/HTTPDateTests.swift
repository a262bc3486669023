import SageMakerClient
import Testing

@Suite struct HTTPDateTests {
    /// 26 November 2026.
    private let now: Int64 = 1_795_651_200

    // RFC 9110 §5.6.7 gives all three for the same moment.
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Sun Nov 06 08:49:37 1994",
    ])
    func `all three forms are read`(text: String) {
        #expect(secondsSince1970(httpDate: text, now: now) == 784_111_777)
    }

    @Test func `a year of two digits is at most fifty years ahead`() {
        func year(_ digits: String, now: Int64) -> Int64? {
            secondsSince1970(httpDate: "Monday, 01-Jan-\(digits) 00:00:00 GMT", now: now)
        }
        #expect(year("26", now: now) == 1_767_225_600)
        #expect(year("76", now: now) == 3_345_062_400)  // 2076
        #expect(year("77", now: now) == 220_924_800)  // 1977
        #expect(year("99", now: now) == 915_148_800)  // 1999
        // At the end of the century the next one is near.
        #expect(year("01", now: 4_086_000_000) == 4_133_980_800)  // 2101, seen from 2099
    }

    @Test func `nothing else is read, and nothing is read beyond the end`() {
        let texts = [
            "Sunday, 06-Nov-94 08:49:37 GMT", "Wednesday, 25-Nov-26 23:59:59 GMT",
            "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 GMT",
        ]
        for text in texts {
            #expect(secondsSince1970(httpDate: text, now: now) != nil)
            for end in 0..<text.utf8.count {
                #expect(secondsSince1970(httpDate: String(text.prefix(end)), now: now) == nil)
            }
            for place in text.indices where !text[..<place].allSatisfy(\.isLetter) {
                var changed = text
                changed.replaceSubrange(place...place, with: "?")
                #expect(secondsSince1970(httpDate: changed, now: now) == nil, "\(changed)")
            }
            #expect(secondsSince1970(httpDate: text + " ", now: now) == nil)
        }
        for text in [
            "Sunday, 31-Feb-94 08:49:37 GMT", "Sunday, 06-Nov-94 24:49:37 GMT",
            "Sun Nov 31 08:49:37 1994", "Sun Nov    08:49:37 1994",
            "Sunday, 06-nov-94 08:49:37 GMT",
            ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,", "",
        ] {
            #expect(secondsSince1970(httpDate: text, now: now) == nil, "\(text)")
        }
    }
}
