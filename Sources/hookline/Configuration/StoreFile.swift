import Foundation

/// The file of an embedded store, before it is opened.
struct StoreFile {
    let path: String

    /// The path without symbolic links, which attributes are read of.
    private var resolved: String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    /// Why no store can be there, or nil.
    ///
    /// SQLite writes files beside the store's own, so the folder must be writable too.
    var fault: String? {
        let files = FileManager.default
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: folder, isDirectory: &isFolder) else {
            return "there is no folder \(folder)"
        }
        guard isFolder.boolValue else { return "\(folder) is no folder" }
        guard files.isWritableFile(atPath: folder) else {
            return "the folder \(folder) is not writable"
        }
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        if isFolder.boolValue { return "it is a folder" }
        let type = try? files.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
        guard type == .typeRegular else { return "it is not a regular file" }
        return files.isWritableFile(atPath: path) ? nil : "it is not writable"
    }
}
