internal import HTTP1

/// A path that the emulator answers.
enum EmulatorPath: String, CaseIterable {
    case service = "/"
    case faults = "/emulator/faults"
    case journal = "/emulator/journal"
    case reset = "/emulator/reset"
    // Where credentials come from: a container's service, an instance's, and the SSO portal.
    case container = "/emulator/container-credentials"
    case instanceToken = "/latest/api/token"
    case instanceRoles = "/latest/meta-data/iam/security-credentials/"
    case instanceRole = "/latest/meta-data/iam/security-credentials/emulated-role"
    case instanceRegion = "/latest/meta-data/placement/region"
    case ssoPortal = "/federation/credentials"
    case ssoToken = "/token"

    init?(_ head: RequestHead) {
        guard let path = Self.allCases.first(where: { head.isPath($0.rawValue) }) else {
            return nil
        }
        self = path
    }

    var methods: [String] {
        switch self {
        case .service, .reset, .ssoToken: ["POST"]
        case .faults: ["GET", "POST", "PUT", "DELETE"]
        case .instanceToken: ["PUT"]
        case .journal, .container, .instanceRoles, .instanceRole, .instanceRegion, .ssoPortal:
            ["GET"]
        }
    }

    var contentBytesMax: Int {
        switch self {
        case .service: EmulatorLimits.requestBytesMax
        case .faults: EmulatorLimits.scriptBytesMax
        case .ssoToken: EmulatorLimits.tokenRequestBytesMax
        case .journal, .reset, .container, .instanceToken, .instanceRoles, .instanceRole,
            .instanceRegion, .ssoPortal:
            0
        }
    }
}
