import Foundation
import Glibc

/// A blocking connection to a server on this machine, for tests.
package final class LoopbackClient {
    private let descriptor: Int32

    /// - Parameter receiveBufferBytes: How much the kernel may keep of what is not read; nil for
    ///   its own choice.
    package init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBufferBytes {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, length)
            }
        }
        guard connected == 0 else { throw ClientFailure.notConnected(errno) }
        limitPatience()
    }

    package init(unixPath: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: unixPath.utf8.prefix(bytes.count - 1))
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, length)
            }
        }
        guard connected == 0 else { throw ClientFailure.notConnected(errno) }
        limitPatience()
    }

    /// A server that never answers fails the test instead of hanging it.
    private func limitPatience() {
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    package enum ClientFailure: Error {
        case notConnected(Int32)
    }

    package func send(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Sends what the kernel takes without waiting.
    /// - Returns: How many bytes that was.
    package func sendWithoutWaiting(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            max(0, Glibc.send(descriptor, bytes.baseAddress, bytes.count, flagsWithoutWaiting))
        }
    }

    private let flagsWithoutWaiting = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

    /// Closes the sending side only.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads one response: its head and as much content as it declares.
    package func receiveResponse() -> String {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let length = text[..<end.lowerBound].split(separator: "\r\n")
                    .compactMap { $0.hasPrefix("Content-Length: ") ? Int($0.dropFirst(16)) : nil }
                let total = text[..<end.upperBound].utf8.count + (length.first ?? 0)
                if received.count >= total {
                    defer { received.removeFirst(total) }
                    return String(decoding: received[..<total], as: UTF8.self)
                }
            }
            guard receiveMore() else {
                wasCut = true
                return text
            }
        }
    }

    /// What has come by now and was not read yet.
    package func receiveWithoutWaiting() -> String {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let got = recv(descriptor, &chunk, chunk.count, flagsWithoutWaiting)
        if got > 0 { received += chunk[..<got] }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Reads until the server closes.
    package func receiveAll() -> String {
        while receiveMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the connection ended before a response was whole.
    package private(set) var wasCut = false

    /// Whether the server reset the connection instead of closing it.
    package private(set) var wasReset = false

    /// Whether the server has ended the connection, by closing or resetting it.
    package private(set) var wasEnded = false

    private var received: [UInt8] = []

    private func receiveMore() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let got = recv(descriptor, &chunk, chunk.count, 0)
        if got < 0, errno == ECONNRESET { wasReset = true }
        if got == 0 || wasReset { wasEnded = true }
        guard got > 0 else { return false }
        received += chunk[..<got]
        return true
    }
}
