import ArgumentParser

/// Tells an expression that begins with "-", such as `-1`, from an option.
enum ExpressionArgument {
    private static let optionsWithValue = [
        "--config", "--payload", "--source", "--header", "--query", "--client", "--client-subject",
        "--client-name",
    ]
    private static let flags = ["-h"]

    /// Arguments in which such an expression of `hookline eval` stands behind "--", where the parser
    /// looks for no options.
    ///
    /// Words with two dashes stay options, known or not, so that a misspelt one is told as such.
    /// - Parameter arguments: Without the program's name.
    static func separated(_ arguments: [String]) -> [String] {
        guard arguments.first == EvalCommand.configuration.commandName else { return arguments }
        var position = 1
        while position < arguments.count, arguments[position] != "--" {
            if isExpression(arguments[position]) {
                var others = arguments
                let expression = others.remove(at: position)
                return others.contains("--") ? arguments : others + ["--", expression]
            }
            position += optionsWithValue.contains(arguments[position]) ? 2 : 1
        }
        return arguments
    }

    private static func isExpression(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), !flags.contains(argument) else { return false }
        guard argument.hasPrefix("--") else { return true }
        let name = argument.dropFirst(2).prefix { $0 != "=" }
        return !name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
}
