import Metrics
import Synchronization

/// How reloads ended: counted, and the last one told to whoever asks for readiness.
final class ReloadRecord: Sendable {
    let total = CounterFamily(
        name: "hookline_reloads_total", help: "Reloads of rules and secrets, by outcome.",
        labels: ["outcome"])
    /// How many errors the last reload was refused for; 0 when it was not.
    private let lastErrorCount = Atomic<Int>(0)

    init() {
        // There from the first scrape on, so that an increase can be seen.
        _ = total.counter("loaded")
        _ = total.counter("refused")
    }

    func succeeded() {
        total.counter("loaded").increment()
        lastErrorCount.store(0, ordering: .relaxed)
    }

    func refused(errorCount: Int) {
        total.counter("refused").increment()
        lastErrorCount.store(max(1, errorCount), ordering: .relaxed)
    }

    /// Nil while what is on disk is in force.
    var note: String? {
        let count = lastErrorCount.load(ordering: .relaxed)
        guard count > 0 else { return nil }
        return
            "the last reload was refused with \(count) error\(count == 1 ? "" : "s"), which the log "
            + "has; the earlier rules stay in force"
    }
}
