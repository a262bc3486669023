/// Test results in JUnit's XML, as CI systems read them.
package struct JUnitReport {
    private var cases: [String] = []
    private var failureCount = 0

    package init() {}

    /// - Parameters:
    ///   - file: The rule file.
    ///   - failure: The text of what went wrong, nil for a test that passed.
    package mutating func add(file: String, line: Int, name: String, failure: String?) {
        let head =
            "<testcase classname=\"\(escaped(file))\" name=\"\(escaped(name))\" "
            + "file=\"\(escaped(file))\" line=\"\(line)\""
        guard let failure else {
            cases.append("\(head)/>")
            return
        }
        failureCount += 1
        let first = failure.split(separator: "\n").first.map(String.init) ?? ""
        cases.append(
            "\(head)><failure message=\"\(escaped(first))\">\(escaped(failure))</failure></testcase>"
        )
    }

    package var text: String {
        let counts = "tests=\"\(cases.count)\" failures=\"\(failureCount)\" errors=\"0\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="hookline" \(counts)>
              <testsuite name="rules" \(counts)>
            \(cases.map { "    \($0)" }.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    /// XML 1.0 has no control characters but tab and line breaks.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r": result += "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
