import Events
import JSON
import Rules

/// The problems of a rule file, as messages.
func problems(_ text: String, name: String = "r.yaml") -> [String] {
    let list = ProblemList()
    let file = RuleFile(Array(text.utf8), name: name, problems: list)
    RuleFile.check([file], list)
    do {
        try list.throwIfAny()
        return []
    } catch {
        guard case .refused(let problems, _) = error else { return ["\(error)"] }
        return problems.map(\.description)
    }
}

/// The rules of a file that has no problems.
func ruleSet(_ text: String) throws -> RuleSet {
    let list = ProblemList()
    let file = RuleFile(Array(text.utf8), name: "r.yaml", problems: list)
    RuleFile.check([file], list)
    try list.throwIfAny()
    return RuleSet(file.rules)
}

/// A rule file with one rule, whose `start` is given, indented by six.
func rule(_ start: String, _ more: String = "") -> String {
    """
    rules:
      - name: r
        source: github
    \(more.isEmpty ? "" : more + "\n")    start:
    \(start.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))

    """
}

/// A GitHub delivery with this payload.
func delivery(
    _ body: String, event: String = "push", source: String = "github",
    headers: [String: String] = [:], query: [String: String] = [:], id: String = "d-1",
    client: String = "192.0.2.7"
) throws -> Delivery {
    var fields = headers
    fields["x-github-event"] = event
    return Delivery(
        source: source, deliveryID: id, headers: FieldDictionary(fields),
        query: FieldDictionary(query),
        body: try JSONDocument(parsing: Array(body.utf8)).root,
        receivedAtMilliseconds: 1_700_000_000_123, clientAddress: client)
}

/// The object id of a commit that exists.
let commit = "1234567890abcdef1234567890abcdef12345678"

/// What git writes where there is no commit.
let zeros = String(repeating: "0", count: 40)

/// A push payload.
func push(
    ref: String = "refs/heads/main", paths: [String] = ["training/model.py"],
    before: String = "00000000000000000000000000000000000000a0", after: String = commit
) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("ref", ref)
    writer.member("before", before)
    writer.member("after", after)
    writer.name("commits")
    writer.beginArray()
    writer.beginObject()
    writer.name("modified")
    writer.beginArray()
    for path in paths { writer.string(path) }
    writer.endArray()
    writer.endObject()
    writer.endArray()
    writer.name("head_commit")
    writer.beginObject()
    writer.member("id", after)
    writer.member("message", "Train again")
    writer.endObject()
    writer.name("epochs")
    writer.int(Int64(108))
    writer.name("rate")
    writer.double(0.25)
    writer.name("empty")
    writer.string("")
    writer.name("nothing")
    writer.null()
    writer.name("list")
    writer.beginArray()
    writer.string("a")
    writer.endArray()
    writer.name("inputs")
    writer.beginObject()
    writer.name("Epochs")
    writer.int(Int64(3))
    writer.member("Branch", "main")
    writer.endObject()
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// The one event of a delivery.
func event(_ delivery: Delivery) throws -> Event {
    let events = Sender.all["github"]?.normalise(delivery) ?? []
    guard let event = events.first, events.count == 1 else {
        throw TestFailure.eventCount(events.count)
    }
    return event
}

enum TestFailure: Error {
    case eventCount(Int)
    case outcome([RuleOutcome])
}

/// What the rules make of a push.
func outcomes(_ rules: String, _ body: String = push()) throws -> [RuleOutcome] {
    let delivery = try delivery(body)
    return try ruleSet(rules).match(try event(delivery), in: delivery)
}

/// The request of the one rule that starts, as JSON.
func request(_ rules: String, _ body: String = push()) throws -> String {
    let outcomes = try outcomes(rules, body)
    guard case .start(let start)? = outcomes.first, outcomes.count == 1 else {
        throw TestFailure.outcome(outcomes)
    }
    return String(decoding: start.request, as: UTF8.self)
}

/// The message of the one rule that fails.
func failure(_ rules: String, _ body: String = push()) throws -> String {
    let outcomes = try outcomes(rules, body)
    guard case .failed(_, let message)? = outcomes.first, outcomes.count == 1 else {
        throw TestFailure.outcome(outcomes)
    }
    return message
}
