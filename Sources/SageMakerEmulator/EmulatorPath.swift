internal import HTTP1

/// A path that the emulator answers.
enum EmulatorPath: String, CaseIterable {
    case service = "/"
    case faults = "/emulator/faults"
    case journal = "/emulator/journal"
    case reset = "/emulator/reset"

    init?(_ head: RequestHead) {
        guard let path = Self.allCases.first(where: { head.isPath($0.rawValue) }) else {
            return nil
        }
        self = path
    }

    var methods: [String] {
        switch self {
        case .service, .reset: ["POST"]
        case .faults: ["GET", "POST", "PUT", "DELETE"]
        case .journal: ["GET"]
        }
    }

    var contentBytesMax: Int {
        switch self {
        case .service: EmulatorLimits.requestBytesMax
        case .faults: EmulatorLimits.scriptBytesMax
        case .journal, .reset: 0
        }
    }
}
