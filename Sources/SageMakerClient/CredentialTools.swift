package import EventPoll
internal import Glibc
package import HTTPClient

/// Sends a request and waits for its reply.
package typealias RequestSender =
    @Sendable (ClientRequest) -> Result<ClientReply, ClientError>

/// Runs a program and gives what it writes to standard output.
package typealias ProcessRunner =
    @Sendable (_ command: [String]) throws(SageMakerClientError) -> [UInt8]

/// What the places of credentials are looked up with.
package struct CredentialTools: Sendable {
    /// The process's environment.
    package var environment: [String: String]
    package var read: SharedFileReader
    package var write: SharedFileWriter
    package var send: RequestSender
    package var run: ProcessRunner
    /// Seconds since 1970.
    package var clock: @Sendable () -> Int64
    package var pause: @Sendable (Duration) -> Void
    /// The region whose Security Token Service is asked; nil for the global one.
    package var region: String?

    package init(
        environment: [String: String], read: @escaping SharedFileReader = readSharedFile,
        write: @escaping SharedFileWriter = replaceSharedFile,
        send: @escaping RequestSender, run: @escaping ProcessRunner,
        clock: @escaping @Sendable () -> Int64, pause: @escaping @Sendable (Duration) -> Void,
        region: String? = nil
    ) {
        self.environment = environment
        self.read = read
        self.write = write
        self.send = send
        self.run = run
        self.clock = clock
        self.pause = pause
        self.region = region
    }
}

extension CredentialTools {
    /// The machine's own network, files and programs.
    /// - Parameters:
    ///   - clock: Seconds since 1970.
    ///   - interrupt: Ends every wait as soon as it is signalled, for a process that is to end.
    package init(
        environment: [String: String], region: String?, userAgent: String, interrupt: Wakeup? = nil,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.init(
            environment: environment,
            send: { exchange($0, userAgent: userAgent, interrupt: interrupt) },
            run: { command throws(SageMakerClientError) in
                try runProcess(command, environment: environment, interrupt: interrupt)
            },
            clock: clock,
            pause: { duration in
                var entry = pollfd(
                    fd: interrupt?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
                _ = poll(&entry, 1, Int32(clamping: duration.nanoseconds / 1_000_000))
            },
            region: region)
    }
}
