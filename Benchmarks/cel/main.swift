import CEL
import Events
import Glibc
import JSON
import Rules

// Times CEL on one thread: `swift run -c release cel-benchmark`. Each figure is the best of several
// rounds, since whatever else runs on the machine only makes a round longer.

/// A push of 10 commits with 5 files each; the file that is looked for is in the 8th.
let push = {
    let commits = (0..<10).map { commit in
        let files = (0..<5).map { file in
            commit == 7 && file == 4 ? "\"training/model.py\"" : "\"docs/page\(commit)/\(file).md\""
        }
        let id = String(repeating: "\(commit)", count: 40)
        return """
            {"id": "\(id)", "message": "Change number \(commit)", "timestamp": "2026-11-01T10:00:00Z",
             "author": {"name": "Ann", "email": "ann@example.com"}, "added": [], "removed": [],
             "modified": [\(files.joined(separator: ", "))]}
            """
    }
    return """
        {"ref": "refs/heads/main", "before": "\(String(repeating: "a", count: 40))",
         "after": "\(String(repeating: "b", count: 40))", "created": false, "deleted": false,
         "repository": {"full_name": "example/churn", "default_branch": "main"},
         "commits": [\(commits.joined(separator: ", "))]}
        """
}()

let rule = """
    body.ref == 'refs/heads/main' && \
    body.commits.exists(c, c.modified.exists(f, f.startsWith('training/')))
    """

final class Payload: CELActivation {
    private let body: CELValue

    init(body: CELValue) { self.body = body }

    func value(ofVariable slot: Int) -> CELValue? { body }
}

/// Nanoseconds for one call, in the best of 15 rounds of about 10 ms.
func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    func time(_ count: Int) throws -> Double {
        let clock = ContinuousClock()
        let elapsed = try clock.measure { for _ in 0..<count { try body() } }
        return Double(elapsed.components.attoseconds) / 1e9 / Double(count)
    }
    let once = try max(time(100), 1)
    let count = max(1, Int(10_000_000 / once))
    return try (0..<15).map { _ in try time(count) }.min() ?? once
}

func show(_ name: String, _ value: Double) {
    let text = value < 1000 ? "\(Int(value.rounded())) ns" : "\((value / 10).rounded() / 100) us"
    print(name + String(repeating: " ", count: max(1, 60 - name.count)) + text)
}

let document = try JSONDocument(parsing: Array(push.utf8))
let payload = Payload(body: CELValue(json: document.root))
let environment = CELEnvironment(variables: ["body"])

@MainActor func timeAll() throws {
    for source in [
        "body.ref == 'refs/heads/main'", rule, "body.after.substring(0, 7)",
        "body.repository.full_name.matches('^example/.*$')",
    ] {
        let program = try environment.compile(source)
        show(
            "evaluate  \(source.prefix(48))", try nanoseconds { _ = try program.evaluate(payload) })
        show(
            "compile   \(source.prefix(48))",
            try nanoseconds { _ = try environment.compile(source) })
    }
    guard let (delivery, event) = try delivered(document.root) else { return }
    for count in [1, 1000] {
        let rules = try ruleSet(of: count)
        show("match     1 of \(count) rules", nanoseconds { _ = rules.match(event, in: delivery) })
    }
}

/// `cel-benchmark COUNT [EXPRESSION]` only evaluates, for what counts instructions or allocations:
/// what one evaluation costs is the difference of two runs. Without an expression it is the rule.
if let count = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) {
    let program = try environment.compile(CommandLine.arguments.dropFirst(2).first ?? rule)
    for _ in 0..<count { _ = try program.evaluate(payload) }
} else {
    try timeAll()
}
