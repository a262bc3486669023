import CEL
import Testing

@Suite struct FunctionTests {
    @Test(arguments: [
        // Strings; indices count code points.
        "'aé😀'.charAt(2) == '😀' && 'a'.charAt(1) == ''", "'aé😀b'.substring(1, 3) == 'é😀'",
        "'aé'.substring(2) == '' && 'aé'.substring(1) == 'é'", "'a😀b'.indexOf('b') == 2",
        "'abab'.indexOf('b', 2) == 3 && 'ab'.indexOf('', 1) == 1 && 'a'.indexOf('b') == -1",
        "'abab'.lastIndexOf('ab') == 2 && 'abab'.lastIndexOf('ab', 1) == 0",
        "'a'.lastIndexOf('') == 1 && 'ab'.lastIndexOf('abc') == -1",
        "'ÀbC'.lowerAscii() == 'Àbc' && 'àbC'.upperAscii() == 'àBC'",
        "'{@[`'.upperAscii() == '{@[`' && '{@[`'.lowerAscii() == '{@[`'",
        "' \\u2003a\\u00a0 '.trim() == 'a' && '  '.trim() == ''", "'a😀'.reverse() == '😀a'",
        "'aaa'.replace('a', 'b', 2) == 'bba' && 'aaa'.replace('a', '', -1) == ''",
        "'aé'.replace('', '-') == '-a-é-' && 'ab'.replace('', '-', 1) == '-ab'",
        "''.replace('', 'x') == 'x' && 'ab'.replace('c', 'x') == 'ab' && 'a'.replace('a', 'b', 0) == 'a'",
        "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
        "'aé'.split('') == ['a', 'é'] && ''.split('') == [] && ''.split(',') == ['']",
        "'a,b'.split(',', 1) == ['a,b'] && 'a,'.split(',') == ['a', '']",
        "'abc'.split('', 2) == ['a', 'bc']", "['a', 'b'].join('-') == 'a-b' && [].join() == ''",
        "strings.quote('a\\n\"') == '\"a\\\\n\\\\\"\"'",
        "'%s %d %.2f %e %b %o %x %X %%'.format(['a', 1, 1.005, 1.5, 5, 8, 255, 'k']) == 'a 1 1.00 1.500000e+00 101 10 ff 6B %'",
        "'%s'.format([{'b': [1, null], 'a': true}]) == '{a: true, b: [1, null]}'",
        "'%d'.format([-5]) == '-5' && '%x'.format([-255]) == '-ff' && '%b'.format([true]) == '1'",
        "'%.0f'.format([2.5]) == '2' && '%f'.format([1]) == '1.000000'",
        // Tests of strings, the long ones by the search that is linear whatever the text is.
        "'abc'.contains('') && !''.contains('a') && 'abc'.endsWith('bc') && !'c'.endsWith('bc')",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')",
        "!'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')",
        "'0123456789012345678901234567890123456789'.lastIndexOf('34567890123456789012345678901234567') == 3",
        "'0123456789012345678901234567890123456789'.lastIndexOf('901234567890123456789012345678901', 8) == -1",
        // Patterns are RE2's: no match has to begin or end anywhere, and classes are ASCII.
        "'abc'.matches('b') && !'abc'.matches('^b') && matches('é', '^.$') && !'٣'.matches('\\\\d')",
        "'a\\nb'.matches('a.b') == false && 'A'.matches('(?i)a') && ['b'].exists(p, 'abc'.matches(p))",
        // Mathematics.
        "math.greatest(1, 2.5, 2u) == 2.5 && math.least([3, 1u]) == 1 && math.greatest(1) == 1",
        "math.ceil(1.2) == 2.0 && math.floor(-1.2) == -2.0 && math.round(-2.5) == -3.0",
        "math.trunc(-1.9) == -1.0 && math.abs(-1) == 1 && math.abs(-1.5) == 1.5 && math.sign(-3) == -1",
        "math.sqrt(9) == 3.0 && math.sqrt(4u) == 2.0 && math.isNaN(math.sqrt(-1.0))",
        "math.bitAnd(6, 3) == 2 && math.bitOr(6u, 3u) == 7u && math.bitXor(6, 3) == 5",
        "math.bitNot(0) == -1 && math.bitNot(0u) == 18446744073709551615u",
        "math.bitShiftLeft(1, 63) == -9223372036854775808 && math.bitShiftLeft(1, 64) == 0",
        "math.bitShiftRight(-1, 63) == 1 && math.bitShiftRight(1u, 9223372036854775807) == 0u",
        // Encodings: the vectors of RFC 4648 §10.
        "base64.encode(b'') == '' && base64.encode(b'f') == 'Zg==' && base64.encode(b'fo') == 'Zm8='",
        "base64.encode(b'foobar') == 'Zm9vYmFy' && base64.decode('Zm9vYg==') == b'foob'",
        "base64.decode('Zm9vYg') == b'foob' && base64.decode('') == b''",
        // Lists and sets.
        "[1, 1.0, 2u, 2, 'a', 'a'].distinct() == [1, 2u, 'a']",
        "[1, [2, [3]]].flatten() == [1, 2, [3]]",
        "[1, [2, [3]]].flatten(2) == [1, 2, 3] && [[1]].flatten(0) == [[1]]",
        "lists.range(3) == [0, 1, 2] && lists.range(0) == [] && lists.range(-1) == []",
        "[1, 2, 3].reverse() == [3, 2, 1] && [1, 2, 3].slice(1, 3) == [2, 3] && [1].slice(1, 1) == []",
        "[3, 1.5, 2u].sort() == [1.5, 2u, 3] && ['b', 'a'].sort() == ['a', 'b'] && [].sort() == []",
        "[{'n': 2}, {'n': 1}].sortBy(e, e.n) == [{'n': 1}, {'n': 2}]",
        "['bb', 'a', 'cc'].sortBy(e, size(e)) == ['a', 'bb', 'cc']",
        "sets.contains([1, 2], [2.0]) && !sets.contains([1], [1, 2]) && sets.contains([], [])",
        "sets.equivalent([1, 2, 2], [2u, 1]) && !sets.equivalent([1], [1, 2])",
        "sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], []) && !sets.intersects([], [1])",
    ])
    func `is true`(source: String) throws {
        #expect(try isTrue(source))
    }

    @Test(arguments: [
        "'a'.charAt(2)", "'a'.charAt(-1)", "'a'.substring(2)", "'a'.substring(-1)",
        "'ab'.substring(0, 3)", "'ab'.substring(2, 1)", "'a'.indexOf('a', 2)",
        "'a'.indexOf('a', -1)",
        "'a'.lastIndexOf('a', 2)", "'%s'.format([])", "'%q'.format([1])", "'%'.format([1])",
        "'%.'.format([1])", "'%.f'.format([1.0])", "'%.1001f'.format([1.0])", "'%d'.format(['a'])",
        "'%f'.format(['a'])", "'%x'.format([1.5])", "'%b'.format(['a'])", "'%o'.format([1.0])",
        "'%s'.format([optional.none()])", "math.greatest([])", "math.bitShiftLeft(1, -1)",
        "base64.decode('Z')", "base64.decode('Z!==')",
        "base64.decode('Zg=')",
        "[1].slice(0, 2)", "[1].slice(-1, 0)", "[1, 2].slice(1, 0)", "[[1]].flatten(-1)",
        "['('].exists(p, 'a'.matches(p))",
    ])
    func `refuses an argument's value`(source: String) throws {
        let error = try #require(failure(source))
        guard case .invalidArgument(let function, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description == "\(function): \(reason)")
    }

    @Test(arguments: [
        "1.charAt(1)", "'a'.charAt('a')", "'a'.substring('a')", "'a'.substring(0, 1u)",
        "'a'.indexOf(1)", "'a'.indexOf('a', 1u)", "1.lowerAscii()", "1.trim()", "1.reverse()",
        "'a'.replace('a', 1)", "'a'.replace('a', 'b', 1u)", "'a'.split(1)", "'a'.split('a', 1u)",
        "[1].join()", "'a'.join()", "[].join(1)", "strings.quote(1)", "1.format([])",
        "'a'.format(1)",
        "'a'.contains(1)", "1.matches('a')", "'a'.matches(1)", "math.ceil(1)", "math.abs('a')",
        "math.sign('a')", "math.sqrt('a')", "math.isNaN(1)", "math.bitAnd(1, 1u)",
        "math.bitNot(1.0)",
        "math.bitShiftLeft(1, 1u)", "math.bitShiftRight(1.0, 1)", "math.greatest('a')",
        "math.least(1, 'a')", "math.least([null])", "base64.encode('a')", "base64.decode(b'a')",
        "1.distinct()", "1.flatten()", "[].flatten(1u)", "lists.range(1u)", "[].slice(0u, 1)",
        "[1, 'a'].sort()", "[null, null].sort()", "1.sort()", "[1, 2].sortBy(x, [x])",
        "sets.contains(1, [])", "sets.equivalent([], 1)", "sets.intersects(1, 1)", "1.first()",
        "1.last()", "1.hasValue()", "1.value()", "1.or(optional.none())", "1.orValue(1)",
        "optional.none().or(1)", "[1].unwrapOpt()", "optional.unwrap(1)", "1.optMap(x, x)",
        "optional.of(1).optFlatMap(x, x)", "1.getHours()", "timestamp(0).getHours(1)",
        "duration('1s').getDate()", "duration('1s').getMilliseconds('UTC')",
    ])
    func `is not defined for these types`(source: String) throws {
        let error = try #require(failure(source))
        guard case .noSuchOverload = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `the smallest int has no absolute value`() {
        #expect(failure("math.abs(-9223372036854775808)") == .overflow(function: "math.abs"))
    }
}
