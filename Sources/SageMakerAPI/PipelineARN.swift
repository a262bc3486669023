/// The Amazon resource name of a pipeline:
/// `arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training`.
package struct PipelineARN: Sendable, Equatable {
    package let partition: String
    package let region: String
    /// Twelve digits, or `aws` for a pipeline that AWS manages.
    package let account: String
    /// The pipeline's name.
    package let name: String

    /// Whether AWS manages it.
    package var isManaged: Bool { account == "aws" }

    /// Nil for a text that is no such name.
    package init?(_ text: String) {
        guard let parts = ARNParts(text),
            parts.hasAccount || parts.account.elementsEqual("aws".utf8),
            parts.steps.count == 2, parts.steps.allSatisfy({ !$0.isEmpty })
        else { return nil }
        partition = String(decoding: parts.partition, as: UTF8.self)
        region = String(decoding: parts.region, as: UTF8.self)
        account = String(decoding: parts.account, as: UTF8.self)
        name = String(decoding: parts.steps[1], as: UTF8.self)
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
        guard let parts = ARNParts(text), parts.hasAccount, parts.steps.count == 4,
            parts.steps.allSatisfy({ !$0.isEmpty }), parts.steps[2].elementsEqual("execution".utf8)
        else { return nil }
        partition = String(decoding: parts.partition, as: UTF8.self)
        region = String(decoding: parts.region, as: UTF8.self)
        account = String(decoding: parts.account, as: UTF8.self)
        pipelineName = String(decoding: parts.steps[1], as: UTF8.self)
        executionID = String(decoding: parts.steps[3], as: UTF8.self)
    }
}

/// The parts of a SageMaker resource name that begins with `pipeline`, checked one by one.
///
/// An array's bytes and neither characters nor a string's: every start's reply is read with it.
private struct ARNParts {
    typealias Part = ArraySlice<UInt8>

    let partition: Part
    let region: Part
    let account: Part
    /// What the resource's slashes part; the first is `pipeline`.
    let steps: [Part]

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        // The model's bound for every ARN of a pipeline.
        guard bytes.count <= 2048, bytes.allSatisfy(\.isVisible) else { return nil }
        let parts = bytes.split(
            separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].elementsEqual("arn".utf8),
            parts[1].starts(with: "aws".utf8),
            parts[1].allSatisfy({ $0.isLowercaseLetter || $0 == UInt8(ascii: "-") }),
            parts[2].elementsEqual("sagemaker".utf8), !parts[3].isEmpty,
            parts[3].allSatisfy({ $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") })
        else { return nil }
        partition = parts[1]
        region = parts[3]
        account = parts[4]
        steps = parts[5].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard steps[0].elementsEqual("pipeline".utf8) else { return nil }
    }

    var hasAccount: Bool { account.count == 12 && account.allSatisfy(\.isDigit) }
}

extension UInt8 {
    fileprivate var isVisible: Bool { self > 0x20 && self < 0x7F }
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    fileprivate var isLowercaseLetter: Bool {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z")
    }
}
