import EventPoll
import Rules

/// The content of a file that a person names for one command: also a pipe, such as `/dev/stdin` or a
/// shell's `<(…)`.
/// - Parameter what: What messages call it: `--payload push.json`.
/// - Throws: ``Exit`` with the status of a usage error.
func commandLineFile(_ path: String, as what: String, bytesMax: Int) throws -> [UInt8] {
    do throws(FileError) {
        return try fileContent(path, bytesMax: bytesMax, from: .regularOrInherited)
    } catch {
        throw Exit(status: .usage, lines: ["\(what): the file cannot be read: \(error)"])
    }
}
