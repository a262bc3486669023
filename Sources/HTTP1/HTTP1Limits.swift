/// Bounds on one request's head and framing. Sizes are in bytes.
package struct HTTP1Limits: Sendable, Equatable {
    /// The longest request target; nginx and Apache stop at 8 KiB too.
    package var targetBytesMax = 8 << 10
    /// The largest header section, its line ends included; h11 and Node stop at 16 KiB too.
    package var headerBytesMax = 16 << 10
    /// The most field lines in a header section; Apache's LimitRequestFields is 100 too.
    package var fieldsMax = 100
    /// The largest trailer section.
    package var trailerBytesMax = 4 << 10
    /// The longest method; the longest registered one, UPDATEREDIRECTREF, has 17.
    package static let methodBytesMax = 32
    /// The longest line of a chunk's size and extensions.
    package static let chunkLineBytesMax = 256
    /// The most bytes of chunk lines beyond ``chunkLineBytesAllowed`` for each chunk and one for each
    /// of its bytes: against endless framing of little content.
    package static let chunkExcessBytesMax = 16 << 10
    /// What a chunk's line may be long without counting as excess.
    package static let chunkLineBytesAllowed = 16

    package init() {}
}
