/// Why something is not a value, a model or a name of the SageMaker API.
package enum SageMakerAPIError: Error, Equatable, CustomStringConvertible {
    /// The JSON has a kind that AWS's JSON protocol has no place for here.
    case unusableJSON(path: String, expected: String)
    /// One object names a member twice.
    case repeatedMember(path: String)
    /// Lists and structures are nested deeper than any request of the API.
    case tooDeep(limit: Int)
    /// The API model cannot be read.
    case brokenModel(reason: String)

    package var description: String {
        switch self {
        case .unusableJSON(let path, let expected): "\(path): expected \(expected)"
        case .repeatedMember(let path): "\(path): is given twice"
        case .tooDeep(let limit): "the request is nested deeper than \(limit) levels"
        case .brokenModel(let reason): "the API model is broken: \(reason)"
        }
    }
}
