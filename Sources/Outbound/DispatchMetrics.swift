package import Metrics

/// What dispatch counts.
package final class DispatchMetrics: Sendable {
    package let starts = CounterFamily(
        name: "hookline_starts_total", help: "Starts by rule and the state they came to.",
        labels: ["rule", "state"])
    package let callbacks = CounterFamily(
        name: "hookline_callbacks_total",
        help: "Callbacks by the state they came to, queued when they are made.",
        labels: ["state"])
    package let attempts = CounterFamily(
        name: "hookline_start_attempts_total", help: "Attempts of starts by outcome.",
        labels: ["outcome"])
    package let callbackAttempts = CounterFamily(
        name: "hookline_callback_attempts_total", help: "Attempts of callbacks by outcome.",
        labels: ["outcome"])
    package let retries = CounterFamily(
        name: "hookline_start_request_retries_total",
        help: "Requests repeated within one attempt of a start, by the kind of failure.",
        labels: ["kind"])
    package let chatMessages = CounterFamily(
        name: "hookline_chat_messages_total",
        help: "Messages to chats that follow the answer to their request, by how they ended.",
        labels: ["outcome"])
    package let startSeconds = Histogram(
        name: "hookline_start_seconds",
        help: "From the sending of a StartPipelineExecution request to its reply.")

    package init() {
        // There from the first scrape on, so that an increase can be seen.
        for outcome in ["delivered", "failed", "dropped"] { _ = chatMessages.counter(outcome) }
    }
}
