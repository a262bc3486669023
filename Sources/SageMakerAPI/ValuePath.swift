/// The way to a value within a request: `PipelineParameters[3].Value`.
struct ValuePath: CustomStringConvertible {
    private(set) var description: String

    init(_ text: String = "") { description = text }

    func appending(member name: String) -> ValuePath {
        let name = printable(name)
        return ValuePath(description.isEmpty ? name : "\(description).\(name)")
    }

    func appending(index: Int) -> ValuePath { ValuePath("\(description)[\(index)]") }
}

/// A foreign text as a message may repeat it: on one line, and shortened.
func printable(_ text: String) -> String {
    var printed = ""
    for (position, scalar) in text.unicodeScalars.enumerated() {
        if position == SageMakerAPILimits.quotedMax { return printed + "…" }
        printed += scalar.isPrintable ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return printed
}

extension Unicode.Scalar {
    /// False for what moves a terminal's cursor or its text direction.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            false
        default: true
        }
    }
}
