import Testing

@testable import Intake

@Suite struct IdentifierTests {
    @Test func `a delivery is known by the sender's own id`() {
        #expect(
            Identifier.delivery(
                source: "github", deliveryID: "72d3162e-cc78-11e3-81ab-4c9367dc0958")
                == "github~72d3162e-cc78-11e3-81ab-4c9367dc0958")
        let longest = String(repeating: "a", count: 64)
        #expect(Identifier.delivery(source: "s", deliveryID: longest) == "s~\(longest)")
    }

    @Test(arguments: ["", "a/b", "a~b", "é", "a b", String(repeating: "a", count: 65), "\u{0}"])
    func `an id that does not fit a path is hashed`(text: String) {
        let id = Identifier.delivery(source: "s", deliveryID: text)
        #expect(id.hasPrefix("s~~"))
        #expect(id.utf8.count == 35)
        #expect(id.dropFirst(3).allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(id == Identifier.delivery(source: "s", deliveryID: text))
    }

    @Test func `no two deliveries have the same id`() {
        let ids = [("a", "b.c"), ("a.b", "c"), ("a", ""), ("b", "a"), ("a", "b")].map {
            Identifier.delivery(source: $0.0, deliveryID: $0.1)
        }
        #expect(Set(ids).count == ids.count)
    }

    @Test func `a start is known by delivery, event and rule, or by its rule's own token`() {
        #expect(
            Identifier.start(delivery: "github~1", eventIndex: 2, rule: "retrain")
                == "github~1~2~retrain")
        let own = Identifier.start(ownToken: "nightly")
        #expect(own.hasPrefix("~") && own.utf8.count == 33)
        #expect(own != Identifier.start(ownToken: "hourly"))
        #expect(Identifier.isOfOwnToken(own))
        #expect(
            !Identifier.isOfOwnToken(
                Identifier.start(delivery: "github~~1", eventIndex: 0, rule: "r")))
    }
}
