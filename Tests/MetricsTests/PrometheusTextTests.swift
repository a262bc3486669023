import Metrics
import Testing

@Suite struct PrometheusTextTests {
    @Test func `writes counters by label, escaped and in order`() {
        let family = CounterFamily(name: "x_total", help: "X.", labels: ["a", "b"])
        family.counter("2", "q\"\\\n").increment()
        let kept = family.counter("1", "y")
        kept.increment(by: 2)
        family.counter("1", "y").increment()
        var text = PrometheusText()
        text.append(family)
        #expect(
            text.text
                == "# HELP x_total X.\n# TYPE x_total counter\nx_total{a=\"1\",b=\"y\"} 3\n"
                + "x_total{a=\"2\",b=\"q\\\"\\\\\\n\"} 1\n")
    }

    @Test func `writes histograms cumulatively, a bound belonging to its bucket`() {
        let histogram = Histogram(name: "h_seconds", help: "H.", bounds: [0.001, 0.01])
        for milliseconds in [1, 5, 10, 11] as [Int64] {
            histogram.observe(nanoseconds: milliseconds * 1_000_000)
        }
        var text = PrometheusText()
        text.append(histogram)
        #expect(
            text.text
                == "# HELP h_seconds H.\n# TYPE h_seconds histogram\n"
                + "h_seconds_bucket{le=\"0.001\"} 1\nh_seconds_bucket{le=\"0.01\"} 3\n"
                + "h_seconds_bucket{le=\"+Inf\"} 4\nh_seconds_sum 0.027\nh_seconds_count 4\n")
    }

    @Test func `writes gauges and plain counters`() {
        var text = PrometheusText()
        text.append(gauge: "g", help: "G.", 2)
        text.append(gauge: "f", help: "F.", 0.5)
        text.append(counter: "c_total", help: "C.", 7)
        #expect(
            text.text
                == "# HELP g G.\n# TYPE g gauge\ng 2\n# HELP f F.\n# TYPE f gauge\nf 0.5\n"
                + "# HELP c_total C.\n# TYPE c_total counter\nc_total 7\n")
    }
}
