package import HTTPServer
internal import OpenSSLCrypto
internal import SageMakerClient
internal import Synchronization

/// A running SageMaker stand-in: an HTTP server with one event loop, and the timer of slow answers.
///
/// It carries out the operations of ``EmulatedOperation`` at `POST /`, all else being refused as the service does. Its own paths
/// are `/emulator/journal` (GET), `/emulator/faults` (GET, POST appends, PUT replaces, DELETE) and
/// `/emulator/reset` (POST). It gives credentials, too, which it then accepts: as STS at `POST /` in
/// the query protocol, as the instance metadata service below `/latest/`, as a container's service at
/// `/emulator/container-credentials` and as the SSO portal at `/federation/credentials`.
package final class RunningEmulator: Sendable {
    private let service: EmulatedService
    private let server: RunningServer

    /// Starts to listen and to serve.
    /// - Parameter clock: Milliseconds since 1970; called on the server's thread at each request.
    /// - Throws: ``EmulatorError/unusableValue(path:expected:)`` for an account that is none,
    ///   ``SageMakerClientError`` for credentials that cannot be sent, ``ListenError``, and
    ///   ``SystemCallError`` when the process is out of descriptors or threads.
    package init(
        _ options: EmulatorOptions = EmulatorOptions(),
        clock: @escaping @Sendable () -> Int64
    ) throws {
        guard options.hasAccount else {
            throw EmulatorError.unusableValue(path: "accountID", expected: "twelve digits")
        }
        let keys = KeyTable()
        for (id, secret) in options.credentials {
            let credentials = try Credentials(
                accessKeyID: id, secretAccessKey: secret, sessionToken: options.sessionTokens[id],
                from: "the emulator's options")
            keys.insert(
                KeyTable.Key(
                    credentials: credentials, account: options.accountID, expiresAt: nil))
        }
        let timer = try AnswerTimer()
        let service = EmulatedService(
            options, keys: keys, instanceToken: hexEncoded(randomBytes(16)),
            clock: { clock() + options.clockOffset * 1000 }, timer: timer)
        do {
            server = try RunningServer(options.listen, name: "emulator") {
                EmulatorHandler(service)
            }
        } catch {
            timer.stop()
            throw error
        }
        self.service = service
    }

    /// Where it listens, with the ports that the kernel chose.
    package var addresses: [ListenAddress] { server.addresses }

    /// The URL for clients, such as `http://127.0.0.1:4566`: its first TCP address.
    package var endpoint: String? {
        for case .tcp(let host, let port) in addresses {
            return "http://\(ListenAddress.tcp(host: host, port: port))"
        }
        return nil
    }

    /// Requests to the service so far, refused ones too.
    package var requestsSeen: Int { service.state.withLock { $0.requestsSeen } }

    /// Executions created so far.
    package var executionsCreated: Int { service.state.withLock { $0.executionsCreated } }

    /// The newest requests, newest last, at most ``EmulatorLimits/journalEntriesMax``.
    package var journal: [JournalEntry] { Array(service.state.withLock { $0.journal }.entries) }

    /// The faults that are left.
    package var faults: FaultScript { service.state.withLock { $0.faults } }

    /// Appends to the faults that are left.
    /// - Throws: ``EmulatorError/tooManyFaults(limit:)``.
    package func append(_ script: FaultScript) throws(EmulatorError) { try service.append(script) }

    /// Replaces the faults that are left.
    package func replaceFaults(with script: FaultScript) { service.replace(script) }

    /// Forgets executions, tokens, counts, journal and faults.
    package func reset() { service.reset() }

    /// Answers what is held and what has been received, and ends. Called once.
    package func stop() {
        service.timer.stop()
        server.drain()
    }
}
