internal import JSON
internal import SageMakerAPI

/// Which pipeline of a region a request is about.
struct PipelineID: Hashable, Sendable {
    /// Twelve digits, or `aws` for a pipeline that AWS manages.
    let account: String
    let name: String

    /// Whether AWS manages it.
    var isManaged: Bool { account == Self.managingAccount }

    static let managingAccount = "aws"
}

/// What is known of a pipeline: that somebody started it, and with what.
struct EmulatedPipeline: Sendable {
    /// Which pipeline this is.
    struct Key: Hashable, Sendable {
        let region: String
        let pipeline: PipelineID
    }

    let createdAt: Int64
    private(set) var lastStartedAt: Int64?
    /// The names of the parameters seen so far, in the order in which they came.
    private(set) var parameters: [String] = []
    /// What the pipeline was created with; nil for one that was only started.
    private let created: CreatedDefinition?
    private let aliases: Set<String>
    /// What was given when it was created and is described unchanged.
    private let members: [RequestMember]

    /// - Parameter definition: The JSON text of a pipeline that is created; empty for one in S3.
    init(
        createdAt: Int64, definition: String? = nil, aliases: Set<String> = [],
        members: [RequestMember] = []
    ) {
        self.createdAt = createdAt
        self.aliases = aliases
        self.members = members
        created = definition.map(CreatedDefinition.init)
    }

    /// Whether a version has this alias. A pipeline that nobody created has all, as it has all
    /// parameters, but for those that begin as missing pipelines do.
    func hasAlias(_ alias: String) -> Bool {
        isCreated
            ? aliases.contains(alias) : !alias.hasPrefix(EmulatorOptions.missingPrefix)
    }

    /// Whether somebody created it.
    var isCreated: Bool { created != nil }

    /// The steps of its definition.
    var steps: [DeclaredStep] { created?.steps ?? [] }

    /// What its definition has against the parameters of a start.
    func violations(of parameters: [PipelineParameter]) -> [String] {
        created?.violations(of: parameters) ?? []
    }

    mutating func noteStart(with parameters: [PipelineParameter], at now: Int64) {
        lastStartedAt = now
        for parameter in parameters where !self.parameters.contains(parameter.name) {
            guard self.parameters.count < EmulatorLimits.parametersMax else { return }
            self.parameters.append(parameter.name)
        }
    }

    /// The reply of DescribePipeline.
    /// - Parameter roleARN: The role of a pipeline that nobody created.
    func described(name: String, arn: String, roleARN: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("PipelineArn", arn)
        writer.member("PipelineName", name)
        writer.member("PipelineDefinition", String(decoding: definition, as: UTF8.self))
        for member in members {
            writer.name(member.name)
            writer.raw(member.value.encoded())
        }
        if !members.contains(where: { $0.name == "RoleArn" }) { writer.member("RoleArn", roleARN) }
        writer.member("PipelineStatus", "Active")
        writer.name("CreationTime")
        writer.epochSeconds(createdAt)
        writer.name("LastModifiedTime")
        writer.epochSeconds(createdAt)
        if let lastStartedAt {
            writer.name("LastRunTime")
            writer.epochSeconds(lastStartedAt)
        }
        writer.endObject()
        return writer.bytes
    }

    /// A definition as the SageMaker Python SDK writes it, without steps. Every parameter has a
    /// default value, since nobody said that one is required.
    private var definition: [UInt8] {
        if let created { return Array(created.text.utf8) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("Version", "2020-12-01")
        writer.name("Metadata")
        writer.beginObject()
        writer.endObject()
        writer.name("Parameters")
        writer.beginArray()
        for parameter in parameters {
            writer.beginObject()
            writer.member("Name", parameter)
            writer.member("Type", "String")
            writer.member("DefaultValue", "")
            writer.endObject()
        }
        writer.endArray()
        writer.name("Steps")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
