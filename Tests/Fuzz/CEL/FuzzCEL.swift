import CEL
import JSON

// libFuzzer's entry: the input is an expression over `body`. Nothing may trap or hang; the checker,
// the planner and the evaluation must agree with one another.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let source = String(decoding: bytes, as: UTF8.self)
    _ = ConditionParts.of(source)
    let errors = environment.errors(in: source)
    let checked = try? environment.compile(source)
    precondition((checked != nil) == errors.isEmpty, "compile and errors(in:) disagree")
    for error in errors {
        guard let position = error.position else { continue }
        precondition(position.offset <= source.utf8.count && position.line >= 1)
    }
    let unchecked = try? environment.compile(source, unknownNames: .evaluationError)
    precondition(checked == nil || unchecked != nil, "what is checked can be planned")
    guard let unchecked else { return 0 }
    let value = try? unchecked.evaluate(payload)
    guard let checked else { return 0 }
    let again = try? checked.evaluate(payload)
    precondition((value != nil) == (again != nil), "checking changes the value")
    guard let again else { return 0 }
    precondition(checked.resultType.canBe(again.type), "the checker's type is not the value's")
    var writer = JSONWriter()
    try? again.write(to: &writer, bytesMax: 1 << 16)
    return 0
}

private let environment = {
    var limits = CELLimits()
    limits.costMax = 20_000
    limits.stringBytesMax = 1 << 16
    limits.listCountMax = 2000
    return CELEnvironment(variables: ["body"], limits: limits)
}()

// Read by one thread, and never changed.
nonisolated(unsafe) private let payload = Payload()

private final class Payload: CELActivation {
    private let body: CELValue

    init() {
        let text = """
            {"ref": "refs/heads/main", "n": 3, "x": 1.5, "list": [1, 2, {"a": null}], "t": true,
             "commits": [{"id": "abc", "modified": ["a/b.py", "README.md"]}]}
            """
        do {
            body = CELValue(json: try JSONDocument(parsing: Array(text.utf8)).root)
        } catch {
            fatalError("\(error)")
        }
    }

    func value(ofVariable slot: Int) -> CELValue? { body }
}

/// The table of signatures lives as long as the program. Its pointers carry the tag of an enum's
/// case, so LeakSanitizer does not find them and takes it for lost.
@_cdecl("__lsan_default_suppressions")
public func suppressions() -> UnsafePointer<CChar> {
    let list: StaticString = "leak:DeclarationReader\n"
    return UnsafeRawPointer(list.utf8Start).assumingMemoryBound(to: CChar.self)
}
