"""Prints the table of Benchmarks/run from its measurements, one line each: see README.md."""

import os
import platform
import subprocess
import sys
from statistics import median

SECTIONS = [
    (
        "Verified, parsed, no rule matched (200)",
        ["hookline-unmatched", "limit", "node", "go", "webhook"],
    ),
    ("Matched and committed before the answer (202)", ["hookline-committed", "limit-committed"]),
    ("The same, about 5,000/s offered", ["hookline-committed-paced", "limit-committed-paced"]),
    (
        "Payloads of other sizes, no rule matched (200)",
        [
            f"{server}@{size}"
            for size in ("1KB", "100KB", "5MB")
            for server in ("hookline-unmatched", "limit")
        ],
    ),
    (
        "Other numbers of connections, no rule matched (200)",
        [
            f"{server}@{count}-connections"
            for count in (1, 1000)
            for server in ("hookline-unmatched", "limit")
        ],
    ),
]
NAMES = {
    "hookline": "**Hookline**",
    "limit": "C++ limit",
    "node": "Node http",
    "go": "Go net/http",
    "webhook": "Debian's webhook",
}
FIELDS = ["rate", "p50", "p99", "idle", "resident", "peak", "cpu"]


def read(path):
    """The measurements by server, in the order of the rounds, and the reasons of failures."""
    rounds, failures = {}, {}
    for line in open(path, encoding="utf-8"):
        name, outcome, *rest = line.rstrip("\n").split("\t")
        if outcome == "ok":
            values = dict(zip(FIELDS, map(float, rest)))
        else:
            failures[name], values = rest[0], None
        rounds.setdefault(name, []).append(values)
    return rounds, failures


def ratio(hookline, peer):
    """The median over the rounds of Hookline's rate by the peer's, taken in the same round."""
    pairs = zip(hookline, peer)
    ratios = [own["rate"] / other["rate"] for own, other in pairs if own and other]
    return f"{median(ratios):.2f} ×" if ratios else "–"


def row(name, rounds, failures, hookline, paced):
    server, _, variant = name.partition("@")
    label = NAMES[server.split("-")[0]]
    if variant:
        label += ", " + variant.replace("KB", " KB").replace("MB", " MB").replace("-", " ")
    if name in failures:
        return [label, f"FAILED: {failures[name]}"] + [""] * 7
    measured = rounds[name]
    middle = {field: median(values[field] for values in measured) for field in FIELDS}
    rates = [values["rate"] for values in measured]
    megabytes = " / ".join(f"{middle[field] / 1024:.0f}" for field in ("idle", "resident", "peak"))
    return [
        label,
        f"{middle['rate']:,.0f}",
        f"{min(rates):,.0f}–{max(rates):,.0f}",
        "" if hookline is measured or paced or not hookline else ratio(hookline, measured),
        f"{middle['p50'] / 1000:.2f}",
        f"{middle['p99'] / 1000:.2f}",
        megabytes,
        f"{middle['cpu']:.0f} %",
        f"{median(v['rate'] * 100 / max(v['cpu'], 1) for v in measured):,.0f}",
    ]


def version(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
    except OSError:
        return f"no {command[0]}"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    path, count, seconds, warm_up = sys.argv[1:]
    rounds, failures = read(path)
    print(
        f"Signed 7 KB GitHub pushes; medians of {count} interleaved rounds of {seconds} s, each"
        f" after {warm_up} s of warm-up.\nServer on one core, wrk with 32 connections on another;"
        f" {processor()}, {os.cpu_count()} cores, Linux {platform.release()};\n"
        f"{version('go', 'version')}; node {version('node', '--version')};"
        f" {version('webhook', '-version')}; load average now {os.getloadavg()[0]:.1f}."
    )
    header = ["server", "requests/s", "lowest–highest", "Hookline is", "p50 ms", "p99 ms"]
    header += ["MB idle / loaded / peak", "server CPU", "per CPU second"]
    for title, names in SECTIONS:
        first = names[0]
        names = [name for name in names if name in rounds]
        if not names:
            continue
        print(f"\n{title}\n\n| {' | '.join(header)} |\n|---|{'---:|' * (len(header) - 1)}")
        for name in names:
            _, mark, variant = name.partition("@")
            # A size or a number of connections is compared within itself.
            hookline = rounds.get(first.partition("@")[0] + mark + variant, [])
            print(f"| {' | '.join(row(name, rounds, failures, hookline, 'paced' in name))} |")


main()
