internal import CEL
internal import JSON

/// Harbor's webhooks, in its own form or as CloudEvents (goharbor.io, "Configure webhooks").
enum Harbor {
    static func normalise(_ delivery: Delivery) -> [Event] {
        CloudEvents.envelopes(delivery).enumerated().map { index, envelope in
            let type = envelope.type ?? delivery.body["type"]?.string
            let data = envelope.data ?? delivery.body["event_data"]
            var parts = EventParts(NativeEvent(event: type, action: nil, delivery: delivery))
            if let repository = data?["repository"], repository.kind == .object {
                let isPrivate = repository["repo_type"]?.string
                parts.repo = EventShape.repository(
                    fullName: celText(repository["repo_full_name"]),
                    isPrivate: isPrivate.map { .bool($0 == "private") })
            }
            parts.actor = (celText(delivery.body["operator"]) ?? envelope.attribute("operator"))
                .map { EventShape.actor(id: nil, login: $0) }
            let (kind, action) = action(type)
            return parts.event(kind, action, index: index)
        }
    }

    private static func action(_ type: String?) -> (EventKind, String?) {
        switch type?.lowercased() {
        case "push_artifact", "harbor.artifact.pushed": (.artifact, "published")
        case "pull_artifact", "harbor.artifact.pulled": (.artifact, "pulled")
        case "delete_artifact", "harbor.artifact.deleted": (.artifact, "deleted")
        case "scanning_completed", "harbor.scan.completed": (.artifact, "scanned")
        case "scanning_failed", "harbor.scan.failed": (.artifact, "scan_failed")
        case "scanning_stopped", "harbor.scan.stopped": (.artifact, "scan_stopped")
        case "replication", "harbor.replication.status.changed": (.artifact, "replicated")
        default: (.other, nil)
        }
    }
}

/// Docker Hub's webhooks (docs.docker.com, "Webhooks"): pushes only, and nothing proves them.
enum DockerHub {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        var parts = EventParts(NativeEvent(event: "push", action: nil, delivery: delivery))
        if let repository = body["repository"], repository.kind == .object {
            parts.repo = EventShape.repository(
                fullName: celText(repository["repo_name"]), url: celText(repository["repo_url"]),
                isPrivate: celValue(repository["is_private"]))
        }
        parts.actor = celText(body.at("push_data", "pusher")).map {
            EventShape.actor(id: nil, login: $0)
        }
        return [parts.event(.artifact, "published")]
    }
}

/// Azure Container Registry's webhooks (learn.microsoft.com, "Webhook reference").
enum AzureRegistry {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let native = body["action"]?.string
        var parts = EventParts(NativeEvent(event: native, action: native, delivery: delivery))
        let host = body.at("request", "host")?.string
        if let name = body.at("target", "repository")?.string {
            parts.repo = EventShape.repository(
                fullName: .string(name), url: host.map { .string("\($0)/\(name)") })
        }
        switch native {
        case "ping": return [parts.event(.ping, nil)]
        case "push", "chart_push": return [parts.event(.artifact, "published")]
        case "delete", "chart_delete": return [parts.event(.artifact, "deleted")]
        case "quarantine": return [parts.event(.artifact, "quarantined")]
        default: return [parts.event(.other, native)]
        }
    }
}
