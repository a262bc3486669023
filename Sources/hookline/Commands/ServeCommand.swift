import ArgumentParser
import EventPoll
import Foundation
import HTTPServer
import Journal
import Logging
import OpenSSLCrypto
import Rules

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
        let logger = logging.makeLogger()
        let loaded = try files.load(.configuration)
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let gateway = try start(loaded, logger)
        logger.notice(
            "listening for webhooks",
            metadata: ["address": "\(gateway.addresses.map(\.description).joined(separator: ", "))"]
        )
        logger.notice("admin listening", metadata: ["address": "\(gateway.adminAddress)"])
        watch(signals, gateway, loaded, logger)
        logger.notice("stopping: requests under way are answered, nothing new is taken")
        try stop(gateway, signals)
        logger.notice("stopped")
    }

    /// Drains the gateway. A second signal ends the process without that: whatever was acknowledged
    /// is on disk.
    private func stop(_ gateway: Gateway, _ signals: Signals) throws {
        let done = try Wakeup()
        let thread = try OwnedThread(name: "stop") {
            gateway.stop()
            done.signal()
        }
        guard signals.wait(until: done) else { _exit(ExitStatus.answerIsNo.rawValue) }
        thread.join()
    }

    private func start(_ loaded: LoadedConfiguration, _ logger: Logger) throws -> Gateway {
        raiseDescriptorLimit()
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
    /// How many looks later keys that were fetched are fetched anew: after an hour.
    private static let looksBetweenFetches = 1800

    /// Loads anew at SIGHUP and when a file has changed, until the gateway is to stop.
    private func watch(
        _ signals: Signals, _ gateway: Gateway, _ loaded: LoadedConfiguration, _ logger: Logger
    ) {
        var files = loaded.files
        var stamps = files.stamps
        var looks = 0
        while true {
            let event = signals.wait(milliseconds: Self.watchMilliseconds)
            if event == .stop { return }
            let latest = files.stamps
            looks += 1
            let isFetchDue = files.hasRemote && looks >= Self.looksBetweenFetches
            guard event == .reload || latest != stamps || isFetchDue else { continue }
            looks = 0
            stamps = latest
            guard let fresh = reload(gateway, loaded.settings, logger) else { continue }
            files = fresh.files
            let loaded = files.stamps
            // What changed while it was read is read again.
            let hasChangedSince = latest.contains { old in
                loaded.contains { $0.path == old.path && $0 != old }
            }
            stamps = hasChangedSince ? latest : loaded
        }
    }

    /// Puts rules, sources and secrets in force as they are now on disk, if they are right.
    /// - Parameter running: What the gateway was started with.
    private func reload(
        _ gateway: Gateway, _ running: GatewaySettings, _ logger: Logger
    ) -> LoadedConfiguration? {
        do {
            let loaded = try files.load(.configuration)
            try gateway.reload(loaded.settings)
            gateway.reloads.succeeded()
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
