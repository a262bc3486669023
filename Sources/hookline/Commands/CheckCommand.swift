import ArgumentParser
import Intake
import Rules

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the configuration and the rules, and shows every error.",
        discussion: "Exits 0 when `serve` would start with them, and 1 with all the errors.")

    @OptionGroup var files: ConfigurationOptions

    func run() throws {
        let loaded = try files.load(.check)
        for warning in loaded.warnings { printError("warning: \(warning)") }
        let settings = loaded.settings
        print(
            "\(files.config): no errors; sources: \(settings.sources.count), "
                + "rules: \(settings.rules.rules.count)")
    }
}
