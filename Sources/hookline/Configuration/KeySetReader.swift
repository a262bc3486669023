import HTTPClient
import Rules
import Webhook

/// Reads the public keys of a sender's tokens: a JSON Web Key Set in a file or behind a URL.
struct KeySetReader {
    /// What relative paths are relative to: empty, or ending in a slash.
    let folder: String
    let problems: ProblemList
    /// Gets the paths of the files that keys were read from.
    let files: WatchedFiles
    let proxies: ProxySettings

    private static let keySetBytesMax = 256 << 10

    func keys(_ node: YAMLNode) -> KeySet? {
        guard let text = node.text("a key set's path or URL", problems) else { return nil }
        guard let content = text.contains("://") ? fetch(text, node) : read(text, node) else {
            return nil
        }
        guard let keys = KeySet(content) else {
            problems.report(
                node.place, "expected a JSON Web Key Set with an RSA key of 2048 bits or more")
            return nil
        }
        return keys
    }

    private func read(_ path: String, _ node: YAMLNode) -> [UInt8]? {
        let full = path.hasPrefix("/") ? path : folder + path
        files.note(full)
        do throws(RulesError) {
            return try RulePaths.read(full, bytesMax: Self.keySetBytesMax)
        } catch {
            problems.report(node.place, "\(error)")
            return nil
        }
    }

    private func fetch(_ url: String, _ node: YAMLNode) -> [UInt8]? {
        let isLoopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
            url == $0 || url.hasPrefix($0 + ":") || url.hasPrefix($0 + "/")
        }
        guard url.hasPrefix("https://") || isLoopback else {
            problems.report(node.place, "keys must come by https, or from this machine")
            return nil
        }
        files.noteRemote()
        var request = ClientRequest(id: 1, method: .get, url: url)
        request.allowsPlainHTTP = isLoopback
        request.timeout = .seconds(10)
        request.replyBytesMax = Self.keySetBytesMax
        request.proxy = proxies.proxy(for: url)
        do {
            let reply = try send(request)
            guard reply.status == 200 else {
                problems.report(node.place, "the keys' server answered \(reply.status)")
                return nil
            }
            return reply.content
        } catch {
            problems.report(node.place, "the keys cannot be fetched: \(error)")
            return nil
        }
    }
}
