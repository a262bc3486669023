internal import JSON
internal import SageMakerAPI

/// What a rule test came to.
package struct RuleTestResult: Sendable {
    /// One way in which the rules did something else than the test expects.
    package enum Failure: Sendable, Equatable {
        /// An expected rule did not start; the clause that said no, and why, for each event.
        case notStarted(rule: String, reasons: [String])
        /// A rule started that the test does not list.
        case unexpected(rule: String)
        /// A rule could not make its request, or its condition failed.
        case failed(rule: String, message: String)
        /// A rule's request differs in these places; the event is told where there are several.
        case differs(rule: String, event: Int? = nil, [Difference])
        /// A rule started another number of times than it has requests in the test.
        case count(rule: String, expected: Int, actual: Int)
        /// The test could not run at all.
        case unusable(String)
    }

    /// A place of a request where something else was expected.
    package struct Difference: Sendable, Equatable {
        /// Such as `PipelineParameters.GitCommit`.
        package let path: String
        /// JSON.
        package let expected: String
        /// JSON, or nil where the request has nothing.
        package let actual: String?
    }

    /// Empty for a test that passed.
    package let failures: [Failure]

    package init(failures: [Failure]) { self.failures = failures }
}

extension RuleTest {
    /// Compares what the rules make of the test's events with what it expects.
    /// - Parameter traces: Every rule's trace of every event.
    package func result(of traces: [RuleTrace]) -> RuleTestResult {
        var failures: [RuleTestResult.Failure] = []
        for expectation in expectations {
            let own = traces.filter { $0.rule == expectation.rule }
            failures += self.failures(of: expectation, own)
        }
        var reported: Set<String> = []
        for trace in traces where !expectations.contains(where: { $0.rule == trace.rule }) {
            guard reported.insert("\(trace.rule) \(trace.error ?? "")").inserted else { continue }
            if let error = trace.error {
                failures.append(.failed(rule: trace.rule, message: error))
            } else if trace.start != nil {
                failures.append(.unexpected(rule: trace.rule))
            } else {
                reported.remove("\(trace.rule) ")
            }
        }
        return RuleTestResult(failures: failures)
    }

    /// What is wrong with the starts of one rule, each for an event of its own.
    private func failures(
        of expectation: Expectation, _ traces: [RuleTrace]
    ) -> [RuleTestResult.Failure] {
        let rule = expectation.rule
        let errors = Set(traces.compactMap(\.error)).sorted()
        var failures: [RuleTestResult.Failure] = errors.map { .failed(rule: rule, message: $0) }
        let starts = traces.compactMap(\.start)
        guard !starts.isEmpty else {
            guard failures.isEmpty else { return failures }
            let reasons = traces.map { "\($0.clause ?? "on") says no: \($0.reason ?? "")" }
            return [.notStarted(rule: rule, reasons: reasons)]
        }
        let expected: [RequestValue]
        switch expectation.requests {
        case .every(let request): expected = Array(repeating: request, count: starts.count)
        case .inOrder(let requests): expected = requests
        }
        if expected.count != starts.count {
            failures.append(.count(rule: rule, expected: expected.count, actual: starts.count))
        }
        for (request, start) in zip(expected, starts) {
            let differences = request.differences(from: start.request)
            guard !differences.isEmpty else { continue }
            let event = starts.count > 1 ? start.eventIndex : nil
            failures.append(.differs(rule: rule, event: event, differences))
        }
        return failures
    }
}

extension RequestValue {
    /// Where a request lacks what is expected, or has something else; what else it has may be
    /// anything.
    fileprivate func differences(from request: [UInt8]) -> [RuleTestResult.Difference] {
        do {
            let document = try JSONDocument(parsing: request)
            return differences(from: try RequestValue(json: document.root), path: "")
        } catch {
            return [
                RuleTestResult.Difference(path: "", expected: json, actual: "no request: \(error)")
            ]
        }
    }

    private func differences(
        from actual: RequestValue?, path: String
    ) -> [RuleTestResult.Difference] {
        switch (self, actual) {
        case (.structure(let members), .structure?):
            return members.flatMap { member in
                member.value.differences(
                    from: actual?[member.name],
                    path: path.isEmpty ? member.name : "\(path).\(member.name)")
            }
        case (.list(let elements), .list(let others)?):
            return elements.enumerated().flatMap { index, element in
                element.differences(fromElementOf: others, index: index, path: path)
            }
        default:
            guard self != actual else { return [] }
            return [
                RuleTestResult.Difference(path: path, expected: json, actual: actual?.json)
            ]
        }
    }

    /// A pipeline parameter is compared with the one of its name, another element with the one in
    /// its place.
    private func differences(
        fromElementOf others: [RequestValue], index: Int, path: String
    ) -> [RuleTestResult.Difference] {
        guard let name = self["Name"]?.text, let value = self["Value"] else {
            return differences(
                from: others.indices.contains(index) ? others[index] : nil,
                path: "\(path)[\(index)]")
        }
        let other = others.first { $0["Name"]?.text == name }
        return value.differences(from: other?["Value"], path: "\(path).\(name)")
    }

    private var json: String { String(decoding: encoded(), as: UTF8.self) }
}
