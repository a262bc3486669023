import Foundation
import Glibc
import TestSupport
import Testing

/// Where the gateway listens: several at once, files, and the service manager's sockets.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ListenerTests {
    /// A path short enough for a socket's name, in a folder that goes with the test.
    private final class SocketFolder {
        let path: String
        init() throws {
            path = "/tmp/hl-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        var socket: String { "\(path)/s" }
    }

    private func answers(_ client: LoopbackClient) -> Bool {
        client.send(OpenGateway.lastHealth)
        return Answer(client.receiveAll()).status == 200
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : 0
    }

    @Test func `several listeners serve at once`() throws {
        let folder = try SocketFolder()
        let gateway = try OpenGateway(
            listen: "['unix:\(folder.socket)?mode=0640', '[::1]:0', 127.0.0.1:0]")
        #expect(answers(try gateway.client()))
        for _ in 0..<8 { #expect(answers(try LoopbackClient(unixPath: folder.socket))) }
        #expect(gateway.fixture.gateway?.errors.contains("[::1]:") == true)
        #expect(mode(folder.socket) == S_IFSOCK | 0o640)
        gateway.fixture.gateway?.send(SIGTERM)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
        #expect(mode(folder.socket) == 0)
    }

    @Test func `a socket that was left behind is replaced`() throws {
        let folder = try SocketFolder()
        let gateway = try OpenGateway(listen: "['unix:\(folder.socket)', 127.0.0.1:0]")
        try gateway.fixture.killGateway()
        #expect(mode(folder.socket) & S_IFMT == S_IFSOCK)
        try gateway.fixture.startGateway()
        #expect(answers(try LoopbackClient(unixPath: folder.socket)))
    }

    @Test func `a socket that is used, and a file that is none, are left alone`() throws {
        let folder = try SocketFolder()
        let gateway = try OpenGateway(listen: "['unix:\(folder.socket)', 127.0.0.1:0]")
        let other = try GatewayFixture()
        func refusal(_ path: String) throws -> String {
            try other.write(
                "listen: 'unix:\(path)'\nadmin: 127.0.0.1:0\n"
                    + "sources: {open: {type: github, verification: none}}\n", to: "hookline.yaml")
            let process = try other.run(["serve"])
            #expect(try process.waitForExit() == 78)
            return process.errors
        }
        #expect(try refusal(folder.socket).contains("another process listens there"))
        try Data("text".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/file"))
        #expect(try refusal("\(folder.path)/file").contains("is no socket"))
        #expect(mode("\(folder.path)/file") & S_IFMT == S_IFREG)
        #expect(answers(try LoopbackClient(unixPath: folder.socket)))
        #expect(gateway.fixture.gateway?.isRunning == true)
    }

    /// Does what systemd does: opens a socket, names it, and becomes the program.
    private static let serviceManager = [
        "/usr/bin/env", "python3", "-c",
        """
        import os, socket, sys
        listener = socket.create_server(("127.0.0.1", 0))
        os.dup2(listener.fileno(), 3)
        if listener.fileno() != 3: listener.close()
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="hooks")
        os.execv(sys.argv[1], sys.argv[1:])
        """,
    ]

    @Test func `the service manager's socket is used, by order or by name`() throws {
        for listen in ["systemd", "systemd:hooks"] {
            let gateway = try OpenGateway(listen: listen, launcher: Self.serviceManager)
            for _ in 0..<8 { #expect(answers(try gateway.client())) }
            gateway.fixture.gateway?.send(SIGTERM)
            #expect(try gateway.fixture.gateway?.waitForExit() == 0)
        }
    }

    /// Keeps a socket for two runs of the program, one after the other.
    private static let restartingManager = [
        "/usr/bin/env", "python3", "-c",
        """
        import os, signal, socket, sys
        listener = socket.create_server(("127.0.0.1", 0))
        os.dup2(listener.fileno(), 3)
        if listener.fileno() != 3: listener.close()
        os.set_inheritable(3, True)
        child = 0
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for _ in range(2):
            child = os.fork()
            if child == 0:
                os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
                os.execv(sys.argv[1], sys.argv[1:])
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if status: sys.exit(status)
        """,
    ]

    @Test func `a restart on the service manager's socket refuses nobody`() throws {
        let gateway = try OpenGateway(listen: "systemd", launcher: Self.restartingManager)
        let manager = try #require(gateway.fixture.gateway)
        #expect(answers(try gateway.client()))
        manager.send(SIGTERM)
        // Each of them waits in the socket until a process takes it; the one that a process took while it
        // ended may be told so.
        try waitUntil("the second process") {
            let client = try gateway.client()
            client.send(OpenGateway.lastHealth)
            #expect([200, 503].contains(Answer(client.receiveAll()).status))
            return manager.errors.components(separatedBy: "listening for webhooks").count == 3
        }
        #expect(answers(try gateway.client()))
        manager.send(SIGTERM)
        #expect(try manager.waitForExit() == 0)
    }

    /// Gives the program a standard error that is full already and that nobody reads.
    private static let silentLog = [
        "/usr/bin/env", "python3", "-c",
        """
        import fcntl, os, sys
        reader, writer = os.pipe()
        size = fcntl.fcntl(writer, 1031, 4096)
        os.write(writer, b"x" * size)
        os.set_inheritable(reader, True)
        os.dup2(writer, 2)
        os.execv(sys.argv[1], sys.argv[1:])
        """,
    ]

    @Test func `a log that nobody reads holds nothing up`() throws {
        let folder = try SocketFolder()
        let fixture = try GatewayFixture()
        try fixture.write(
            "listen: 'unix:\(folder.socket)'\nadmin: 127.0.0.1:0\naws: {region: eu-west-1}\n"
                + "sources: {open: {type: github, verification: none}}\n", to: "hookline.yaml")
        let process = try fixture.run(["serve"], launcher: Self.silentLog)
        try waitUntil("an answer") {
            guard let client = try? LoopbackClient(unixPath: folder.socket) else { return false }
            return answers(client)
        }
        process.send(SIGHUP)
        #expect(answers(try LoopbackClient(unixPath: folder.socket)))
        process.send(SIGTERM)
        #expect(try process.waitForExit() == 0)
    }

    @Test func `a socket that was not passed is an error`() throws {
        let fixture = try GatewayFixture()
        try fixture.write(
            "listen: systemd:other\nadmin: 127.0.0.1:0\n"
                + "sources: {open: {type: github, verification: none}}\n", to: "hookline.yaml")
        let process = try fixture.run(["serve"], launcher: Self.serviceManager)
        #expect(try process.waitForExit() == 78)
        #expect(process.errors.contains("hookline.yaml:1:9: "))
        #expect(process.errors.contains("there are: hooks"))
    }
}
