internal import JSON

/// Credentials that a program prints: `credential_process` of a profile.
///
/// Source: "Process credential provider", AWS SDKs reference guide.
func processCredentials(
    _ command: String, of profile: String, _ tools: CredentialTools
) throws(SageMakerClientError) -> ResolvedCredentials {
    let source = "the credential_process of \(profile)"
    guard let words = commandWords(command), !words.isEmpty else {
        throw .credentialsUnavailable(
            source: source, reason: "expected a command line whose quotes are closed")
    }
    let output: [UInt8]
    do {
        output = try tools.run(words)
    } catch .credentialsUnavailable(_, let reason) {
        throw .credentialsUnavailable(source: source, reason: reason)
    }
    guard try credentialJSON(output, from: source)["Version"]?.int == 1 else {
        throw .credentialsUnavailable(source: source, reason: "expected Version 1")
    }
    let reply = try CredentialReply(output, tokenName: "SessionToken", from: source)
    return ResolvedCredentials(
        reply.credentials, expiresAt: reply.expiresAt, provider: source)
}

/// The words of a command line as a POSIX shell parts them, without anything else that a shell does:
/// no variable, pattern or command within it is looked at.
/// - Returns: Nil where a quote is not closed.
func commandWords(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
        if isEscaped {
            // Within double quotes a backslash stays before what it has no meaning for.
            if quote == "\"", character != "\"", character != "\\" { word?.append("\\") }
            word = (word ?? "") + String(character)
            isEscaped = false
        } else if character == "\\", quote != "'" {
            isEscaped = true
            word = word ?? ""
        } else if let open = quote {
            if character == open { quote = nil } else { word?.append(character) }
        } else if character == "'" || character == "\"" {
            quote = character
            word = word ?? ""
        } else if character == " " || character == "\t" || character == "\n" {
            if let whole = word { words.append(whole) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    guard quote == nil, !isEscaped else { return nil }
    if let whole = word { words.append(whole) }
    return words
}
