import Foundation
import HTTP1
import OpenSSLCrypto
import Testing
import Webhook

/// A request's head with these fields.
func head(
    _ fields: [(name: String, value: String)], method: String = "POST", target: String = "/hooks/x"
) throws -> RequestHead {
    let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    let text = "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
    var parser = RequestParser()
    let (step, _) = try Array(text.utf8).withUnsafeBytes { try parser.next($0) }
    guard case .head(let head) = step else { throw SignatureError.malformed }
    return head
}

extension Verifier {
    func verify(
        _ fields: [(name: String, value: String)], _ content: [UInt8], at now: Int64,
        method: String = "POST", target: String = "/hooks/x"
    ) throws -> Verified {
        let head = try head(fields, method: method, target: target)
        return try content.withUnsafeBytes {
            try verify(head, content: $0, atMilliseconds: now)
        }
    }
}

/// Files that are not part of the project and may be beside it.
enum SharedData {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data")

    static var isThere: Bool {
        FileManager.default.fileExists(
            atPath: folder.appending(path: "webhook-vectors.json").path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    static func object(_ path: String) throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Data(try bytes(path)))
        return json as? [String: Any] ?? [:]
    }
}
