/// The overloads of the operators and of the standard library with its extensions
/// (langdef.md, "List of Standard Definitions", and cel-go's ext packages).
enum StandardSignatures {
    static let operators = """
        +(int, int) -> int
        +(uint, uint) -> uint
        +(double, double) -> double
        +(string, string) -> string
        +(bytes, bytes) -> bytes
        +(list(A), list(A)) -> list(A)
        +(timestamp, duration) -> timestamp
        +(duration, timestamp) -> timestamp
        +(duration, duration) -> duration
        -(int, int) -> int
        -(uint, uint) -> uint
        -(double, double) -> double
        -(timestamp, timestamp) -> duration
        -(timestamp, duration) -> timestamp
        -(duration, duration) -> duration
        *(int, int) -> int
        *(uint, uint) -> uint
        *(double, double) -> double
        /(int, int) -> int
        /(uint, uint) -> uint
        /(double, double) -> double
        %(int, int) -> int
        %(uint, uint) -> uint
        unary -(int) -> int
        unary -(double) -> double
        !(bool) -> bool
        ==(A, A) -> bool
        !=(A, A) -> bool
        in(A, list(A)) -> bool
        in(A, map(A, B)) -> bool
        < <= > >= | $(bool, bool) -> bool
        < <= > >= | $(string, string) -> bool
        < <= > >= | $(bytes, bytes) -> bool
        < <= > >= | $(timestamp, timestamp) -> bool
        < <= > >= | $(duration, duration) -> bool
        < <= > >= | $(semver, semver) -> bool
        < <= > >= | $(number, number) -> bool
        """

    static let functions = """
        string bytes list(A) | size($) -> int
        string bytes list(A) | ($).size() -> int
        size(map(A, B)) -> int
        (map(A, B)).size() -> int
        contains startsWith endsWith | (string).$(string) -> bool
        (string).matches(string) -> bool
        matches(string, string) -> bool
        type(A) -> type(A)
        dyn(A) -> dyn
        string bool int uint double bytes timestamp duration semver | string($) -> string
        int uint double string timestamp | int($) -> int
        uint int double string | uint($) -> uint
        double int uint string | double($) -> double
        bool string | bool($) -> bool
        bytes string | bytes($) -> bytes
        timestamp string int | timestamp($) -> timestamp
        duration string | duration($) -> duration
        """

    static let time = """
        getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes \
        getSeconds getMilliseconds | (timestamp).$() -> int
        getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes \
        getSeconds getMilliseconds | (timestamp).$(string) -> int
        getHours getMinutes getSeconds getMilliseconds | (duration).$() -> int
        """

    static let text = """
        (string).charAt(int) -> string
        (string).substring(int) -> string
        (string).substring(int, int) -> string
        (string).indexOf(string) -> int
        (string).indexOf(string, int) -> int
        (string).lastIndexOf(string) -> int
        (string).lastIndexOf(string, int) -> int
        (string).lowerAscii() -> string
        (string).upperAscii() -> string
        (string).trim() -> string
        (string).reverse() -> string
        (string).replace(string, string) -> string
        (string).replace(string, string, int) -> string
        (string).split(string) -> list(string)
        (string).split(string, int) -> list(string)
        (list(string)).join() -> string
        (list(string)).join(string) -> string
        (string).format(list(dyn)) -> string
        strings.quote(string) -> string
        base64.encode(bytes) -> string
        base64.decode(string) -> bytes
        """

    static let math = """
        int uint double | math.greatest($...) -> $
        int uint double | math.least($...) -> $
        int uint double | math.greatest(list($)) -> $
        int uint double | math.least(list($)) -> $
        greatest least | math.$(number...) -> dyn
        greatest least | math.$(list(number)) -> dyn
        ceil floor round trunc | math.$(double) -> double
        isInf isNaN isFinite | math.$(double) -> bool
        int uint double | math.abs($) -> $
        int uint double | math.sign($) -> $
        int uint double | math.sqrt($) -> double
        bitAnd bitOr bitXor bitShiftLeft bitShiftRight | math.$(int, int) -> int
        bitAnd bitOr bitXor | math.$(uint, uint) -> uint
        bitShiftLeft bitShiftRight | math.$(uint, int) -> uint
        int uint | math.bitNot($) -> $
        """

    static let lists = """
        (list(A)).distinct() -> list(A)
        (list(list(A))).flatten() -> list(A)
        (list(A)).flatten(int) -> list(dyn)
        (list(A)).reverse() -> list(A)
        (list(A)).slice(int, int) -> list(A)
        (list(A)).sort() -> list(A)
        (list(A)).first() -> optional(A)
        (list(A)).last() -> optional(A)
        lists.range(int) -> list(int)
        sets.contains(list(A), list(A)) -> bool
        sets.equivalent(list(A), list(A)) -> bool
        sets.intersects(list(A), list(A)) -> bool
        """

    static let optionals = """
        optional.none() -> optional(A)
        optional.of(A) -> optional(A)
        optional.ofNonZeroValue(A) -> optional(A)
        optional.unwrap(list(optional(A))) -> list(A)
        (list(optional(A))).unwrapOpt() -> list(A)
        (optional(A)).hasValue() -> bool
        (optional(A)).value() -> A
        (optional(A)).or(optional(A)) -> optional(A)
        (optional(A)).orValue(A) -> A
        """
}
