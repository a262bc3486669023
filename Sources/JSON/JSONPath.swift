/// The names of members one within another, such as `repository`, `full_name`.
package final class JSONPath: Sendable {
    /// At least one name.
    package let names: [String]
    // Never written after its making, and freed with this object.
    nonisolated(unsafe) private let bytes: UnsafeMutableBufferPointer<UInt8>
    nonisolated(unsafe) let keys: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>>

    package init(_ names: [String]) {
        self.names = names
        bytes = .allocate(capacity: names.reduce(0) { $0 + $1.utf8.count })
        keys = .allocate(capacity: names.count)
        var start = 0
        for (position, name) in names.enumerated() {
            let end = bytes[start...].initialize(fromContentsOf: name.utf8)
            keys.initializeElement(
                at: position, to: UnsafeBufferPointer(rebasing: bytes[start..<end]))
            start = end
        }
    }

    deinit {
        bytes.deallocate()
        keys.deallocate()
    }
}
