/// Why rule files or a configuration cannot be used.
package enum RulesError: Error, Equatable, CustomStringConvertible {
    /// All that is wrong, in the order of the files and of the places in them, and how many problems
    /// more there are than ``RulesLimits/problemsMax``.
    case refused([Problem], omitted: Int)
    /// A file cannot be read; the reason is the system's.
    case unreadable(path: String, reason: String)
    /// A file is longer than the limit.
    case fileTooLong(path: String, limitBytes: Int)

    package var description: String {
        switch self {
        case .refused(let problems, let omitted):
            (problems.map(\.description) + (omitted > 0 ? ["and \(omitted) more"] : []))
                .joined(separator: "\n")
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .fileTooLong(let path, let limit): "\(path): is longer than \(limit) bytes"
        }
    }
}
