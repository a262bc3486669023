import ArgumentParser
import Events
import JSON
import Rules

struct SchemaCommand: ParsableCommand {
    enum File: String, CaseIterable, ExpressibleByArgument {
        case rules, configuration
    }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of rule files or of the configuration, for editors.")

    @Argument(help: "Which: rules or configuration.")
    var file: File

    func run() {
        print(Self.text(of: file))
    }

    static func text(of file: File) -> String {
        var writer = JSONWriter()
        switch file {
        case .rules: RuleSchema.write(to: &writer)
        case .configuration: ConfigurationSchema.write(to: &writer)
        }
        return PrettyJSON.text(writer.bytes, indent: "")
    }
}
