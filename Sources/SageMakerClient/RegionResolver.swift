internal import SageMakerAPI

/// Finds the region that a request goes to.
///
/// The rule's own, else that of the pipeline's ARN, else the configuration's, else AWS_REGION,
/// else AWS_DEFAULT_REGION, else the profile's.
package struct RegionResolver: Sendable {
    /// The region of requests that name none, or nil.
    package let fallback: String?

    /// - Parameter configured: The configuration's `aws.region`.
    /// - Throws: ``SageMakerClientError/invalidRegion(source:)``.
    package init(
        configured: String?, environment: [String: String], shared: SharedConfiguration?
    ) throws(SageMakerClientError) {
        let candidates = [
            ("aws.region", configured), ("AWS_REGION", environment.value("AWS_REGION")),
            ("AWS_DEFAULT_REGION", environment.value("AWS_DEFAULT_REGION")),
            ("region of profile \(shared?.profile ?? "")", shared?.value("region")),
        ]
        guard let (source, region) = candidates.first(where: { $0.1 != nil }) else {
            fallback = nil
            return
        }
        fallback = try checked(region ?? "", from: source)
    }

    /// The region of one request.
    /// - Parameters:
    ///   - rule: The region that the rule names, if any.
    ///   - pipeline: The request's PipelineName: a name or an ARN.
    /// - Throws: ``SageMakerClientError`` where the rule and the ARN differ, a region is malformed,
    ///   or there is none.
    package func region(
        rule: String?, pipeline: String
    ) throws(SageMakerClientError) -> String {
        let named = PipelineARN(pipeline)?.region
        if let rule {
            let rule = try checked(rule, from: "region")
            if let named, named != rule { throw .regionMismatch(rule: rule, pipeline: named) }
            return rule
        }
        if let region = named ?? fallback { return region }
        throw .noRegion(lookedAt: [
            "the rule's region", "the pipeline's ARN", "aws.region", "AWS_REGION",
            "AWS_DEFAULT_REGION", "the profile's region",
        ])
    }
}

private func checked(
    _ region: String, from source: String
) throws(SageMakerClientError) -> String {
    guard isRegion(region) else { throw .invalidRegion(source: source) }
    return region
}
