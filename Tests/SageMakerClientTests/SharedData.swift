import Foundation

/// The reference data beside the repository, which a clone of its own does not have.
enum SharedData {
    /// `../shared/data` seen from the package's root.
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/data")

    static func bytes(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appending(path: path))).map(Array.init)
    }

    /// The names of the folders in a folder, sorted; none where it is missing.
    static func folders(_ path: String) -> [String] {
        let content = try? FileManager.default.contentsOfDirectory(
            at: folder.appending(path: path), includingPropertiesForKeys: [.isDirectoryKey])
        return (content ?? []).filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
    }

    /// Whether a file is there; says so when it is not, as the test that needs it is skipped.
    static func has(_ path: String) -> Bool {
        let exists = bytes(path) != nil
        if !exists { print("skipped: ../shared/data/\(path) is not there") }
        return exists
    }
}
