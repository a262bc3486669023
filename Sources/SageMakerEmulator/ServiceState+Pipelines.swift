internal import JSON

// Pipelines: which there are, and what is known of each.

/// What a ClientRequestToken has created.
struct CreationUse: Sendable {
    let digest: [UInt8]
    let pipelineARN: String
}

extension ServiceState {
    func checkExists(_ pipeline: PipelineID) throws(ServiceRefusal) {
        guard options.hasPipeline(pipeline.name) else {
            throw .resourceNotFound(reason: "Pipeline '\(pipeline.name)' does not exist.")
        }
    }

    func check(
        _ alias: String?, of pipeline: PipelineID, _ region: String
    ) throws(ServiceRefusal) {
        let key = EmulatedPipeline.Key(region: region, pipeline: pipeline)
        guard let alias, !self.pipeline(key, at: 0).hasAlias(alias) else { return }
        throw .resourceNotFound(
            reason: "Pipeline '\(pipeline.name)' has no version with the alias '\(alias)'.")
    }

    /// A pipeline as it is known, or as it begins.
    func pipeline(_ key: EmulatedPipeline.Key, at now: Int64) -> EmulatedPipeline {
        if let known = pipelines[key] { return known }
        // Seeds are in every account, which AWS's own is none of.
        let seed = key.pipeline.isManaged ? nil : options.pipelines.pipelines[key.pipeline.name]
        return EmulatedPipeline(
            createdAt: now, definition: seed?.definition, aliases: seed?.aliases ?? [])
    }

    func describePipeline(
        _ id: PipelineID, _ alias: String?, _ region: String, at now: Int64
    ) throws(ServiceRefusal) -> [UInt8] {
        try checkExists(id)
        try check(alias, of: id, region)
        let pipeline = pipeline(EmulatedPipeline.Key(region: region, pipeline: id), at: now)
        let owner = id.isManaged ? options.accountID : id.account
        return pipeline.described(
            name: id.name, arn: arn(of: id, in: region),
            roleARN: "arn:\(partition(of: region)):iam::\(owner):role/emulated")
    }

    mutating func create(
        _ request: CreateRequest, _ region: String, at now: Int64
    ) throws(ServiceRefusal) -> [UInt8] {
        let token = TokenKey(region: region, token: request.token)
        var pipelineARN = arn(of: request.pipeline, in: region)
        if let use = creations[token] {
            if use.digest != request.digest {
                try refuseReuse(
                    "ClientRequestToken '\(request.token)' has been used for another request; "
                        + "it created \(use.pipelineARN).")
            }
            pipelineARN = use.pipelineARN
        } else {
            let key = EmulatedPipeline.Key(region: region, pipeline: request.pipeline)
            if pipeline(key, at: now).isCreated {
                throw .validation(["PipelineName: \(request.pipeline.name) is there already"])
            }
            pipelines.set(
                EmulatedPipeline(
                    createdAt: now, definition: request.definition, aliases: request.aliases,
                    members: request.described), for: key)
            creations.set(CreationUse(digest: request.digest, pipelineARN: pipelineARN), for: token)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("PipelineArn", pipelineARN)
        writer.endObject()
        return writer.bytes
    }

    func arn(of pipeline: PipelineID, in region: String) -> String {
        "arn:\(partition(of: region)):sagemaker:\(region):\(pipeline.account)"
            + ":pipeline/\(pipeline.name)"
    }

    /// An execution is in its pipeline's account; of a pipeline that AWS manages in the caller's.
    func arn(ofExecution id: String, of start: StartRequest, in region: String) -> String {
        let account = start.pipeline.isManaged ? start.account : start.pipeline.account
        let pipeline = PipelineID(account: account, name: start.pipeline.name)
        return "\(arn(of: pipeline, in: region))/execution/\(id)"
    }

    private func partition(of region: String) -> String {
        if region.hasPrefix("cn-") { return "aws-cn" }
        return region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
    }
}
