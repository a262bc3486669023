import EventPoll
import Foundation
import Testing

@Suite final class FileContentTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "hookline-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @Test func `a regular file is read up to its limit`() throws {
        let bytes = Array(repeating: UInt8(ascii: "a"), count: 200_000)
        try Data(bytes).write(to: folder.appending(path: "f"))
        #expect(try fileContent(path("f"), bytesMax: 200_000) == bytes)
        #expect(throws: FileError.tooLong(limitBytes: 199_999)) {
            try fileContent(path("f"), bytesMax: 199_999)
        }
        #expect(try fileStart(path("f"), bytesMax: 70_000).count == 70_000)
        #expect(try fileStart(path("f"), bytesMax: 300_000).count == 200_000)
    }

    @Test func `what is no regular file is refused at once`() throws {
        #expect(mkfifo(path("p"), 0o600) == 0)
        for origin in [FileOrigin.regular, .regularOrInherited] {
            #expect(throws: FileError.notRegular(kind: "a FIFO")) {
                try fileContent(path("p"), bytesMax: 10, from: origin)
            }
        }
        #expect(throws: FileError.system(errno: EISDIR)) {
            try fileContent(folder.path, bytesMax: 10)
        }
        #expect(throws: FileError.notRegular(kind: "a device")) {
            try fileContent("/dev/zero", bytesMax: 10)
        }
        #expect(throws: FileError.missing) { try fileContent(path("none"), bytesMax: 10) }
        #expect(throws: FileError.missing) { try fileContent("/dev/null/x", bytesMax: 10) }
        #expect(
            FileError.notRegular(kind: "a FIFO").description
                == "it is a FIFO; expected a regular file")
    }

    @Test func `the null device is an empty file`() throws {
        #expect(try fileContent("/dev/null", bytesMax: 0) == [])
    }

    @Test func `a pipe that the process has is read to its end where it may be`() throws {
        let pipe = Foundation.Pipe()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(throws: FileError.notRegular(kind: "a FIFO")) {
            try fileContent(path, bytesMax: 10)
        }
        // The writer is slower than the reader.
        let writer = Thread {
            for piece in ["ab", "cd"] {
                Thread.sleep(forTimeInterval: 0.05)
                pipe.fileHandleForWriting.write(Data(piece.utf8))
            }
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        let content = try fileContent(path, bytesMax: 10, from: .regularOrInherited)
        #expect(content == Array("abcd".utf8))
    }
}
