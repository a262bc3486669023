import HTTPClient
import Rules
import Webhook

/// Reads the public keys of a sender's tokens: a JSON Web Key Set in a file or behind a URL.
struct KeySetReader {
    /// What relative paths are relative to: empty, or ending in a slash.
    let folder: String
    let problems: ProblemList
    /// Gets the paths of the files that keys were read from, and the key sets behind URLs.
    let files: WatchedFiles
    let proxies: ProxySettings

    func keys(_ node: YAMLNode) -> CurrentKeySet? {
        guard let text = node.text("a key set's path or URL", problems) else { return nil }
        return text.contains("://") ? remote(text, node) : read(text, node)
    }

    private func read(_ path: String, _ node: YAMLNode) -> CurrentKeySet? {
        let full = path.hasPrefix("/") ? path : folder + path
        files.note(full)
        do throws(RulesError) {
            let content = try RulePaths.read(full, bytesMax: RemoteKeySet.bytesMax)
            if let keys = KeySet(content) { return CurrentKeySet(keys) }
            problems.report(node.place, RemoteKeySet.expectation)
        } catch {
            problems.report(node.place, "\(error)")
        }
        return nil
    }

    /// A server that does not answer is no fault of the configuration, and nothing waits for it
    /// here: until the keys have come, this source refuses what it cannot check.
    private func remote(_ url: String, _ node: YAMLNode) -> CurrentKeySet? {
        let isLoopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
            url == $0 || url.hasPrefix($0 + ":") || url.hasPrefix($0 + "/")
        }
        guard url.hasPrefix("https://") || isLoopback else {
            problems.report(node.place, "keys must come by https, or from this machine")
            return nil
        }
        let keySet = RemoteKeySet.at(
            url, node.place, allowsPlainHTTP: isLoopback, proxy: proxies.proxy(for: url))
        files.note(keySet)
        return keySet.current
    }
}
