import ArgumentParser
import CLinux
import EventPoll
import Foundation
import HTTPServer
import Journal
import Logging
import OpenSSLCrypto
import Rules
import Synchronization

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the gateway.",
        discussion: """
            SIGTERM and Ctrl-C answer what has been received and exit 0; a second one exits at once, with 1. \
            SIGHUP loads rules, secrets and certificates anew. Exits 78 when the configuration cannot be \
            used.
            """)

    @OptionGroup var files: ConfigurationOptions
    @OptionGroup var logging: LoggingOptions

    func run() throws {
        // Before any thread is made, so that all of them have the signals blocked.
        let signals = try Signals()
        // What the end and a reload need is there before connections can take all descriptors.
        let stopped = try Wakeup()
        let loadEnded = try Wakeup()
        let lines = try LogQueue()
        defer { lines.finish() }
        let logger = logging.makeLogger(lines)
        let watched = WatchedFiles()
        let loaded = try files.load(.configuration, files: watched)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let keys = try KeySetFetcher(loaded.keySets, timeout: .seconds(10)) { news in
            switch news {
            case .fault(let text): logger.warning("\(text)")
            case .arrival(let text): logger.notice("\(text)")
            }
        }
        defer { keys.stop() }
        // Those of a server nearby are there before anybody asks; for others nothing waits.
        keys.settle(within: 100)
        let gateway = try start(loaded, logger)
        logger.notice(
            "listening for webhooks",
            metadata: ["address": "\(gateway.addresses.map(\.description).joined(separator: ", "))"]
        )
        logger.notice("admin listening", metadata: ["address": "\(gateway.adminAddress)"])
        hl_forget_code()
        watch(signals, gateway, loaded.settings, watched, keys, loadEnded, logger)
        logger.notice("stopping: requests under way are answered, nothing new is taken")
        guard try stop(gateway, signals, stopped, lines, logger) else {
            lines.finish()
            _exit(ExitStatus.answerIsNo.rawValue)
        }
        logger.notice("stopped")
    }

    /// Drains the gateway.
    /// - Returns: False when a second signal ended the wait for that; whatever was acknowledged is on
    ///   disk.
    private func stop(
        _ gateway: Gateway, _ signals: Signals, _ done: Wakeup, _ lines: LogQueue, _ logger: Logger
    ) throws -> Bool {
        let thread = try OwnedThread(name: "stop") {
            if !gateway.stop() {
                logger.error(
                    "stopped without the store, which took too long: what was acknowledged is on disk"
                )
                lines.finish()
                _exit(ExitStatus.done.rawValue)
            }
            done.signal()
        }
        guard signals.wait(until: done) else { return false }
        thread.join()
        return true
    }

    private func start(_ loaded: LoadedConfiguration, _ logger: Logger) throws -> Gateway {
        raiseDescriptorLimit()
        returnLargeBlocks()
        var settings = loaded.settings
        settings.inherited = InheritedSockets(
            environment: ProcessInfo.processInfo.environment, processID: getpid())
        do {
            return try Gateway(settings, logger: logger)
        } catch let error as ListenError {
            throw Exit.configuration(["\(place(of: error.address, loaded)): \(error)"])
        } catch let error as JournalError {
            let place = loaded.places.store?.description ?? files.config
            throw Exit.configuration(["\(place): store \(loaded.settings.store): \(error)"])
        }
    }

    /// Where an address is written, or the file where it is a default.
    private func place(of address: ListenAddress, _ loaded: LoadedConfiguration) -> String {
        let listen = zip(loaded.settings.listen, loaded.places.listen).first { $0.0 == address }?.1
        let admin = loaded.settings.admin == address ? loaded.places.admin : nil
        return (listen ?? admin)?.description ?? files.config
    }

    /// How often the files are looked at for a change.
    private static let watchMilliseconds: Int32 = 2000

    /// Loads anew at SIGHUP and when a file has changed, until the gateway is to stop.
    private func watch(
        _ signals: Signals, _ gateway: Gateway, _ running: GatewaySettings,
        _ watched: WatchedFiles, _ keys: KeySetFetcher, _ loadEnded: Wakeup, _ logger: Logger
    ) {
        var watched = watched
        while true {
            let event = signals.wait(milliseconds: Self.watchMilliseconds)
            if event == .stop { return }
            guard event == .reload || watched.haveChanged else { continue }
            // What a refused load read is watched too: it may have been waiting for a file.
            let found = WatchedFiles()
            guard let outcome = load(gathering: found, until: signals, loadEnded) else { return }
            if found.hasAny { watched = found }
            guard let loaded = putInForce(outcome, in: gateway, running, logger) else { continue }
            keys.adopt(loaded.keySets, anew: event == .reload)
        }
    }

    /// Loads on a thread of its own: files may be slow to come, and a signal must not wait for that.
    /// - Returns: Nil when the gateway is to stop.
    private func load(
        gathering watched: WatchedFiles, until signals: Signals, _ done: Wakeup
    ) -> Result<LoadedConfiguration, any Error>? {
        let files = files
        let loading = Loading()
        do {
            let thread = try OwnedThread(name: "reload") {
                loading.run { try files.load(.configuration, files: watched) }
                done.signal()
            }
            // What is not done when a stop comes is left to end with the process.
            guard signals.wait(until: done) else { return nil }
            done.drain()
            thread.join()
        } catch {
            return .failure(error)
        }
        return loading.outcome
    }

    /// Puts rules, sources and secrets in force as they are now on disk, if they are right.
    /// - Parameter running: What the gateway was started with.
    /// - Returns: What is in force now; nil when nothing has changed.
    private func putInForce(
        _ outcome: Result<LoadedConfiguration, any Error>, in gateway: Gateway,
        _ running: GatewaySettings, _ logger: Logger
    ) -> LoadedConfiguration? {
        do {
            let loaded = try outcome.get()
            try gateway.reload(loaded.settings)
            gateway.reloads.succeeded()
            for warning in loaded.warnings { logger.warning("\(warning)") }
            for part in running.needsRestart(for: loaded.settings) {
                logger.warning("\(part) has changed and needs a restart")
            }
            logger.notice(
                "rules and secrets loaded anew",
                metadata: ["rules": "\(loaded.settings.rules.rules.count)"])
            return loaded
        } catch let exit as Exit {
            gateway.reloads.refused(errorCount: exit.lines.count)
            for line in exit.lines { logger.error("\(line)") }
            logger.error("nothing was changed; the earlier rules and secrets stay in force")
        } catch {
            gateway.reloads.refused(errorCount: 1)
            logger.error("nothing was changed: \(error)")
        }
        return nil
    }
}

/// The outcome of loading, handed from the thread that loads.
private final class Loading: Sendable {
    private let result = Mutex<Result<LoadedConfiguration, any Error>?>(nil)

    var outcome: Result<LoadedConfiguration, any Error>? { result.withLock { $0 } }

    func run(_ load: () throws -> LoadedConfiguration) {
        let outcome = Result { try load() }
        result.withLock { $0 = outcome }
    }
}
