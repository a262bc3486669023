internal import CEL
internal import JSON

/// MLflow's webhooks (mlflow.org, "Webhooks").
enum MLflow {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let (entity, action) = (body["entity"]?.string, body["action"]?.string)
        var parts = EventParts(NativeEvent(event: entity, action: action, delivery: delivery))
        parts.repo = celText(body.at("data", "name")).map { EventShape.repository(fullName: $0) }
        let isModel = entity?.hasPrefix("model_") == true || entity == "registered_model"
        return [parts.event(isModel ? .model : .other, action)]
    }
}

/// Hugging Face's webhooks (huggingface.co/docs/hub/webhooks).
enum HuggingFace {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let scope = body.at("event", "scope")?.string ?? ""
        let native = body.at("event", "action")?.string
        var parts = EventParts(NativeEvent(event: scope, action: native, delivery: delivery))
        parts.repo = repository(body["repo"])
        // A narrower scope that is not known is an update of the wider one.
        if scope.hasPrefix("discussion.comment") { return [comment(body, native, parts)] }
        if scope.hasPrefix("discussion") { return [discussion(body, native, parts)] }
        guard scope.hasPrefix("repo") else { return [parts.event(.other, action(native))] }
        let kind = kind(body.at("repo", "type")?.string)
        if let updates = body["updatedRefs"], updates.kind == .array, updates.count > 0 {
            return updates.elements.enumerated().map {
                reference($0.element, kind, $0.offset, parts)
            }
        }
        parts.after = celText(objectID(body.at("repo", "headSha")))
        return [parts.event(kind, action(scope == "repo" ? native : "update"))]
    }

    private static func kind(_ type: String?) -> EventKind {
        switch type {
        case "model": .model
        case "dataset": .dataset
        default: .other
        }
    }

    private static func action(_ native: String?) -> String? {
        switch native {
        case "create": "created"
        case "update": "updated"
        case "delete": "deleted"
        case "move": "moved"
        default: native
        }
    }

    private static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        return EventShape.repository(
            id: celText(repository["id"]), fullName: celText(repository["name"]),
            url: celText(repository.at("url", "web")), isPrivate: celValue(repository["private"]))
    }

    /// A branch or tag that moved; what was not there is null, not zeros.
    private static func reference(
        _ update: JSONValue, _ kind: EventKind, _ index: Int, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let move = ReferenceMove(before: update["oldSha"], after: update["newSha"])
        parts.take(move)
        return parts.event(
            kind, move.action, ref: update["ref"]?.string.map { GitReference(full: $0) },
            index: index)
    }

    private static func discussion(
        _ body: JSONValue, _ native: String?, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let discussion = body["discussion"]
        parts.actor = author(discussion)
        parts.comment = body["comment"].map { comment($0, body, edited: false) }
        guard discussion?["isPullRequest"]?.bool == true else {
            return parts.event(.other, action(native))
        }
        parts.change = discussion.map(change)
        let isOpened = native == "create"
        let action: String =
            switch discussion?["status"]?.string {
            case _ where isOpened: "opened"
            case "merged": "merged"
            case "closed": "closed"
            default: "updated"
            }
        return parts.event(.change, action)
    }

    private static func author(_ value: JSONValue?) -> CELValue? {
        celText(value?.at("author", "id")).map { EventShape.actor(id: $0, login: nil) }
    }

    private static func change(_ discussion: JSONValue) -> CELValue {
        var change = EventShape.Change()
        change.number = celValue(discussion["num"])
        change.title = celValue(discussion["title"])
        change.url = celText(discussion.at("url", "web"))
        let status = discussion["status"]?.string
        change.draft = status.map { .bool($0 == "draft") }
        change.state = status == "draft" ? "open" : status
        if let base = discussion.at("changes", "base")?.string {
            change.target = EventShape.side(
                repo: nil, branch: .string(GitReference(full: base).name), sha: nil)
        }
        if change.state == "merged" {
            change.mergeSHA = celText(discussion.at("changes", "mergeCommitId"))
        }
        return change.value
    }

    private static func comment(_ value: JSONValue, _ body: JSONValue, edited: Bool) -> CELValue {
        let isChange = body.at("discussion", "isPullRequest")?.bool == true
        return EventShape.Comment(
            value, text: value["content"], url: value.at("url", "web"),
            on: isChange ? "change" : "issue", edited: edited
        ).value
    }

    private static func comment(
        _ body: JSONValue, _ native: String?, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let action = native == "update" ? "edited" : action(native)
        let isChange = body.at("discussion", "isPullRequest")?.bool == true
        parts.change = isChange ? body["discussion"].map(change) : nil
        parts.comment = body["comment"].map { comment($0, body, edited: action == "edited") }
        parts.actor = author(body["comment"])
        // Whether its author is a bot nobody tells.
        return parts.commentEvent(action, text: body.at("comment", "content"), isBot: false)
    }
}

/// Weights & Biases' automations, whose body is the user's own (docs.wandb.ai).
enum WeightsAndBiases {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let type = body["event_type"]?.string
        let parts = EventParts(NativeEvent(event: type, action: nil, delivery: delivery))
        guard let type else { return [parts.event(.other, nil)] }
        let words = type.lowercased()
        let action: String? =
            words.contains("link")
            ? "linked"
            : words.contains("create")
                ? "created"
                : words.contains("alias") || words.contains("tag") ? "updated" : nil
        return [parts.event(words.contains("model") ? .model : .artifact, action)]
    }
}

/// Label Studio's webhooks (labelstud.io, "Set up webhooks").
enum LabelStudio {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let native = delivery.body["action"]?.string
        var parts = EventParts(NativeEvent(event: native, action: native, delivery: delivery))
        if let project = delivery.body["project"], project.kind == .object {
            parts.repo = EventShape.repository(
                id: celValue(project["id"]), fullName: celText(project["title"]))
        }
        return [parts.event(.dataset, native.map { action($0.lowercased()) })]
    }

    /// `TASKS_CREATED` and the like end in what happened.
    private static func action(_ native: String) -> String {
        ["created", "updated", "deleted"].first { native.hasSuffix("_" + $0) } ?? native
    }
}
