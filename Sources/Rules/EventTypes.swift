internal import CEL

/// The types of the normalised event's members, so that a misspelt one is found at load.
///
/// Every member may be null, since what a sender does not say is null and never false. The names
/// are those of DESIGN's event model; values that senders write in different types are `dyn`.
enum EventTypes {
    static let event = RecordType(
        "event",
        [
            ("kind", .string),
            ("action", text),
            (
                "repo",
                record(
                    "event.repo",
                    [
                        ("id", .dyn), ("full_name", text), ("url", text), ("clone_url", text),
                        ("default_branch", text), ("private", flag),
                    ])
            ),
            (
                "ref",
                record("event.ref", [("full", .string), ("name", .string), ("type", .string)])
            ),
            ("before", text), ("after", text),
            ("created", flag), ("deleted", flag), ("forced", flag),
            (
                "head",
                record(
                    "event.head",
                    [
                        ("sha", text), ("message", text), ("at", .dyn),
                        ("author", record("event.head.author", [("name", text), ("email", text)])),
                    ])
            ),
            (
                "commits",
                record(
                    "event.commits",
                    [("total", .nullable(.int)), ("listed", .nullable(.int)), ("complete", flag)])
            ),
            (
                "paths",
                record("event.paths", [("changed", texts), ("complete", flag)])
            ),
            ("change", change), ("comment", comment), ("command", command),
            (
                "release",
                record(
                    "event.release",
                    [
                        ("tag", text), ("name", text), ("prerelease", flag), ("draft", flag),
                        ("target", text),
                    ])
            ),
            (
                "actor",
                record(
                    "event.actor",
                    [
                        ("id", .dyn), ("login", text), ("name", text), ("kind", text),
                        ("association", text),
                    ])
            ),
            (
                "native",
                record(
                    "event.native",
                    [("event", text), ("action", text), ("delivery", text), ("attempt", .dyn)])
            ),
        ])

    /// `client`: who sent the delivery.
    static let client = RecordType(
        "client", [("address", text), ("subject", text), ("names", texts)])

    private static let text = StaticType.nullable(.string)
    private static let flag = StaticType.nullable(.bool)
    private static let texts = StaticType.nullable(.list(.string))

    private static let change = record(
        "event.change",
        [
            ("number", .nullable(.int)), ("title", text), ("url", text), ("draft", flag),
            ("labels", texts), ("state", text),
            (
                "source",
                record("event.change.source", [("repo", .dyn), ("branch", text), ("sha", text)])
            ),
            (
                "target",
                record("event.change.target", [("repo", .dyn), ("branch", text), ("sha", text)])
            ),
            ("fork", flag), ("merge_sha", text), ("code_changed", flag),
        ])

    private static let comment = record(
        "event.comment",
        [
            ("id", .dyn), ("body", text), ("url", text), ("on", text), ("edited", flag),
            ("reply", flag), ("association", text),
        ])

    private static let command = record(
        "event.command",
        [
            ("name", text), ("args", text), ("argv", texts),
            ("params", .nullable(.map(.string, .dyn))), ("channel", .dyn), ("thread", .dyn),
            ("reply", .dyn),
        ])

    private static func record(
        _ name: String, _ members: [(name: String, type: StaticType)]
    ) -> StaticType {
        .nullable(.record(RecordType(name, members)))
    }
}
