import Foundation
import TestSupport

/// A reply as it came over the wire.
struct WireReply {
    let text: String
    /// Whether the connection ended before the reply was whole.
    let wasCut: Bool
    /// Whether it ended by a reset.
    let wasReset: Bool

    init(_ text: String, wasCut: Bool = false, wasReset: Bool = false) {
        self.text = text
        self.wasCut = wasCut
        self.wasReset = wasReset
    }

    var status: Int? { Int(text.dropFirst("HTTP/1.1 ".count).prefix(3)) }

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }

    var content: String {
        text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
    }

    private var head: Substring {
        text.range(of: "\r\n\r\n").map { text[..<$0.lowerBound] } ?? text[...]
    }
}

extension LoopbackClient {
    /// Reads one reply, or what comes of it until the connection ends.
    func receive() -> WireReply {
        let text = receiveResponse()
        return WireReply(text, wasCut: wasCut, wasReset: wasReset)
    }
}
