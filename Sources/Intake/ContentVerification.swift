internal import HTTPServer
internal import Webhook

/// The check of a request whose content comes in pieces: each is taken when it comes, so that a
/// large one costs no pause at its end.
final class ContentVerification: ContentReader {
    let verification: any Verification
    /// Which of its handler's sets of sources it was begun with.
    let generation: Int

    init(_ verification: any Verification, generation: Int) {
        self.verification = verification
        self.generation = generation
    }

    func receive(_ piece: UnsafeRawBufferPointer) { verification.update(piece) }
}
