import HTTPClient
import Rules
import Synchronization
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

    /// What was fetched last, by URL: it stays in force while its server does not answer.
    private static let fetched = Mutex<[String: KeySet]>([:])

    func keys(_ node: YAMLNode) -> KeySet? {
        guard let text = node.text("a key set's path or URL", problems) else { return nil }
        return text.contains("://") ? fetched(text, node) : read(text, node)
    }

    private func read(_ path: String, _ node: YAMLNode) -> KeySet? {
        let full = path.hasPrefix("/") ? path : folder + path
        files.note(full)
        do throws(RulesError) {
            let content = try RulePaths.read(full, bytesMax: Self.keySetBytesMax)
            if let keys = KeySet(content) { return keys }
            problems.report(node.place, Self.expectation)
        } catch {
            problems.report(node.place, "\(error)")
        }
        return nil
    }

    private static let expectation =
        "expected a JSON Web Key Set with an RSA key of 2048 bits or more"

    /// A server that does not answer is no fault of the configuration: the other sources go on, and
    /// this one refuses what it cannot check.
    private func fetched(_ url: String, _ node: YAMLNode) -> KeySet? {
        let isLoopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
            url == $0 || url.hasPrefix($0 + ":") || url.hasPrefix($0 + "/")
        }
        guard url.hasPrefix("https://") || isLoopback else {
            problems.report(node.place, "keys must come by https, or from this machine")
            return nil
        }
        files.noteRemote()
        switch fetch(url, isLoopback: isLoopback) {
        case .success(let keys):
            Self.fetched.withLock { $0[url] = keys }
            return keys
        case .failure(let fault):
            let earlier = Self.fetched.withLock { $0[url] }
            let consequence =
                earlier == nil
                ? "every request of this source is refused until they come"
                : "those of before stay in force"
            files.note(missing: "\(node.place): \(fault.text); \(consequence)")
            return earlier ?? KeySet.none
        }
    }

    private struct Fault: Error {
        let text: String
    }

    private func fetch(_ url: String, isLoopback: Bool) -> Result<KeySet, Fault> {
        var request = ClientRequest(id: 1, method: .get, url: url)
        request.allowsPlainHTTP = isLoopback
        request.timeout = .seconds(10)
        request.replyBytesMax = Self.keySetBytesMax
        request.proxy = proxies.proxy(for: url)
        do {
            let reply = try send(request)
            guard reply.status == 200 else {
                return .failure(Fault(text: "the keys' server answered \(reply.status)"))
            }
            guard let keys = KeySet(reply.content) else {
                return .failure(Fault(text: "the keys' server: \(Self.expectation)"))
            }
            return .success(keys)
        } catch {
            return .failure(Fault(text: "the keys cannot be fetched: \(error)"))
        }
    }
}
