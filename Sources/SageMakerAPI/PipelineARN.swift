/// The Amazon resource name of a pipeline:
/// `arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training`.
package struct PipelineARN: Sendable, Equatable {
    package let partition: String
    package let region: String
    /// Twelve digits, or `aws` for a pipeline that AWS manages.
    package let account: String
    /// The pipeline's name.
    package let name: String

    /// Nil for a text that is no such name.
    package init?(_ text: String) {
        guard let parts = ARNParts(text), parts.hasAccount || parts.account == "aws",
            let name = parts.resource.removing(prefix: "pipeline/"), !name.contains("/")
        else { return nil }
        partition = String(parts.partition)
        region = String(parts.region)
        account = String(parts.account)
        self.name = String(name)
    }
}

/// The Amazon resource name of one execution of a pipeline:
/// `arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training/execution/abcdefghijkl`.
package struct PipelineExecutionARN: Sendable, Equatable {
    package let partition: String
    package let region: String
    /// Twelve digits.
    package let account: String
    /// The pipeline's name.
    package let pipelineName: String
    /// The execution's own identifier.
    package let executionID: String

    /// Nil for a text that is no such name.
    package init?(_ text: String) {
        guard let parts = ARNParts(text), parts.hasAccount,
            let path = parts.resource.removing(prefix: "pipeline/")
        else { return nil }
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count == 3, steps[1] == "execution", !steps[0].isEmpty, !steps[2].isEmpty
        else { return nil }
        partition = String(parts.partition)
        region = String(parts.region)
        account = String(parts.account)
        pipelineName = String(steps[0])
        executionID = String(steps[2])
    }
}

/// The parts of a SageMaker resource name, checked one by one.
private struct ARNParts {
    let partition: Substring
    let region: Substring
    let account: Substring
    let resource: Substring

    init?(_ text: String) {
        // The model's bound for every ARN of a pipeline.
        guard text.utf8.count <= 2048, text.utf8.starts(with: "arn:".utf8),
            text.utf8.allSatisfy(\.isVisible)
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"),
            parts[1].utf8.allSatisfy({ $0.isLowercaseLetter || $0 == UInt8(ascii: "-") }),
            parts[2] == "sagemaker", !parts[3].isEmpty,
            parts[3].utf8.allSatisfy({
                $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        partition = parts[1]
        region = parts[3]
        account = parts[4]
        resource = parts[5]
    }

    var hasAccount: Bool { account.utf8.count == 12 && account.utf8.allSatisfy(\.isDigit) }
}

extension Substring {
    /// What follows a prefix, or nil where it is missing or nothing follows.
    fileprivate func removing(prefix: String) -> Substring? {
        guard hasPrefix(prefix), utf8.count > prefix.utf8.count else { return nil }
        return dropFirst(prefix.count)
    }
}

extension UInt8 {
    fileprivate var isVisible: Bool { self > 0x20 && self < 0x7F }
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    fileprivate var isLowercaseLetter: Bool {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z")
    }
}
