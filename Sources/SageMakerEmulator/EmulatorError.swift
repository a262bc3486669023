/// Why a fault script or an option is refused. A path within a script is that of its JSON:
/// `faults[2].times`.
package enum EmulatorError: Error, Equatable, CustomStringConvertible {
    case malformedScript(reason: String)
    /// A member that no entry has.
    case unknownMember(path: String, expected: String)
    /// A value that this member cannot have.
    case unusableValue(path: String, expected: String)
    case tooManyFaults(limit: Int)
    case tooManyPipelines(limit: Int)

    package var description: String {
        switch self {
        case .malformedScript(let reason): "the file is \(reason)"
        case .tooManyPipelines(let limit): "the file has more than \(limit) pipelines"
        case .unknownMember(let path, let expected): "\(path): unknown; expected \(expected)"
        case .unusableValue(let path, let expected): "\(path): expected \(expected)"
        case .tooManyFaults(let limit): "the fault script has more than \(limit) entries"
        }
    }
}
