package import EventPoll
internal import Glibc

/// Finds and reads files that a configuration names.
package enum RulePaths {
    /// Whether a path has `*`, `?` or `[`, and so may name any number of files.
    package static func isPattern(_ path: String) -> Bool {
        path.utf8.contains { byte in
            byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
        }
    }

    /// The files that a pattern names, sorted.
    ///
    /// `*`, `?` and `[…]` are those of fnmatch(3) and match no hidden names; `**` is any number
    /// of directories, but no symbolic links to some, which could lead around in a circle. A path
    /// that is no pattern is given back as it is, whether it exists or not; so is what a pattern
    /// names but cannot be read, a broken link or a closed directory, since its reader says why.
    package static func files(matching pattern: String) -> [String] {
        guard isPattern(pattern) else { return [pattern] }
        let isAbsolute = pattern.hasPrefix("/")
        let steps = pattern.split(separator: "/").map(String.init)
        var search = Search()
        search.find(steps[...], in: isAbsolute ? "/" : "")
        return search.found.sorted()
    }

    /// The content of a file that a configuration names, or a command line.
    /// - Throws: ``RulesError/unreadable(path:reason:)``,
    ///   ``RulesError/fileTooLong(path:limitBytes:)``
    package static func read(
        _ path: String, bytesMax: Int, from origin: FileOrigin = .regular
    ) throws(RulesError) -> [UInt8] {
        do throws(FileError) {
            return try fileContent(path, bytesMax: bytesMax, from: origin)
        } catch {
            switch error {
            case .tooLong(let limit): throw .fileTooLong(path: path, limitBytes: limit)
            case .missing, .system, .notRegular:
                throw .unreadable(path: path, reason: error.description)
            }
        }
    }
}

/// One search for the files of a pattern.
private struct Search {
    private(set) var found: Set<String> = []

    mutating func find(_ steps: ArraySlice<String>, in directory: String) {
        guard let step = steps.first, found.count <= RulesLimits.filesMax else { return }
        let rest = steps.dropFirst()
        if step == "**" {
            find(rest, in: directory)
            for name in entries(of: directory) where !name.hasPrefix(".") {
                let path = directory + name
                if kind(of: path, followsLinks: false) == S_IFDIR { find(steps, in: path + "/") }
            }
        } else if RulePaths.isPattern(step) {
            for name in entries(of: directory) where fnmatch(step, name, FNM_PERIOD) == 0 {
                descend(to: directory + name, rest)
            }
        } else {
            descend(to: directory + step, rest)
        }
    }

    private mutating func descend(to path: String, _ rest: ArraySlice<String>) {
        let kind = kind(of: path, followsLinks: true)
        if rest.isEmpty {
            // A link to nowhere is a file that somebody misses.
            let isBroken = kind == nil && self.kind(of: path, followsLinks: false) == S_IFLNK
            if isBroken || kind.map({ $0 != S_IFDIR }) == true { found.insert(path) }
        } else if kind == S_IFDIR {
            find(rest, in: path + "/")
        }
    }

    private mutating func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory.isEmpty ? "." : directory) else {
            if errno != ENOENT, errno != ENOTDIR { found.insert(directory) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The kind of file, as stat(2) has it; nil for what is not there.
    private func kind(of path: String, followsLinks: Bool) -> mode_t? {
        var status = stat()
        let result = followsLinks ? stat(path, &status) : lstat(path, &status)
        return result == 0 ? status.st_mode & S_IFMT : nil
    }
}
