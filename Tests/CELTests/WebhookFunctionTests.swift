import CEL
import Testing

@Suite struct WebhookFunctionTests {
    @Test(arguments: [
        "parseJSON('[1, 2.5, \"x\"]') == [1, 2.5, 'x']", "'{\"a\":null}'.parseJSON().a == null",
        "jsonString([1, 'a', null, true]) == '[1,\"a\",null,true]'",
        "parseJSON(jsonString({'a': [1]})) == {'a': [1]}",
        "parseURL('HTTPS://Example.com/a%2Fb').path == '/a/b'",
        "parseURL('https://Example.com/').scheme == 'https'",
        "parseURL('https://Example.com/').host == 'example.com'",
        "parseURL('https://example.com:8443').host == 'example.com:8443'",
        "parseURL('https://example.com:8443').port == 8443",
        "parseURL('https://example.com').port == null",
        "parseURL('https://[::1]:80/').hostname == '::1'",
        "parseURL('https://[::1]:80/').host == '[::1]:80'",
        "parseURL('https://e.com/?a=1&b=x+y&a=%32#f%20g').query == {'a': ['1', '2'], 'b': ['x y']}",
        "parseURL('https://e.com/?a=1').rawQuery == 'a=1'",
        "parseURL('https://e.com/#f%20g').fragment == 'f g'",
        "sha256('') == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        "sha256(b'abc') == 'abc'.sha256()",
        "'añb'.truncate(2) == 'añ'", "'ab'.truncate(5) == 'ab'", "truncate('ab', 0) == ''",
        "slug('Feature/ABC: new') == 'feature-abc-new'", "slug('--a--b--') == 'a-b'",
        "slug('abc def', 4) == 'abc'", "slug('abc def', 5) == 'abc-d'", "'A B'.slug() == 'a-b'",
        "size(slug('日本語')) == 8", "slug('日本語', 3) != slug('中国語', 3)", "slug('a', 1000) == 'a'",
        "size(slug('" + String(repeating: "x", count: 200) + "', 200)) == 82",
        "slug('x').matches('^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}$')",
    ])
    func `is true`(source: String) throws {
        #expect(try isTrue(source), "\(source)")
    }

    @Test(arguments: [
        "parseJSON('{')", "parseJSON('')", "parseJSON('[' + 'x')",
        "parseJSON('" + String(repeating: "[", count: 101) + String(repeating: "]", count: 101)
            + "')",
        "parseURL('')", "parseURL('example.com')", "parseURL('https://')",
        "parseURL('https://a b/')",
        "parseURL('https://e.com/%zz')", "parseURL('https://e.com:99999/')",
        "parseURL('https://[::1/')", "'a'.truncate(-1)", "slug('a', 0)", "semver('1.2')",
        "semver('01.2.3')", "semver('1.2.3-')", "semver('1.2.3-01')", "semver('1.2.3+')",
        "semver('vv1.2.3')",
    ])
    func `is an error`(source: String) {
        #expect(failure(source) != nil, "\(source)")
    }

    @Test func `versions are ordered as semver's own example has them`() throws {
        let ordered = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.3", "1.10.0", "2.0.0",
        ]
        for (position, version) in ordered.enumerated() {
            for (other, text) in ordered.enumerated() {
                let source = "semver('\(version)').compareTo(semver('v\(text)'))"
                #expect(
                    try evaluated(source).intValue == Int64((position - other).signum()),
                    "\(source)")
            }
        }
        #expect(try isTrue("semver('1.0.0+a') == semver('1.0.0+b')"))
        #expect(
            try isTrue("semver('1.2.3') < semver('1.10.0') && string(semver('v1.2.3')) == 'v1.2.3'")
        )
        #expect(
            try isTrue("type(semver('1.2.3')) == semver && semver.compare('1.0.0', '2.0.0') == -1"))
    }

    @Test func `a condition is taken apart at its outermost and`() {
        #expect(
            ConditionParts.of("a && b.exists(x, x && y) && (c && d)") == [
                "a", "b.exists(x, x && y)", "(c && d)",
            ])
        #expect(ConditionParts.of("a && b || c") == ["a && b || c"])
        #expect(ConditionParts.of("a && b ? c : d") == ["a && b ? c : d"])
        #expect(ConditionParts.of("a == \"x && y\"") == ["a == \"x && y\""])
        #expect(ConditionParts.of("'") == ["'"])
        #expect(ConditionParts.of("a &&") == ["a", ""])
    }
}
