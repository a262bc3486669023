import Foundation

/// A run of the built program, with what it wrote.
final class HooklineProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let errorFile: URL
    private let outputFile: URL

    /// The program beside the test bundle.
    static let binary: URL = {
        if let path = ProcessInfo.processInfo.environment["HOOKLINE"] {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("hookline")
    }()

    /// - Parameter launcher: What starts the program, which gets it as its argument; empty for
    ///   nothing but this.
    init(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:],
        launcher: [String] = []
    ) throws {
        let name = UUID().uuidString
        errorFile = folder.appendingPathComponent("\(name).err")
        outputFile = folder.appendingPathComponent("\(name).out")
        for file in [errorFile, outputFile] { try Data().write(to: file) }
        let words = launcher + [Self.binary.path] + arguments
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = folder
        process.environment = environment.merging(["HOME": folder.path]) { first, _ in first }
        process.standardError = try FileHandle(forWritingTo: errorFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end and gives the exit code.
    func waitForExit(seconds: Double = 30) throws -> Int32 {
        try waitUntil("the program ended", seconds: seconds) { !process.isRunning }
        return process.terminationStatus
    }

    /// The port in the log line that says what listens, such as `listening for webhooks`.
    func port(of what: String) throws -> UInt16 {
        var found: UInt16?
        try waitUntil("\"\(what)\" in: \(errors)") {
            for line in errors.split(separator: "\n") where line.contains("\"\(what)\"") {
                let digits = line.split(separator: "\"address\":\"").last?
                    .prefix { $0 != "\"" }.split(separator: ":").last
                found = digits.flatMap { UInt16($0) }
            }
            return found != nil || !process.isRunning
        }
        guard let found else { throw Failure(description: "ended early: \(errors)") }
        return found
    }
}

/// Waits for a condition; the bound is only there to end a run that hangs.
func waitUntil(
    _ what: @autoclosure () -> String, seconds: Double = 30, _ condition: () throws -> Bool
) throws {
    let end = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < end else {
            throw HooklineProcess.Failure(description: "waited in vain for \(what())")
        }
        usleep(5000)
    }
}
