import CEL
import Events
import JSON
import Testing
import Webhook

/// The events of a made-up payload, each on one line.
private func events(
    _ type: String, _ body: String, _ fields: [String: String] = [:]
) throws -> [String] {
    let sender = try #require(Sender.all[type])
    let body = try JSONDocument(parsing: Array(body.utf8)).root
    let headers = FieldDictionary(fields)
    let delivery = Delivery(
        source: "s", deliveryID: sender.deliveryID(headers, body) ?? "-", headers: headers,
        query: FieldDictionary(), body: body, receivedAtMilliseconds: 0, clientAddress: "")
    return sender.normalise(delivery).map(summary)
}

private func id(_ type: String, _ body: String, _ fields: [String: String] = [:]) throws -> String?
{
    let sender = try #require(Sender.all[type])
    return sender.deliveryID(
        FieldDictionary(fields), try JSONDocument(parsing: Array(body.utf8)).root)
}

private let a = String(repeating: "a", count: 40)
private let b = String(repeating: "b", count: 40)
private let zeros = String(repeating: "0", count: 40)

@Suite struct SenderTableTests {
    @Test func `every type of source of the configuration is there`() {
        let types = [
            "github", "gitlab", "bitbucket", "bitbucket-dc", "gitea", "forgejo", "azure-devops",
            "slack", "discord", "teams", "mattermost", "telegram", "google-chat",
            "standard-webhooks", "stripe", "mlflow", "huggingface", "wandb", "harbor", "dockerhub",
            "acr", "label-studio", "cloudevents", "hmac", "token",
        ]
        #expect(Sender.all.keys.sorted() == types.sorted())
        let limits = Sender.all.mapValues(\.contentBytesMax)
        #expect(limits["github"] == 26_214_400)
        #expect(limits["gitlab"] == 26_214_400)
        #expect(limits["bitbucket"] == 262_144)
        #expect(limits["slack"] == 1_048_576)
    }

    @Test func `each sender's id of a delivery is found`() throws {
        #expect(try id("github", "{}", ["x-github-delivery": "g"]) == "g")
        #expect(try id("gitlab", "{}", ["idempotency-key": "i"]) == "i")
        #expect(try id("gitlab", "{}", ["idempotency-key": "i", "webhook-id": "w"]) == "w")
        #expect(try id("bitbucket", "{}", ["x-request-uuid": "u"]) == "u")
        #expect(try id("bitbucket-dc", "{}", ["x-request-id": "r"]) == "r")
        #expect(try id("gitea", "{}", ["x-gogs-delivery": "x"]) == "x")
        #expect(try id("azure-devops", #"{"id":"1","subscriptionId":"2"}"#) == "1/2")
        #expect(try id("azure-devops", #"{"id":"1"}"#) == "1")
        #expect(try id("slack", #"{"event_id":"Ev1","trigger_id":"t"}"#) == "Ev1")
        #expect(try id("slack", #"{"trigger_id":"t"}"#) == "t")
        #expect(try id("slack", "{}") == nil)
        #expect(try id("discord", #"{"id":"9"}"#) == "9")
        #expect(try id("telegram", #"{"update_id":12}"#) == "12")
        #expect(try id("mattermost", #"{"post_id":"p"}"#) == "p")
        #expect(try id("stripe", #"{"id":"evt"}"#) == "evt")
        #expect(try id("mlflow", "{}", ["x-mlflow-delivery-id": "m"]) == "m")
        #expect(try id("acr", #"{"id":"a"}"#) == "a")
        let event = #"{"specversion":"1.0","id":"1","source":"/s"}"#
        #expect(try id("cloudevents", event) == "/s/1")
        #expect(try id("harbor", event) == "/s/1")
        #expect(try id("cloudevents", #"{"id":"1","source":"/s"}"#) == nil)
        let binary = ["ce-specversion": "1.0", "ce-id": "a%2Fb+c", "ce-source": "/s"]
        #expect(try id("cloudevents", "{}", binary) == "/s/a/b+c")
        // The content type decides which of the two ids is the event's.
        let type = ["content-type": "application/cloudevents+json"]
        #expect(try id("cloudevents", event, binary.merging(type) { $1 }) == "/s/1")
        let batch = ["content-type": "application/cloudevents-batch+json"]
        #expect(try id("cloudevents", "[\(event)]", binary.merging(batch) { $1 }) == nil)
        for type in ["huggingface", "wandb", "dockerhub", "label-studio", "hmac", "token"] {
            #expect(try id(type, #"{"id":"x"}"#) == nil)
        }
    }
}

@Suite struct GitHostTests {
    @Test func `GitLab's pushes, merge requests and notes are told apart by their body`() throws {
        let project =
            #""project":{"id":1,"path_with_namespace":"g/p","visibility_level":0,"#
            + #""default_branch":"main"},"user_username":"ada","user_id":3"#
        let push =
            #"{"object_kind":"push","ref":"refs/heads/x","before":"\#(a)","after":"\#(b)","#
            + #""total_commits_count":25,"commits":[{"id":"\#(b)","message":"m","added":["f"]}],"#
            + project + "}"
        #expect(
            try events("gitlab", push, ["x-gitlab-event": "System Hook"]) == [
                "push/updated ref=refs/heads/x before=aaaaaaaa after=bbbbbbbb created=false"
                    + " deleted=false head=bbbbbbbb commits=25 listed=1 paths=1+ repo=g/p branch=main"
                    + " private=true actor=ada actor.id=3 is=unknown native=System Hook"
            ])
        func change(_ attributes: String) throws -> String? {
            try events(
                "gitlab", #"{"object_kind":"merge_request","object_attributes":{\#(attributes)}}"#
            ).first.map { String($0.prefix { $0 != " " }) }
        }
        #expect(try change(#""action":"open""#) == "change/opened")
        #expect(try change(#""action":"update""#) == "change/edited")
        #expect(try change(#""action":"update","oldrev":"\#(a)""#) == "change/updated")
        #expect(try change(#""action":"merge""#) == "change/merged")
        #expect(try change(#""action":"close""#) == "change/closed")
        #expect(try change(#""action":"reopen""#) == "change/reopened")
        #expect(try change(#""action":"approval""#) == "review/approved")
        #expect(try change(#""action":"unapproved""#) == "review/unapproved")
        #expect(try change("") == "change/-")
        func note(_ attributes: String, user: String = "ada") throws -> String? {
            try events(
                "gitlab",
                #"{"object_kind":"note","user":{"username":"\#(user)"},"object_attributes":"#
                    + #"{"noteable_type":"MergeRequest","note":"/train x",\#(attributes)},"#
                    + #""merge_request":{"iid":4,"last_commit":{"id":"\#(b)"}}}"#
            ).first
        }
        let created = try #require(try note(#""id":1"#))
        #expect(created.hasPrefix("comment/created head=bbbbbbbb number=4"))
        #expect(created.contains(" command=train args=x "))
        let edited = try #require(try note(#""action":"update""#))
        #expect(edited.hasPrefix("comment/edited") && !edited.contains("command"))
        #expect(try note(#""id":1"#, user: "project_5_bot_1")?.contains("command") == false)
        #expect(try note(#""system":true"#)?.contains("command") == false)
    }

    /// What a trimmed payload leaves out is unknown: it is neither zeros nor null.
    @Test func `a push that does not tell its ids is neither a creation nor a deletion`() throws {
        func push(_ type: String, _ body: String, _ field: [String: String] = [:]) throws -> String?
        {
            try events(type, body, field).first.map {
                $0.split(separator: " ").filter {
                    $0.contains("/") && !$0.contains("=") || $0.hasPrefix("created=")
                        || $0.hasPrefix("deleted=")
                }.joined(separator: " ")
            }
        }
        let gitHub = ["x-github-event": "push"]
        let gitea = ["x-gitea-event": "push"]
        #expect(try push("github", "{}", gitHub) == "push/-")
        #expect(try push("github", #"{"ref":"refs/heads/x"}"#, gitHub) == "push/-")
        #expect(
            try push("github", #"{"before":"\#(zeros)"}"#, gitHub) == "push/created created=true")
        #expect(
            try push("github", #"{"before":"\#(a)","after":"\#(b)"}"#, gitHub)
                == "push/updated created=false deleted=false")
        #expect(try push("github", #"{"before":"\#(a)"}"#, gitHub) == "push/- created=false")
        #expect(
            try push("github", #"{"before":"\#(a)","after":"\#(zeros)"}"#, gitHub)
                == "push/deleted created=false deleted=true")
        #expect(
            try push("gitea", #"{"ref":"refs/heads/x","before":"","after":"x"}"#, gitea) == "push/-"
        )
        #expect(try push("gitlab", #"{"object_kind":"push"}"#) == "push/-")
        #expect(
            try push("azure-devops", #"{"eventType":"git.push","resource":{"id":1}}"#) == "push/-")
        #expect(
            try push(
                "azure-devops", #"{"eventType":"git.push","resource":{"refUpdates":[{}]}}"#)
                == "push/-")
        #expect(
            try push("bitbucket", #"{"push":{"changes":[{}]}}"#, ["x-event-key": "repo:push"])
                == "push/-")
        #expect(
            try push(
                "bitbucket", #"{"push":{"changes":[{"old":null,"new":{}}]}}"#,
                ["x-event-key": "repo:push"]) == "push/created created=true deleted=false")
        #expect(
            try push(
                "bitbucket-dc", #"{"eventKey":"repo:refs_changed","changes":[{}]}"#,
                ["x-event-key": "repo:refs_changed"]) == "push/-")
    }

    @Test func `a pull request's number may stand beside it`() throws {
        for (type, field) in [("github", "x-github-event"), ("gitea", "x-gitea-event")] {
            let body = #"{"action":"opened","number":7,"pull_request":{"title":"t"}}"#
            let found = try events(type, body, [field: "pull_request"]).first
            #expect(found?.contains(" number=7 ") == true, "\(type)")
            let own = #"{"action":"opened","number":7,"pull_request":{"number":8}}"#
            #expect(
                try events(type, own, [field: "pull_request"]).first?.contains(" number=8 ") == true
            )
        }
    }

    @Test func `one Bitbucket delivery is several events, or none`() throws {
        let side = { (type: String, name: String, hash: String) in
            #"{"type":"\#(type)","name":"\#(name)","target":{"hash":"\#(hash)"}}"#
        }
        let body =
            #"{"push":{"changes":[{"new":\#(side("branch", "x/y", a)),"old":null,"#
            + #""truncated":true,"commits":[{}]},"#
            + #"{"new":null,"old":\#(side("tag", "v1", b)),"closed":true}]}}"#
        let found = try events("bitbucket", body, ["x-event-key": "repo:push"])
        #expect(
            found == [
                "push/created ref=refs/heads/x/y after=aaaaaaaa created=true deleted=false"
                    + " head=aaaaaaaa listed=1 native=repo:push native.action=push",
                "tag/deleted ref=refs/tags/v1 before=bbbbbbbb created=false deleted=true"
                    + " native=repo:push native.action=push",
            ])
        #expect(
            try events("bitbucket", #"{"push":{"changes":[]}}"#, ["x-event-key": "repo:push"])
                .isEmpty)
        #expect(
            try events("bitbucket-dc", #"{"changes":[]}"#, ["x-event-key": "repo:refs_changed"])
                .isEmpty)
    }

    @Test func `Gitea's delete is the deletion of a branch or tag, by either name`() throws {
        let fields = ["x-gitea-event": "delete"]
        for ref in ["v1", "refs/tags/v1"] {
            let body = #"{"ref":"\#(ref)","ref_type":"tag"}"#
            #expect(
                try events("gitea", body, fields) == [
                    "tag/deleted ref=refs/tags/v1 created=false deleted=true native=delete"
                ])
        }
        // GitHub's says what its push says too.
        #expect(
            try events("github", #"{"ref":"v1"}"#, ["x-github-event": "delete"]) == [
                "other/- native=delete"
            ])
    }

    @Test func `Azure's merge counts only when it was done`() throws {
        func kind(_ type: String, _ resource: String) throws -> String? {
            try events("azure-devops", #"{"eventType":"\#(type)","resource":{\#(resource)}}"#).first
                .map { String($0.prefix { $0 != " " }) }
        }
        let merged = "git.pullrequest.merged"
        #expect(
            try kind(merged, #""status":"completed","mergeStatus":"succeeded""#) == "change/merged")
        #expect(
            try kind(merged, #""status":"active","mergeStatus":"succeeded""#) == "change/edited")
        #expect(
            try kind(merged, #""status":"completed","mergeStatus":"conflicts""#)
                == "change/edited")
        #expect(
            try kind("git.pullrequest.updated", #""status":"abandoned""#) == "change/closed")
        #expect(try kind("git.pullrequest.updated", #""status":"active""#) == "change/updated")
        // "Resource details to send: none".
        #expect(
            try events("azure-devops", #"{"eventType":"git.push","resource":{}}"#)
                == ["push/- native=git.push"])
    }

    @Test func `odd references and texts are data`() throws {
        for name in [#"a'b\"c"#, "x$(id)`;&|<>", "ünï/😀/日本", "a{b}(c)!#", "%2e%2e"] {
            let body =
                #"{"ref":"refs/heads/\#(name)","before":"\#(zeros)","after":"\#(a)","created":true}"#
            let found = try #require(
                try events("github", body, ["x-github-event": "push"]).first)
            let plain = name.replacing(#"\""#, with: "\"")
            #expect(found.hasPrefix("push/created ref=refs/heads/\(plain) after="))
        }
    }

    @Test func `2,048 commits are as many as GitHub lists, and then nobody knows`() throws {
        func push(_ count: Int) throws -> String? {
            let commits = (0..<count).map { #"{"added":["f\#($0)"]}"# }.joined(separator: ",")
            let body =
                #"{"ref":"refs/heads/x","before":"\#(a)","after":"\#(b)","commits":[\#(commits)]}"#
            return try events("github", body, ["x-github-event": "push"]).first
        }
        #expect(try push(2047)?.contains(" commits=2047 listed=2047 paths=2047 ") == true)
        #expect(try push(2048)?.contains(" listed=2048 paths=2048+ ") == true)
        #expect(try push(2048)?.contains(" commits=") == false)
    }

    @Test func `of repeated members the last counts, and deep nesting has an end`() throws {
        let body =
            #"{"ref":"refs/heads/a","ref":"refs/heads/b","before":"\#(a)","after":"\#(b)"}"#
        #expect(
            try events("github", body, ["x-github-event": "push"]).first?
                .hasPrefix("push/updated ref=refs/heads/b ") == true)
        let deep = { (depth: Int) in
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(try events("github", deep(1000), ["x-github-event": "push"]).count == 1)
        #expect(throws: JSONError.self) { try events("github", deep(1100)) }
    }
}

@Suite struct OtherSenderTests {
    @Test func `chats' commands have a name, words and a channel`() throws {
        let table: [(String, String, String)] = [
            (
                "slack", #"{"command":"/train","text":"a &lt;b&gt; “c d”","channel_id":"C"}"#,
                "command/- command=train args=a <b> \"c d\" channel=C"
            ),
            (
                "mattermost", #"{"command":"/train","text":"a","channel_id":"C"}"#,
                "command/- command=train args=a channel=C"
            ),
            (
                "teams",
                #"{"type":"message","text":"<at>Bot</at>&nbsp;<p>train a &amp; b</p>\n"}"#,
                "command/- command=train args=a & b"
            ),
            (
                "telegram", #"{"update_id":1,"message":{"text":"/train@Bot a","chat":{"id":7}}}"#,
                "command/- edited=false reply=false command=train args=a channel=7"
            ),
            (
                "google-chat",
                #"{"type":"MESSAGE","message":{"argumentText":" train a"},"space":{"name":"s/1"}}"#,
                "command/- command=train args=a channel=s/1"
            ),
            (
                "google-chat",
                #"{"type":"MESSAGE","message":{"argumentText":" a","annotations":"#
                    + #"[{"slashCommand":{"commandName":"/train"}}]}}"#,
                "command/- command=train args=a"
            ),
            (
                "discord",
                #"{"type":2,"data":{"name":"train","options":[{"name":"m","value":"a b"}]}}"#,
                "command/- command=train args=m=\"a b\""
            ),
        ]
        for (type, body, expected) in table {
            let found = try #require(try events(type, body).first)
            #expect(found.hasPrefix(expected), "\(found)")
        }
        #expect(
            try events("telegram", #"{"update_id":1,"edited_message":{"text":"/train"}}"#).first?
                .hasPrefix("comment/edited") == true)
        #expect(
            try events("telegram", #"{"update_id":1,"message":{"text":"hello"}}"#).first?
                .hasPrefix("comment/created") == true)
    }

    @Test func `registries and model hubs have kinds of their own`() throws {
        let table: [(String, String, String)] = [
            ("acr", #"{"action":"push","target":{"repository":"m"}}"#, "artifact/published repo=m"),
            ("acr", #"{"action":"ping"}"#, "ping/-"),
            ("dockerhub", #"{"repository":{"repo_name":"a/b"}}"#, "artifact/published repo=a/b"),
            ("harbor", #"{"type":"PUSH_ARTIFACT"}"#, "artifact/published"),
            ("harbor", #"{"type":"QUOTA_EXCEED"}"#, "other/-"),
            ("mlflow", #"{"entity":"model_version","action":"created"}"#, "model/created"),
            ("mlflow", #"{"entity":"registered_model","action":"deleted"}"#, "model/deleted"),
            ("mlflow", #"{"entity":"prompt","action":"created"}"#, "other/created"),
            ("wandb", #"{"event_type":"LINK_MODEL"}"#, "model/linked"),
            ("wandb", #"{"event_type":"CREATE_ARTIFACT_VERSION"}"#, "artifact/created"),
            ("label-studio", #"{"action":"ANNOTATION_UPDATED"}"#, "dataset/updated"),
            ("label-studio", #"{"action":"START_TRAINING"}"#, "dataset/start_training"),
            ("github", #"{"action":"published"}"#, "artifact/published"),
            ("hmac", #"{"type":"x","action":"y"}"#, "other/y native=x native.action=y"),
        ]
        for (type, body, expected) in table {
            let fields = type == "github" ? ["x-github-event": "registry_package"] : [:]
            #expect(try events(type, body, fields).first?.hasPrefix(expected) == true, "\(body)")
        }
    }

    @Test func `Hugging Face's references are an event each`() throws {
        let body =
            #"{"event":{"action":"update","scope":"repo.content"},"#
            + #""repo":{"type":"dataset","name":"o/d"},"updatedRefs":["#
            + #"{"ref":"refs/heads/main","oldSha":"\#(a)","newSha":"\#(b)"},"#
            + #"{"ref":"refs/tags/v1","oldSha":null,"newSha":"\#(b)"}]}"#
        let found = try events("huggingface", body)
        #expect(found.count == 2)
        #expect(
            found[0].hasPrefix(
                "dataset/updated ref=refs/heads/main before=aaaaaaaa after=bbbbbbbb"))
        #expect(found[1].hasPrefix("dataset/created ref=refs/tags/v1 after=bbbbbbbb created=true"))
        #expect(
            try events(
                "huggingface",
                #"{"event":{"action":"create","scope":"repo"},"repo":{"type":"model"}}"#
            ).first?.hasPrefix("model/created") == true)
    }

    @Test func `a batch of CloudEvents is an event each`() throws {
        let change =
            #"{"specversion":"1.0","id":"1","source":"/s","type":"dev.cdevents.change.merged.0.9.1","#
            + #""data":{"subject":{"id":"12","content":{"repository":{"id":"o/r"}}}}}"#
        let other = #"{"specversion":"1.0","id":"2","source":"/s","type":"com.example"}"#
        let batch = ["content-type": "application/cloudevents-batch+json"]
        #expect(
            try events("cloudevents", "[\(change),\(other)]", batch) == [
                "change/merged number=12 state=merged repo=o/r"
                    + " native=dev.cdevents.change.merged.0.9.1", "other/- native=com.example",
            ])
        #expect(try events("cloudevents", "{}", batch).isEmpty)
    }
}
