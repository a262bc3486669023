import ArgumentParser
import Intake

/// The payload that a command tries rules with.
struct SampleOptions: ParsableArguments {
    @Option(help: "The source that the payload came to.")
    var source: String

    @Option(help: "A file with the payload.")
    var payload: String

    @Option(help: "A header field, \"Name: value\"; repeat it for more.")
    var header: [String] = []

    /// The payload as a delivery to the source; says what was guessed.
    func delivery(to source: Source) throws -> SampleDelivery {
        let sample = try SampleDelivery(
            path: payload, source: source, fields: try headerFields(header))
        if let note = sample.note { printError("note: \(note)") }
        return sample
    }
}
