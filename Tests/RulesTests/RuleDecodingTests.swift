import Rules
import SageMakerAPI
import Testing

@Suite struct RuleDecodingTests {
    /// DESIGN's own example.
    private let example = """
        rules:
          - name: retrain-on-main
            source: github
            on:
              push: {branches: [main, "release/**"], paths: ["training/**", "!**/*.md"], whenPathsUnknown: run}
            when: '!event.head.message.contains("[skip ci]")'
            start:
              PipelineName: churn-training
              PipelineExecutionDisplayName: main-${event.after.substring(0, 7)}
              PipelineParameters:
                GitCommit: ${event.after}
                Epochs: 20
              ParallelismConfiguration: {MaxParallelExecutionSteps: 4}
            region: eu-west-1
            callback: {url: https://ci.example.com/hookline, on: [started, failed, finished], format: json}
        tests:
          - name: a push to main retrains
            payload: fixtures/github-push.json
            source: github
            expect: {retrain-on-main: {PipelineName: churn-training, PipelineParameters: {GitCommit: "0000…"}}}

        """

    @Test func `the documented example is read`() throws {
        #expect(problems(example).isEmpty)
        let rule = try #require(try ruleSet(example).rules.first)
        #expect(rule.name == "retrain-on-main")
        #expect(rule.sources?.map(\.text) == ["github"])
        #expect(rule.region == "eu-west-1")
        #expect(
            rule.callback
                == RuleCallback(
                    url: "https://ci.example.com/hookline", on: [.started, .failed, .finished]))
        #expect(rule.callbackPlace.map { "\($0)" } == "r.yaml:15:21")
        #expect("\(rule.place)" == "r.yaml:2:11")
        let file = RuleFile(Array(example.utf8), name: "r.yaml", problems: ProblemList())
        let test = try #require(file.tests.first)
        #expect(test.payload == .file("fixtures/github-push.json"))
        #expect(test.source == "github")
        guard case .every(let request)? = test.expectations.first?.requests else {
            Issue.record("one request was expected")
            return
        }
        #expect(
            String(decoding: request.encoded(), as: UTF8.self)
                == #"{"PipelineName":"churn-training","PipelineParameters":[{"Name":"GitCommit","Value":"0000…"}]}"#
        )
    }

    @Test func `everything wrong is told at once, in order`() {
        let text = """
            rules:
              - name: Retrain
                source: github
                whne: 'true'
                on:
                  push: {branchs: [main], paths: ["[x"], tags: ["!v1"]}
                  pull_request:
                when: evnt.x == 1
                start:
                  PipelineNam: x
                  PipelineExecutionDisplayName: -x
                  PipelineParameters: {"a b": 1, C: ""}
                  ParallelismConfiguration: {MaxParallelExecutionSteps: 0}
                  SelectiveExecutionConfig: {SelectedSteps: []}
                region: EU
                callback: {url: "ftp://x", on: [start], format: xml}
              - source: [github, 5]
                start: {PipelineName: p}
                name: again
              - {name: again, source: "*", start: {PipelineName: p}}
            tests:
              - {name: t, source: github, payload: a, body: {}, expect: {agan: {PipelinName: 1}}}
              - {name: t, source: github, expect: {}}

            """
        #expect(
            problems(text) == [
                "r.yaml:2:11: a rule name is 1 to 64 of a-z, 0-9 and -, not \"Retrain\"",
                "r.yaml:4:5: unknown key \"whne\"; did you mean \"when\"?",
                "r.yaml:6:14: unknown key \"branchs\"; did you mean \"branches\"?",
                "r.yaml:6:40: \"[\" without \"]\"",
                "r.yaml:6:46: tags needs a pattern without \"!\", else it matches nothing",
                "r.yaml:7:7: unknown event kind \"pull_request\"; did you mean \"change\"?",
                "r.yaml:8:11: unknown variable \"evnt\"; did you mean \"event\"?",
                "r.yaml:10:7: StartPipelineExecutionRequest has no member \"PipelineNam\"; "
                    + "did you mean \"PipelineName\"?",
                "r.yaml:10:7: PipelineName: is required",
                "r.yaml:11:37: PipelineExecutionDisplayName: must match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,81} as a whole",
                "r.yaml:12:28: PipelineParameters.a b: the name must match [A-Za-z0-9\\-_]* as a whole",
                "r.yaml:12:41: PipelineParameters.C: is empty; emptyParameters: omit or send says what to do with it",
                "r.yaml:13:61: ParallelismConfiguration.MaxParallelExecutionSteps: must be 1 to 2147483647, is 0",
                "r.yaml:14:49: SelectiveExecutionConfig.SelectedSteps: must have at least 1 elements, has 0",
                "r.yaml:15:13: expected a region such as eu-west-1, not \"EU\"",
                "r.yaml:16:21: expected a URL that begins with https:// or http://",
                "r.yaml:16:37: on cannot be \"start\"; did you mean \"started\"?",
                "r.yaml:16:53: the format cannot be \"xml\"; expected json",
                "r.yaml:17:22: expected a source name as text, not a number; put it in quotes",
                "r.yaml:20:12: the rule name \"again\" is taken by r.yaml:19:11",
                "r.yaml:22:49: body excludes payload",
                "r.yaml:22:69: StartPipelineExecutionRequest has no member \"PipelinName\"; did you mean \"PipelineName\"?",
                "r.yaml:23:5: a test needs the key \"payload\" or \"body\"",
            ])
    }

    @Test(arguments: [
        ("[]", "r.yaml:1:1: expected a rule file as a mapping with rules or tests, not a list"),
        ("rules: {}", "r.yaml:1:8: expected a list of rules, not a mapping"),
        ("rules: [x]", "r.yaml:1:9: expected a rule as a mapping with "),
        ("ruls: []", "r.yaml:1:1: unknown key \"ruls\"; did you mean \"rules\"?"),
        ("zzz: []", "r.yaml:1:1: unknown key \"zzz\"; expected rules or tests"),
        ("rules: [{}]", "r.yaml:1:9: a rule needs the key \"name\""),
        ("tests: {}", "r.yaml:1:8: expected a list of tests, not a mapping"),
    ])
    func `what is no rule file is refused`(text: String, problem: String) {
        #expect(problems(text).first?.hasPrefix(problem) == true, "\(problems(text))")
    }

    @Test func `a test can only expect rules that exist`() {
        let text = """
            rules: [{name: again, source: s, start: {PipelineName: p}}]
            tests: [{name: t, source: s, body: {}, expect: {agan: {}, again: {}}}]

            """
        #expect(
            problems(text) == ["r.yaml:2:49: no rule is named \"agan\"; did you mean \"again\"?"])
    }

    @Test func `a rule with errors is checked against the others all the same`() {
        let text = """
            rules:
              - {name: bad, source: s, start: {PipelineNam: p}}
              - {name: bad, source: s, start: {PipelineName: p}, callback: {on: [strted], format: xml}}
              - {source: s, reply: {visibility: loud}}
              - {source: s, start: {PipelineName: p}}
            tests: [{name: t, source: s, body: {}, expect: {bad: {}, good: {}}}]

            """
        let found = problems(text)
        #expect(
            found == [
                "r.yaml:2:35: PipelineName: is required",
                "r.yaml:2:36: StartPipelineExecutionRequest has no member \"PipelineNam\"; "
                    + "did you mean \"PipelineName\"?",
                "r.yaml:3:12: the rule name \"bad\" is taken by r.yaml:2:12",
                "r.yaml:3:64: a callback needs the key \"url\"",
                "r.yaml:3:70: on cannot be \"strted\"; did you mean \"started\"?",
                "r.yaml:3:87: the format cannot be \"xml\"; expected json",
                "r.yaml:4:5: a rule needs the key \"name\"",
                "r.yaml:4:5: a rule needs the key \"start\"",
                "r.yaml:4:24: a reply needs the key \"text\"",
                "r.yaml:4:37: visibility cannot be \"loud\"; expected ephemeral or public",
                "r.yaml:5:5: a rule needs the key \"name\"",
                "r.yaml:6:58: no rule is named \"good\"; expected bad",
            ], "\(found)")
    }

    @Test func `an empty rule file has no rules`() {
        #expect(problems("").isEmpty)
        #expect(problems("rules: []\n").isEmpty)
    }

    private func problem(_ more: String) -> [String] {
        problems(rule("PipelineName: p", "    " + more))
    }

    @Test(arguments: [
        ("on: push", nil), ("on: [push, change]", nil), ("on: {push: }", nil),
        ("on: {release: {types: [published]}}", nil), ("on: {push: {branches: main}}", nil),
        ("on: {push: {branches: [1.10, 2]}}", nil), ("on: {push: {branches: []}}", nil),
        ("on: {change: {branches: [main], types: [opened, updated]}}", nil),
        ("on: {tag: {tags: ['v*']}}", nil), ("on: {comment: {types: [anything]}}", nil),
        ("on: {}", "expected at least one event kind"),
        ("on: []", "expected at least one event kind"),
        ("on: {push: [main]}", "expected on.push as a mapping with "),
        ("on: 5", "expected an event kind as text, not a number; put it in quotes"),
        ("on: {release: {branches: [main]}}", "unknown key \"branches\"; expected types"),
        (
            "on: {push: {types: [craeted]}}",
            "push has no action \"craeted\"; did you mean \"created\"?"
        ),
        (
            "on: {change: {types: [synchronize]}}",
            "change has no action \"synchronize\"; expected opened"
        ),
        (
            "on: {push: {branches: [a], branches-ignore: [b]}}",
            "branches-ignore excludes branches; use branches with \"!\" in front of exceptions"
        ),
        ("on: {push: {branches: [a, '!']}}", "an empty pattern matches nothing"),
        ("on: {push: {branches: [~]}}", "expected a pattern, not null"),
        ("on: {push: {whenPathsUnknown: maybe}}", "whenPathsUnknown cannot be \"maybe\""),
        ("when: 'true'", nil), ("when: true", "expected a condition in CEL as text, not a boolean"),
        ("when: ''", "expected a condition in CEL, not an empty text"),
        ("when: 'a ='", "r.yaml:4:"), ("when: body.x", nil), ("when: size(body.x) > 1", nil),
        ("when: size(body.x)", "expected a condition that is true or false; this is int"),
        ("when: \"'true'\"", "expected a condition that is true or false; this is string"),
        ("when: 'null'", "this is null"), ("when: '[1]'", "this is list"),
        ("when: '{}'", "this is map"), ("when: 1 + 2", "this is int"),
        ("when: size(body) + size(event)", "this is int"), ("when: -size(body)", "this is int"),
        ("when: 'true ? \"a\" : \"b\"'", "this is string"),
        ("when: 'true ? 1 : body.x'", nil),
        ("when: 'body.x ? 1 : 2'", "this is int"), ("when: 'body.x ? true : body.y'", nil),
        ("when: source", "this is string"), ("when: source + delivery", "this is string"),
        ("when: received", "this is timestamp"), ("when: event", "this is event"),
        ("when: headers", "this is map"), ("when: client", "this is client"), ("when: body", nil),
        ("when: event.created", nil), ("when: body.?x", "this is optional(dyn)"),
        (
            "when: event.creatd",
            "r.yaml:4:17: event has no member \"creatd\"; did you mean \"created\"?"
        ),
        ("when: event['aftr'] == source", "event has no member \"aftr\"; did you mean \"after\"?"),
        ("when: event.?aftr.hasValue()", "event has no member \"aftr\""),
        ("when: '[1].exists(event, event == 1)'", nil),
        ("when: client.adress == ''", "client has no member \"adress\"; did you mean \"address\"?"),
        ("region: us-gov-west-1", nil),
        ("region: 'x.y'", "expected a region such as eu-west-1"),
        ("region: -x", "expected a region"),
        (
            "emptyParameters: drop",
            "emptyParameters cannot be \"drop\"; expected refuse, omit or send"
        ),
        ("callback: {url: http://x}", nil), ("callback: {}", "a callback needs the key \"url\""),
        ("callback: {url: http://x, on: []}", "expected at least one of started"),
        ("callback: {url: 'http://${source}'}", "it cannot have expressions"),
    ])
    func `each key is checked`(more: String, problem expected: String?) {
        let found = problem(more)
        if let expected {
            #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
        } else {
            #expect(found.isEmpty)
        }
    }

    @Test func `a name has 1 to 64 characters`() {
        func named(_ name: String) -> [String] {
            problems("rules: [{name: \"\(name)\", source: s, start: {PipelineName: p}}]")
        }
        #expect(named(String(repeating: "a", count: 64)).isEmpty)
        #expect(named(String(repeating: "a", count: 65)).count == 1)
        #expect(named("").count == 1)
        #expect(named("a_b").count == 1)
    }

    @Test(arguments: [
        ("PipelineName: x\nPipelineVersionId: 1\nPipelineVersionAlias: a", "PipelineVersionAlias"),
        ("PipelineName: [x]", "PipelineName: must be a string, is a list"),
        ("PipelineName: {a: b}", "PipelineName: must be a string, is a mapping"),
        ("PipelineName: ~", "PipelineName: must be a string, is null"),
        ("PipelineName: ''", "PipelineName: must have"),
        ("PipelineName: x\nPipelineParameters: 5", "PipelineParameters: must be a list, is text"),
        ("PipelineName: x\nParallelismConfiguration: [1]", "must be a structure, is a list"),
        (
            "PipelineName: x\nParallelismConfiguration: {}",
            "ParallelismConfiguration.MaxParallelExecutionSteps: is required"
        ),
        ("PipelineName: x\nPipelineVersionId: 1.0", "must be an integer, is \"1.0\""),
        ("PipelineName: x\nPipelineVersionId: 99999999999999999999", "must be an integer"),
        ("PipelineName: x\nClientRequestToken: short", "ClientRequestToken: must have 32 to 128"),
        (
            "PipelineName: x\nPipelineParameters: [{Name: A}]",
            "PipelineParameters[0].Value: is required"
        ),
        ("PipelineName: x\nPipelineParameters: [{Name: A, Value: ''}]", "[0].Value: is empty"),
        (
            "PipelineName: x\nPipelineParameters: [{Name: '${source}', Value: ''}]",
            "[0].Value: is empty"
        ),
        (
            """
            PipelineName: x
            PipelineParameters:
              - {Name: A, Value: '1'}
              - {Name: B, Value: '1'}
              - {Name: A, Value: '${source}'}
            """,
            "r.yaml:9:18: PipelineParameters[2].Name: A is given twice; the first is in line 7"
        ),
    ])
    func `a literal request is checked when it is loaded`(start: String, problem: String) {
        let found = problems(rule(start))
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }

    @Test func `parameters of other names, or in what a test expects, are no repetition`() {
        let parameters =
            "[{Name: A, Value: '1'}, {Name: a, Value: '1'}, {Name: '${source}', Value: x}]"
        #expect(problems(rule("PipelineName: x\nPipelineParameters: \(parameters)")).isEmpty)
    }

    @Test func `a number that is written as text is shown so`() throws {
        let text = "a: [\"100\", 101, 1.5, x, [1]]"
        let list = ProblemList()
        let root = try #require(YAMLReader.read(Array(text.utf8), name: "c", problems: list))
        let member = try #require(root.members("a mapping", list)?.first)
        for node in member.value.elements("numbers", list) ?? [] {
            #expect(node.integer("a number", in: 1...100, list) == nil)
        }
        #expect(
            list.problems.map(\.message) == [
                "expected a number from 1 to 100, not the text \"100\"",
                "expected a number from 1 to 100, not 101",
                "expected a number from 1 to 100, not 1.5",
                "expected a number from 1 to 100, not the text \"x\"",
                "expected a number from 1 to 100, not a list",
            ])
    }

    @Test func `200 parameters of 1024 characters are enough`() {
        func parameters(_ count: Int, _ length: Int) -> [String] {
            let value = String(repeating: "x", count: length)
            let lines = (0..<count).map { "P\($0): \(value)" }.joined(separator: "\n  ")
            return problems(rule("PipelineName: x\nPipelineParameters:\n  \(lines)"))
        }
        #expect(parameters(200, 1024).isEmpty)
        #expect(parameters(201, 1).count == 1)
        #expect(parameters(1, 1025).count == 1)
    }

    @Test func `a region and the pipeline's ARN must agree`() {
        let start = "PipelineName: arn:aws:sagemaker:us-east-1:123456789012:pipeline/p"
        #expect(
            problems(rule(start, "    region: eu-west-1")) == [
                "r.yaml:6:21: PipelineName: is in us-east-1, but the request goes to eu-west-1"
            ])
        #expect(problems(rule(start, "    region: us-east-1")).isEmpty)
        // What the rest of the ARN says is known, whatever the name will be.
        let template = start.replacing("pipeline/p", with: "pipeline/${source}")
        #expect(
            problems(rule(template, "    region: eu-west-1")) == [
                "r.yaml:6:21: PipelineName: is in us-east-1, but the request goes to eu-west-1"
            ])
        #expect(problems(rule(template, "    region: us-east-1")).isEmpty)
    }

    @Test(arguments: [
        ("PipelineName: p", "", false), ("PipelineName: p", "    region: eu-west-1", true),
        ("PipelineName: arn:aws:sagemaker:us-east-1:123456789012:pipeline/p", "", true),
        ("PipelineName: 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/${source}'", "", true),
        // What an expression gives is known too late.
        ("PipelineName: 'arn:aws:sagemaker:${source}:123456789012:pipeline/p'", "", false),
    ])
    func `a region or a literal ARN decides where a rule's starts go`(
        start: String, more: String, decides: Bool
    ) throws {
        let found = try #require(try ruleSet(rule(start, more)).rules.first)
        #expect(found.decidesRegion == decides)
    }

    @Test(arguments: [
        ("", nil), ("    callback: {url: http://x}", nil),
        ("    callback: {url: http://x, on: [started, failed]}", nil),
        ("    callback: {url: http://x, on: finished}", 35),
        ("    callback: {url: http://x, on: [started, finished]}", 45),
    ])
    func `a finished that is asked for has a place`(more: String, column: Int?) throws {
        let found = try #require(try ruleSet(rule("PipelineName: p", more)).rules.first)
        #expect(found.finishedPlace?.column == column)
        #expect(found.finishedPlace?.line == column.map { _ in 4 })
    }

    @Test(arguments: [
        ("https://ci.example.com/hook?x=1", nil), ("http://127.0.0.1:8080", nil),
        ("https://[::1]:443/x", nil), ("HTTPS://X", nil), ("https://münchen.example/", nil),
        ("ftp://x", CallbackURLError.scheme), ("//x", .scheme), ("x", .scheme),
        ("https://", .host), ("https:///x", .host), ("https://a b", .character),
        ("https://u:p@x/", .userInformation), ("https://u@x", .userInformation),
        ("https://x/#f", .fragment), ("https://x:0", .port), ("https://x:65536", .port),
        ("https://x:65535", nil), ("https://x:1", nil), ("https://x:", .port),
        ("https://x:1a", .port),
        ("https://[::1", .host), ("https://[x]", .host), ("https://[::1]x", .port),
        ("https://x\\y", .character), ("https://x/ä", .character), ("https://a%41/", .host),
        ("https://x/\u{7F}", .character), ("https://x/a@b", nil),
    ])
    func `a callback URL is absolute and plain`(text: String, error: CallbackURLError?) throws {
        if let error {
            #expect(throws: error) { try CallbackURL(text) }
        } else {
            #expect(try CallbackURL(text).text == text)
        }
    }

    @Test func `a callback URL has at most 2048 bytes and a host`() throws {
        let long = "https://x/" + String(repeating: "a", count: RulesLimits.urlBytesMax - 10)
        #expect(try CallbackURL(long).host == "x")
        #expect(throws: CallbackURLError.tooLong(limitBytes: 2048)) { try CallbackURL(long + "a") }
        #expect(try CallbackURL("http://[::1]:80/").host == "::1")
    }

    @Test func `a test's payload can be inline`() throws {
        let text = """
            tests:
              - name: a
                source: s
                event: push
                headers: {X-Test: 1, y: 'b'}
                body: {ref: refs/heads/main, n: 5, f: 1.5, t: true, z: ~, l: [a, "1"], big: 99999999999999999999}
                expect: {}
              - {name: b, source: s, body: '{"a": 1}', expect: {}}

            """
        #expect(problems(text).isEmpty)
        let file = RuleFile(Array(text.utf8), name: "r.yaml", problems: ProblemList())
        let first = try #require(file.tests.first)
        #expect(first.headers == ["x-test": "1", "y": "b"])
        #expect(first.event == "push")
        #expect(first.expectations.isEmpty)
        guard case .inline(let json) = first.payload else {
            Issue.record("no body")
            return
        }
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"ref":"refs/heads/main","n":5,"f":1.5,"t":true,"z":null,"l":["a","1"],"big":1e+20}"#
        )
        #expect(file.tests.last?.payload == .inline(Array(#"{"a": 1}"#.utf8)))
    }

    @Test func `a damaged rule file is read or refused, and nothing traps`() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let signs = Array("{}[]:-'\"\\|>&*!?#%@`,~ \n\r\t$\u{E4}\u{0}".utf8)
        var refused = 0
        for _ in 0..<600 {
            var bytes = Array(example.utf8)
            for _ in 0...random(4) {
                let position = random(bytes.count)
                switch random(4) {
                case 0: bytes[position] = signs[random(signs.count)]
                case 1: bytes.insert(signs[random(signs.count)], at: position)
                case 2: bytes.removeSubrange(position..<min(bytes.count, position + random(9)))
                default: bytes.insert(contentsOf: bytes[position...].prefix(random(40)), at: 0)
                }
            }
            let list = ProblemList()
            let file = RuleFile(bytes, name: "r.yaml", problems: list)
            RuleFile.check([file], list)
            for problem in list.problems {
                #expect(problem.place.line >= 1 && problem.place.column >= 1)
                #expect(!problem.message.isEmpty)
            }
            if !list.isEmpty { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func `a thousand problems are told, and how many more there are`() {
        func lines(_ count: Int) -> [String] {
            let list = ProblemList()
            let text = (0..<count).map { "k\($0): 1" }.joined(separator: "\n")
            _ = RuleFile(Array(text.utf8), name: "r.yaml", problems: list)
            do {
                try list.throwIfAny()
                return []
            } catch {
                return error.description.split(separator: "\n").map(String.init)
            }
        }
        #expect(RulesLimits.problemsMax == 1000)
        let all = lines(1000)
        #expect(all.count == 1000 && all.last?.hasPrefix("r.yaml:1000:1: unknown key") == true)
        let more = lines(1003)
        #expect(more.count == 1001 && more.last == "and 3 more")
        #expect(more.dropLast() == all[...])
    }
}
