import CEL
import Events
import JSON
import Testing

/// The event of a GitHub comment with this text.
private func event(
    _ text: String, action: String = "created", type: String = "User"
) throws -> Event {
    var writer = JSONWriter()
    writer.beginObject()
    writer.member("action", action)
    writer.name("issue")
    writer.raw(Array(#"{"number":7,"pull_request":{}}"#.utf8))
    writer.name("comment")
    writer.beginObject()
    writer.member("body", text)
    writer.name("user")
    writer.raw(Array(#"{"id":1,"type":"\#(type)"}"#.utf8))
    writer.member("author_association", "MEMBER")
    writer.endObject()
    writer.name("sender")
    writer.raw(Array(#"{"id":1,"login":"ada","type":"\#(type)"}"#.utf8))
    writer.endObject()
    let sender = try #require(Sender.all["github"])
    let delivery = Delivery(
        source: "s", deliveryID: "d",
        headers: FieldDictionary(["x-github-event": "issue_comment"]), query: FieldDictionary(),
        body: try JSONDocument(parsing: writer.bytes).root, receivedAtMilliseconds: 0,
        clientAddress: "")
    return try #require(sender.normalise(delivery).first)
}

private func command(_ text: String) throws -> String? {
    guard let value = try event(text).member("command"), !value.isNull else { return nil }
    guard case .object(let command) = value else { return nil }
    var writer = JSONWriter()
    writer.beginArray()
    for name in ["name", "args", "argv", "params"] {
        try (command.member(name) ?? .null).write(to: &writer)
    }
    writer.endArray()
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite struct CommandTests {
    @Test func `a comment's first line may be a command with words and parameters`() throws {
        let table: [(String, String)] = [
            (
                "/train churn lr=0.1 note='two words' \"a b\"",
                #"["train","churn lr=0.1 note='two words' \"a b\"","#
                    + #"["churn","lr=0.1","note=two words","a b"],{"lr":"0.1","note":"two words"}]"#
            ), ("/train", #"["train","",[],{}]"#), ("/train\r\nthanks", #"["train","",[],{}]"#),
            (
                "\n \r\n\t\n/train \t x=1 x=2 \nmore",
                #"["train","x=1 x=2",["x=1","x=2"],{"x":"2"}]"#
            ),
            (
                #"/t a="b \" \\ c" 'it''s'"#,
                #"["t","a=\"b \\\" \\\\ c\" 'it''s'","#
                    + #"["a=b \" \\ c","its"],{"a":"b \" \\ c"}]"#
            ), ("/train \"open", #"["train","\"open",["open"],{}]"#),
            ("/t $(rm) `x` ;&|", #"["t","$(rm) `x` ;&|",["$(rm)","`x`",";&|"],{}]"#),
            // Only line breaks that are one end the line.
            ("/t a\u{2028}b\u{0B}c", "[\"t\",\"a\u{2028}b\\u000bc\",[\"a\",\"b\",\"c\"],{}]"),
            ("/t =a b=", #"["t","=a b=",["=a","b="],{"b":""}]"#),
        ]
        for (text, expected) in table { #expect(try command(text) == expected) }
    }

    @Test(arguments: [
        "please /train", "> /train", "```\n/train\n```", "/", "/ train", "//train", "/etc/passwd",
        "/1train", "", " ", "-/train", "/train<!-- hookline -->", "x\n/train",
        "/train/me", " /train", "    /train x", "\t/train", "\u{A0}/train", "/train\u{A0}x",
        "\u{2028}/train", "/train\u{2028}x",
    ])
    func `other texts are none`(_ text: String) throws {
        #expect(try command(text) == nil)
    }

    @Test func `a message's command ends at any white space`() throws {
        func command(_ text: String) throws -> String? {
            let sender = try #require(Sender.all["telegram"])
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("message")
            writer.beginObject()
            writer.member("text", text)
            writer.endObject()
            writer.endObject()
            let delivery = Delivery(
                source: "s", deliveryID: "d", headers: FieldDictionary(), query: FieldDictionary(),
                body: try JSONDocument(parsing: writer.bytes).root, receivedAtMilliseconds: 0,
                clientAddress: "")
            let event = try #require(sender.normalise(delivery).first)
            guard event.kind == .command else { return nil }
            return summary(event)
        }
        for text in ["/train lr=1", "/train\nlr=1", "/train@Bot\r\nlr=1", "/train\u{A0}lr=1 \n"] {
            #expect(try command(text)?.contains("command=train args=lr=1 ") == true, "\(text)")
        }
        #expect(try command("/train\nlr=1\nn=2")?.contains("args=lr=1\nn=2") == true)
    }

    @Test func `a command's line has a longest length`() throws {
        let longest = "/t " + String(repeating: "a", count: 4093)
        #expect(try command(longest) != nil)
        #expect(try command(longest + "ab") == nil)
    }

    @Test func `edited and bots' comments carry no command`() throws {
        #expect(try event("/train").member("command")?.isNull == false)
        #expect(try event("/train", action: "edited").member("command")?.isNull == true)
        #expect(try event("/train", action: "deleted").member("command")?.isNull == true)
        #expect(try event("/train", type: "Bot").member("command")?.isNull == true)
    }

    @Test func `who commands and what he is to the repository are there for the rule`() throws {
        let text = summary(try event("/train churn"))
        #expect(
            text
                == "comment/created number=7 code=false on=change edited=false association=MEMBER"
                + " command=train args=churn actor=ada actor.id=1 is=user native=issue_comment"
                + " native.action=created")
    }
}
