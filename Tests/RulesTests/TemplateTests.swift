import Events
import Rules
import Testing

/// What `start` becomes for a push to main with the payload of `push()`.
@Suite struct TemplateTests {
    private func value(_ text: String, more: String = "") throws -> String {
        let request = try request(
            rule("PipelineName: p\nPipelineExecutionDescription: \(text)", more))
        let front = #"{"PipelineName":"p","PipelineExecutionDescription":"#
        #expect(request.hasPrefix(front))
        return String(request.dropFirst(front.count).prefix { $0 != "," })
    }

    @Test(arguments: [
        ("${event.after}", "\"\(commit)\""),
        ("main-${event.after.substring(0, 7)}", "\"main-1234567\""),
        ("${body.epochs}", "\"108\""), ("${body.rate}", "\"0.25\""), ("${1 == 1}", "\"true\""),
        ("${event.kind}${source}-${delivery}", "\"pushgithub-d-1\""),
        ("$${event.after}", "\"${event.after}\""), ("a$b$", "\"a$b$\""), ("$$${x}", "\"$${x}\""),
        ("$${a} ${event.kind}", "\"${a} push\""), ("\"\"", "\"\""),
        // Literal scalars as they are written.
        ("1.10", "\"1.10\""), ("0x1F", "\"0x1F\""), ("true", "\"true\""), ("on", "\"on\""),
        ("2026-01-01", "\"2026-01-01\""), ("'1.10'", "\"1.10\""),
        // Braces and quotes within expressions.
        ("${{'a': '}'}['a']}", "\"}\""), ("'${\"}\"}'", "\"}\""),
        ("${'''a'}''' + '{'}", "\"a'}{\""),
        ("${r'\\' + 'x'}", "\"\\\\x\""), ("'${''\\''}'' + \"{\"}'", "\"'}{\""),
        ("${[{'a': {'b': 'c'}}][0].a.b}", "\"c\""), ("${'a' // }\n        + 'b'}", "\"ab\""),
        // Variables.
        ("${headers['x-github-event']}", "\"push\""), ("${client.address}", "\"192.0.2.7\""),
        ("${string(received)}", "\"2023-11-14T22:13:20.123Z\""),
        ("${query.?a.orValue('none')}", "\"none\""),
        ("${string(has(client.subject))}", "\"false\""),
        // Absent, with leave.
        ("a${body.?missing}b", "\"ab\""), ("${body.?missing.orValue('x')}", "\"x\""),
        ("${body.?head_commit.?message}", "\"Train again\""),
        ("${event.?release.?tag.orValue('none')}", "\"none\""),
    ])
    func `a scalar is rendered`(text: String, expected: String) throws {
        // What a plain scalar cannot hold is in a block.
        let scalar =
            text.contains("\n") || text.contains(": ")
            ? "|-\n  " + text.split(separator: "\n").map(String.init).joined(separator: "\n  ")
            : text
        #expect(try value(scalar) == expected)
    }

    @Test(arguments: [
        ("PipelineParameters: {A: '${null}'}", "expected a text, number or boolean; this is null"),
        ("PipelineParameters: {A: '${[1]}'}", "this is list"),
        ("PipelineParameters: {A: 'x ${ {} }'}", "this is map"),
        ("PipelineParameters: {A: '${type(body)}'}", "this is type"),
        ("PipelineParameters: {A: '${event}'}", "this is event"),
        ("PipelineParameters: '${source}'", "expected a list or a map; this is string"),
        ("PipelineParameters: 'x${event.after}'", "expected a list or a map; this is a text"),
        ("ParallelismConfiguration: '${[1]}'", "expected a map; this is list"),
        (
            "ParallelismConfiguration: {MaxParallelExecutionSteps: '${1 == 1}'}",
            "expected an integer or its text; this is bool"
        ),
        ("PipelineVersionId: '${1.5}'", "expected an integer or its text; this is double"),
        ("PipelineParameters: '${headers}'", nil), ("PipelineParameters: '${[body.x]}'", nil),
        ("PipelineVersionId: '${size(body)}'", nil), ("PipelineVersionId: '${source}'", nil),
        ("PipelineParameters: {A: '${body.x}'}", nil), ("PipelineParameters: '${body.?x}'", nil),
        ("PipelineParameters: {A: '${received}'}", nil), ("PipelineParameters: {A: '${1.5}'}", nil),
    ])
    func `an expression that can never give what is wanted is refused at load`(
        member: String, problem: String?
    ) {
        let found = problems(rule("PipelineName: p\n\(member)"))
        if let problem {
            #expect(found.count == 1 && found.first?.contains(problem) == true, "\(found)")
        } else {
            #expect(found.isEmpty)
        }
    }

    @Test func `the known members of an event are all that it has`() throws {
        for name in try event(try delivery(push())).memberNames {
            #expect(problems(rule("PipelineName: p", "    when: dyn(event.\(name)) == 1")).isEmpty)
        }
        let found = problems(rule("PipelineName: p", "    when: event.nothing_like_it == 1"))
        #expect(
            found == [
                "r.yaml:4:17: event has no member \"nothing_like_it\"; it has kind, action, repo, "
                    + "ref, before, after, created, deleted, forced, head, commits, paths, change, "
                    + "comment, command, release, actor, native"
            ])
    }

    @Test func `a null that is asked for as an optional is left out like what is absent`() throws {
        let text = "PipelineName: p\nPipelineExecutionDescription: ${body.?nothing}"
        #expect(try request(rule(text)).hasPrefix(#"{"PipelineName":"p","ClientRequestToken":"#))
        let within = "PipelineName: p\nPipelineExecutionDescription: a${body.?nothing}b"
        #expect(try request(rule(within)).contains(#""PipelineExecutionDescription":"ab""#))
        let other = "PipelineName: p\nPipelineParameters: {A: x, B: '${optional.of(body.nothing)}'}"
        #expect(try request(rule(other)).contains(#":[{"Name":"A","Value":"x"}],"#))
    }

    @Test func `a member that may be absent is left out`() throws {
        let text = "PipelineName: p\nPipelineExecutionDescription: ${body.?missing}"
        #expect(try request(rule(text)).hasPrefix(#"{"PipelineName":"p","ClientRequestToken":"#))
    }

    @Test(arguments: [
        (
            "${body.missing}",
            "PipelineExecutionDescription: ${body.missing}: no such key \"missing\""
        ),
        ("${body.nothing}", "PipelineExecutionDescription: ${body.nothing} is null"),
        ("x ${body.nothing}", "PipelineExecutionDescription: ${body.nothing} is null"),
        (
            "${event.native.attempt}",
            "PipelineExecutionDescription: ${event.native.attempt} is null"
        ),
        ("${body.list}", "PipelineExecutionDescription: is list, which has no text"),
        (
            "x${body.inputs}",
            "PipelineExecutionDescription: ${body.inputs} is map, which has no text"
        ),
        (
            "${body.?missing.orValue(null)}",
            "PipelineExecutionDescription: ${body.?missing.orValue(null)} is null"
        ),
    ])
    func `what has no text fails the rule and names the member`(
        text: String, message: String
    ) throws {
        #expect(
            try failure(rule("PipelineName: p\nPipelineExecutionDescription: \(text)")) == message)
    }

    @Test func `a rendered scalar has a limit`() throws {
        let body =
            #"{"ref":"refs/heads/main","text":""# + String(repeating: "x", count: 9000) + "\"}"
        let start = "PipelineName: p\nPipelineExecutionDescription: ${body.text}"
        #expect(
            try failure(rule(start), body)
                == "PipelineExecutionDescription: must have at most 3072 characters, has 9000")
        #expect(
            try failure(rule(start + "${body.text}"), body)
                == "PipelineExecutionDescription: is longer than \(RulesLimits.renderedBytesMax) bytes"
        )
        #expect(RulesLimits.renderedBytesMax == 16384)
    }

    @Test(arguments: [
        ("${body.epochs}", "108"), ("4", "4"), ("'4'", "4"), ("${'12'}", "12"), ("1${2}", "12"),
        ("${uint(5)}", "5"),
    ])
    func `an integer is wanted and given`(text: String, expected: String) throws {
        let start = "PipelineName: p\nParallelismConfiguration:\n  MaxParallelExecutionSteps: "
        #expect(
            try request(rule(start + text)).contains(#"{"MaxParallelExecutionSteps":\#(expected)}"#)
        )
    }

    @Test(arguments: [
        ("${body.rate}", "must be an integer, is double"),
        ("${body.inputs.Branch}", "must be an integer, is \"main\""),
        ("${body.list}", "must be an integer, is list"), ("x${1}", "must be an integer, is \"x1\""),
        ("${0}", "must be at least 1, is 0"),
        (
            "${18446744073709551615u}",
            "must be an integer of at most 64 bits, is 18446744073709551615"
        ),
    ])
    func `an integer is wanted and something else given`(text: String, reason: String) throws {
        let start = "PipelineName: p\nParallelismConfiguration:\n  MaxParallelExecutionSteps: "
        let message = try failure(rule(start + text))
        #expect(message.hasPrefix("ParallelismConfiguration.MaxParallelExecutionSteps: "))
        #expect(message.hasSuffix(reason) || reason.hasPrefix("must be at least"))
    }

    @Test func `parameters are a map or AWS's list`() throws {
        let list =
            #""PipelineParameters":[{"Name":"A","Value":"108"},{"Name":"B-2","Value":"1.10"}]"#
        let map = "PipelineName: p\nPipelineParameters:\n  A: ${body.epochs}\n  B-2: 1.10"
        #expect(try request(rule(map)).contains(list))
        let entries = """
            PipelineName: p
            PipelineParameters:
              - Name: ${'A'}
                Value: ${body.epochs}
              - {Name: B-2, Value: 1.10}
            """
        #expect(try request(rule(entries)).contains(list))
    }

    @Test func `an expression can give all parameters`() throws {
        let start = "PipelineName: p\nPipelineParameters: ${body.inputs}"
        #expect(
            try request(rule(start)).contains(
                #"[{"Name":"Epochs","Value":"3"},{"Name":"Branch","Value":"main"}]"#))
        let list = "PipelineName: p\nPipelineParameters: \"${[{'Name': 'A', 'Value': 1}]}\""
        #expect(try request(rule(list)).contains(#"[{"Name":"A","Value":"1"}]"#))
        #expect(
            try failure(rule("PipelineName: p\nPipelineParameters: ${body.list}"))
                == "PipelineParameters[0]: must be a structure, is text")
        #expect(
            try failure(rule("PipelineName: p\nPipelineParameters: \"${{'A': null}}\""))
                == "PipelineParameters.A: is null")
        #expect(
            try failure(rule("PipelineName: p\nPipelineParameters: \"${[{'Nme': 'A'}]}\""))
                == "PipelineParameters[0].Nme: is no member of Parameter")
    }

    @Test func `nested members are rendered`() throws {
        let start = """
            PipelineName: p
            SelectiveExecutionConfig:
              SelectedSteps:
                - StepName: ${'Train'}
                - {StepName: Evaluate}
            """
        #expect(
            try request(rule(start)).contains(
                #"{"SelectedSteps":[{"StepName":"Train"},{"StepName":"Evaluate"}]}"#))
    }

    @Test func `an empty parameter is refused, left out or sent`() throws {
        let start = "PipelineName: p\nPipelineParameters: {A: x, B: '${body.empty}'}"
        #expect(
            try failure(rule(start)) == "PipelineParameters.B: is empty; "
                + "emptyParameters: omit or send says what to do with it")
        #expect(
            try request(rule(start, "    emptyParameters: omit"))
                .contains(#""PipelineParameters":[{"Name":"A","Value":"x"}],"#))
        #expect(
            try request(rule(start, "    emptyParameters: send"))
                .contains(#"{"Name":"B","Value":""}"#))
    }

    @Test func `a parameter that may be absent is left out`() throws {
        let map = "PipelineName: p\nPipelineParameters: {A: x, B: '${body.?missing}'}"
        #expect(try request(rule(map)).contains(#":[{"Name":"A","Value":"x"}],"#))
        let list = """
            PipelineName: p
            PipelineParameters:
              - {Name: B, Value: '${body.?missing}'}
              - {Name: A, Value: x}
            """
        #expect(try request(rule(list)).contains(#":[{"Name":"A","Value":"x"}],"#))
    }

    @Test func `a computed parameter without a value is refused by its place`() throws {
        let start = "PipelineName: p\nPipelineParameters: ${body.inputs}"
        let body = #"{"ref":"refs/heads/main","inputs":[{"Name":"A","Value":"x"},{"Name":"B"}]}"#
        #expect(
            try failure(rule(start), body) == "PipelineParameters[1].Value: is required (B)")
        #expect(
            try failure(rule(start), #"{"ref":"refs/heads/main","inputs":[{"Value":"x"}]}"#)
                == "PipelineParameters[0].Name: is required")
        #expect(
            try failure(rule(start), #"{"ref":"refs/heads/main","inputs":[{}]}"#)
                .hasPrefix("PipelineParameters[0].Name: is required; PipelineParameters[0].Value"))
    }

    @Test func `two computed parameters of one name are refused`() throws {
        let named = """
            PipelineName: p
            PipelineParameters:
              - {Name: A, Value: x}
              - {Name: "${'A'}", Value: '${body.?empty}'}
            """
        let reason = "PipelineParameters[1].Name: A is given twice"
        #expect(try failure(rule(named, "    emptyParameters: send")) == reason)
        // One that is left out is none.
        #expect(
            try request(rule(named, "    emptyParameters: omit"))
                .contains(#""PipelineParameters":[{"Name":"A","Value":"x"}],"#))
        let whole = "PipelineName: p\nPipelineParameters: ${body.inputs}"
        let body =
            #"{"ref":"refs/heads/main","inputs":[{"Name":"A","Value":"x"},{"Name":"A","Value":"x"}]}"#
        #expect(try failure(rule(whole), body) == reason)
    }

    @Test func `what AWS would refuse is refused after rendering, with the parameter's name`()
        throws
    {
        let long =
            #"{"ref":"refs/heads/main","text":""# + String(repeating: "x", count: 1025) + "\"}"
        let start = "PipelineName: p\nPipelineParameters: {A: '${body.text}'}"
        #expect(
            try failure(rule(start), long)
                == "PipelineParameters[0].Value: must have at most 1024 characters, has 1025 (A)")
        #expect(
            try failure(rule("PipelineName: ${body.?missing}")) == "PipelineName: is required")
        #expect(
            try failure(rule("PipelineName: a ${source}")).hasPrefix("PipelineName: must match"))
    }
}

/// Templates that cannot be, with their places.
@Suite struct TemplateErrorTests {
    @Test(arguments: [
        ("${event.after", "37: \"${\" without \"}\"; a literal \"${\" is written \"$${\""),
        ("ab ${'}", "40: \"${\" without \"}\"; a literal \"${\" is written \"$${\""),
        ("a${}", "38: an expression is missing between \"${\" and \"}\""),
        ("a${ }", "38: an expression is missing between \"${\" and \"}\""),
        ("ä${evnt.after}", "40: unknown variable \"evnt\"; did you mean \"event\"?"),
        ("'it''s ${evnt.after}'", "46: unknown variable \"evnt\"; did you mean \"event\"?"),
        ("\"\\u00e4 ${1 + bdy}\"", "51: unknown variable \"bdy\"; did you mean \"body\"?"),
        ("${size(1, 2)}", "39: size takes 1 argument, not 2"),
        ("x${[1]}", "40: expected a text, number or boolean; this is list(int)"),
        ("${null}", "39: expected a text, number or boolean; this is null"),
        ("${1 / 0}", "39: division by zero"),
    ])
    func `an error within a scalar has its own column`(text: String, problem: String) {
        let found = problems(
            rule("PipelineName: p\nPipelineExecutionDescription: \(text)"))
        #expect(found == ["r.yaml:6:\(problem)"])
    }

    @Test func `an error within a block scalar has its own line`() {
        let start = "PipelineName: p\nPipelineExecutionDescription: |\n  one\n  two ${evnt.x}"
        #expect(
            problems(rule(start)) == [
                "r.yaml:8:15: unknown variable \"evnt\"; did you mean \"event\"?"
            ])
    }

    @Test func `a hundred expressions in one text are enough`() {
        let many = String(repeating: "${1}", count: RulesLimits.templatesMax)
        #expect(problems(rule("PipelineName: p\nPipelineExecutionDescription: \(many)")).isEmpty)
        #expect(
            problems(rule("PipelineName: p\nPipelineExecutionDescription: ${1}\(many)"))
                == ["r.yaml:6:37: more than 100 expressions in one text"])
    }
}
