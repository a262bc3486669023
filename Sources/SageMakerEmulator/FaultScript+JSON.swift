internal import JSON

// {"faults": [{"fault": "throttle", "times": 2, "pipeline": "churn-training"}, …]}

extension FaultScript {
    /// Reads a script: an object with `faults`, a list of objects with `fault` and, as wanted,
    /// `times`, `skip`, `operation`, `token`, `pipeline`, `delayMilliseconds` (of `slow`, which needs it,
    /// and of `drip`), `cut` (`headers` or `body`, of `halfReply`), `retryAfterMilliseconds` and `empty` (of error
    /// replies).
    /// - Throws: ``EmulatorError``.
    package init(parsing bytes: [UInt8]) throws(EmulatorError) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes)
        } catch {
            throw .malformedScript(reason: error.description)
        }
        let root = MemberReader(document.root, path: "")
        try root.checkNames(["faults"])
        guard let list = document.root["faults"], list.kind == .array else {
            throw .unusableValue(path: "faults", expected: "a list")
        }
        var faults: [ScriptedFault] = []
        for element in list.elements {
            guard faults.count < EmulatorLimits.faultsMax else {
                throw .tooManyFaults(limit: EmulatorLimits.faultsMax)
            }
            faults.append(try ScriptedFault(MemberReader(element, path: "faults[\(faults.count)]")))
        }
        self.init(faults)
    }

    /// What is left, in the form that is read.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("faults")
        writer.beginArray()
        for fault in faults { fault.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension ScriptedFault {
    fileprivate init(_ reader: MemberReader) throws(EmulatorError) {
        try reader.checkNames([
            "fault", "times", "skip", "operation", "token", "pipeline", "delayMilliseconds", "cut",
            "retryAfterMilliseconds", "empty",
        ])
        guard let kind = try reader.word("fault", of: FaultKind.self) else {
            throw reader.unusable("fault", "one of \(words(of: FaultKind.self))")
        }
        self.init(kind)
        times = try reader.integer("times", in: 1...EmulatorLimits.timesMax) ?? times
        skip = try reader.integer("skip", in: 0...EmulatorLimits.timesMax) ?? skip
        operation = try reader.word("operation", of: EmulatedOperation.self) ?? operation
        token = try reader.text("token")
        pipeline = try reader.text("pipeline")
        try readDetails(reader)
    }

    /// Reads the members that some kinds have and others do not.
    private mutating func readDetails(_ reader: MemberReader) throws(EmulatorError) {
        if let delay = try reader.milliseconds("delayMilliseconds") {
            guard kind.isTimed else {
                throw reader.unusable(
                    "delayMilliseconds", "nothing, as only slow and drip are delayed")
            }
            self.delay = delay
        } else if kind == .slow {
            throw reader.unusable("delayMilliseconds", "a number, as the fault is slow")
        }
        if let cut = try reader.word("cut", of: Cut.self) {
            guard kind == .halfReply else {
                throw reader.unusable("cut", "nothing, as only halfReply is cut")
            }
            self.cut = cut
        }
        retryAfter = try reader.milliseconds("retryAfterMilliseconds")
        isEmpty = try reader.flag("empty") ?? false
        guard kind.isRefusal || retryAfter == nil else {
            throw reader.unusable("retryAfterMilliseconds", "nothing, as this is no error reply")
        }
        guard kind.isRefusal || !isEmpty else {
            throw reader.unusable("empty", "nothing, as this is no error reply")
        }
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("fault", kind.rawValue)
        writer.name("times")
        writer.int(times)
        if skip > 0 {
            writer.name("skip")
            writer.int(skip)
        }
        writer.member("operation", operation.rawValue)
        if let token { writer.member("token", token) }
        if let pipeline { writer.member("pipeline", pipeline) }
        if kind.isTimed {
            writer.name("delayMilliseconds")
            writer.int(delay.milliseconds)
        }
        if kind == .halfReply { writer.member("cut", cut.rawValue) }
        if let retryAfter {
            writer.name("retryAfterMilliseconds")
            writer.int(retryAfter.milliseconds)
        }
        if isEmpty {
            writer.name("empty")
            writer.bool(true)
        }
        writer.endObject()
    }
}

/// Reads the members of one object of a script.
private struct MemberReader {
    private let json: JSONValue
    private let path: String

    init(_ json: JSONValue, path: String) {
        self.json = json
        self.path = path
    }

    func unusable(_ name: String, _ expected: String) -> EmulatorError {
        .unusableValue(path: path.isEmpty ? name : "\(path).\(name)", expected: expected)
    }

    func checkNames(_ names: [String]) throws(EmulatorError) {
        guard json.kind == .object else {
            throw .unusableValue(path: path.isEmpty ? "the script" : path, expected: "an object")
        }
        for (key, _) in json.members {
            let name = key.string ?? ""
            guard !names.contains(name) else { continue }
            throw .unknownMember(
                path: path.isEmpty ? quoted(name) : "\(path).\(quoted(name))",
                expected: names.joined(separator: ", "))
        }
    }

    func text(_ name: String) throws(EmulatorError) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string else { throw unusable(name, "a string") }
        return text
    }

    func word<Word: CaseIterable & RawRepresentable<String>>(
        _ name: String, of type: Word.Type
    ) throws(EmulatorError) -> Word? {
        guard let text = try text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw unusable(name, "one of \(words(of: type)), found \(quoted(text))")
        }
        return word
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(EmulatorError) -> Int? {
        guard let value = json[name] else { return nil }
        guard let number = value.int, range.contains(Int(number)) else {
            throw unusable(name, "\(range.lowerBound) to \(range.upperBound)")
        }
        return Int(number)
    }

    func milliseconds(_ name: String) throws(EmulatorError) -> Duration? {
        let most = Int(EmulatorLimits.delayMax.milliseconds)
        return try integer(name, in: 0...most).map { Duration.milliseconds($0) }
    }

    func flag(_ name: String) throws(EmulatorError) -> Bool? {
        guard let value = json[name] else { return nil }
        guard let flag = value.bool else { throw unusable(name, "true or false") }
        return flag
    }
}

private func words<Word: CaseIterable & RawRepresentable<String>>(of type: Word.Type) -> String {
    type.allCases.map(\.rawValue).joined(separator: ", ")
}

extension Duration {
    /// This duration in whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
