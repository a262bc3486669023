/// Writes metrics in Prometheus's text exposition format, version 0.0.4.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    package mutating func append(_ family: CounterFamily) {
        begin(family.name, family.help, "counter")
        for (values, count) in family.all {
            let labels = zip(family.labels, values).map { "\($0)=\"\(escaped($1))\"" }
            text += "\(family.name){\(labels.joined(separator: ","))} \(count)\n"
        }
    }

    package mutating func append(_ histogram: Histogram) {
        begin(histogram.name, histogram.help, "histogram")
        let (counts, sum) = histogram.snapshot
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds, counts) {
            cumulative += count
            text += "\(histogram.name)_bucket{le=\"\(bound)\"} \(cumulative)\n"
        }
        cumulative += counts[counts.count - 1]
        text += "\(histogram.name)_bucket{le=\"+Inf\"} \(cumulative)\n"
        text += "\(histogram.name)_sum \(sum)\n\(histogram.name)_count \(cumulative)\n"
    }

    /// Appends a value that goes up and down.
    package mutating func append(gauge name: String, help: String, _ value: Double) {
        begin(name, help, "gauge")
        let isWhole = value == value.rounded() && abs(value) < 1e15
        text += "\(name) \(isWhole ? String(Int(value)) : String(value))\n"
    }

    /// Appends a number that only grows and has no labels.
    package mutating func append(counter name: String, help: String, _ value: Int) {
        begin(name, help, "counter")
        text += "\(name) \(value)\n"
    }

    private mutating func begin(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n", with: "\\n")
    }
}
