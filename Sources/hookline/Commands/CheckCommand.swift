import ArgumentParser
import Intake
import Rules

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the configuration and the rules, and shows every error.",
        discussion: """
            Exits 0 when `serve` would start with them, and 1 with all the errors. With --aws, says where \
            the credentials are from, and asks SageMaker (DescribePipeline) for each rule's pipeline and \
            its parameters.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Flag(help: "Ask SageMaker for each pipeline's parameters, too.")
    var aws = false

    func run() throws {
        let loaded = try files.load(.check)
        let warnings = try loaded.warnings + loaded.fetchKeys()
        for warning in warnings { printError("warning: \(warning)") }
        let settings = loaded.settings
        if aws {
            let check = PipelineCheck(settings)
            check.check(settings.rules.rules)
            for finding in check.findings { print(finding) }
            guard check.problems.isEmpty else {
                throw Exit(status: .answerIsNo, lines: check.problems)
            }
        }
        print(
            "\(files.config): no errors; sources: \(settings.sources.count), "
                + "rules: \(settings.rules.rules.count)")
    }
}
