import ArgumentParser
import Events
import Rules

/// What of a delivery is no payload, as a command line gives it.
struct SampleOptions: ParsableArguments {
    @Option(help: "A header field, \"Name: value\"; repeat it for more.")
    var header: [String] = []

    @Option(help: "The query of the request's target: \"a=1&b=2\".")
    var query: String?

    @Option(help: "The client's address (default: 127.0.0.1).")
    var client: String?

    @Option(help: "The subject of the client's certificate, with mTLS.")
    var clientSubject: String?

    @Option(help: "A name in the client's certificate; repeat it for more.")
    var clientName: [String] = []

    var isEmpty: Bool {
        header.isEmpty && query == nil && client == nil && clientSubject == nil
            && clientName.isEmpty
    }

    func validate() throws {
        if clientSubject == nil, !clientName.isEmpty {
            throw ValidationError("--client-name needs --client-subject")
        }
    }

    /// - Throws: ``Exit`` for a header field that is none.
    func circumstances() throws -> SampleDelivery.Circumstances {
        SampleDelivery.Circumstances(
            fields: try headerFields(header), query: Array((query ?? "").utf8),
            client: RuleTest.Client(
                address: client, subject: clientSubject, names: clientName))
    }
}
