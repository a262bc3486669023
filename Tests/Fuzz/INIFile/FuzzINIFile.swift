import HTTPClient
import SageMakerClient

// A file of AWS's shared configuration, as anybody may have written it, and the profile that is read
// from it. The first byte chooses what is asked for.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzINIFile(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    guard let file = try? INIFile(parsing: bytes, path: "f") else { return 0 }
    for (section, settings) in file.sections {
        precondition(!section.isEmpty)
        for (key, value) in settings {
            precondition(!key.isEmpty && key == key.lowercased())
            precondition(value.utf8.first != 0x20 && value.utf8.last != 0x20)
        }
    }
    // Reading again gives the same.
    let again = try? INIFile(parsing: bytes, path: "f")
    precondition(again == file)
    let profile = start[0] & 1 == 0 ? nil : "p"
    let environment = start[0] & 2 == 0 ? ["HOME": "/h"] : ["HOME": "/h", "AWS_PROFILE": "q"]
    let tools = CredentialTools(
        environment: environment,
        read: { path in path.hasSuffix("config") || path.hasSuffix("credentials") ? bytes : nil },
        send: { _ in .failure(.timedOut) },
        run: { _ throws(SageMakerClientError) in Array(#"{"Version":1}"#.utf8) },
        clock: { 1_795_694_400 }, pause: { _ in }, region: "eu-west-1")
    _ = try? CredentialChain(tools, profile: profile).resolve()
    return 0
}
