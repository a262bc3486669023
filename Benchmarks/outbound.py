"""The outbound side: starts sent to a local endpoint beside boto3, and the time from a webhook to the
request on the wire. Called by Benchmarks/run.

outbound.py HOOKLINE SINK ROUNDS SERVER_CORE CLIENT_CORE [FILTER] prints two tables. FILTER names rows.
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SECRET = "benchmark-secret-of-no-value"
STARTS = 30_000
BOTO3_STARTS = 4_000
BOTO3_THREADS = 16
PUSHES = 300


def pinned(core, command, **more):
    return subprocess.Popen(["taskset", "-c", str(core), *command], **more)


def stop(process):
    if process and process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


class Sink:
    """The endpoint, on the client's core."""

    def __init__(self, binary, core, log=None):
        self.process = pinned(core, [binary] + ([str(log)] if log else []),
                              stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())


class Gateway:
    """Hookline on one core, with a rule that starts a pipeline for each push."""

    def __init__(self, hookline, core, folder, endpoint_port):
        (folder / "rules.yaml").write_text("""rules:
  - name: retrain
    source: github
    on: {push: {branches: [main]}}
    start:
      PipelineName: churn-training
      PipelineParameters: {GitCommit: "${event.after}", Epochs: 20}
""")
        (folder / "hookline.yaml").write_text(f"""listen: 127.0.0.1:0
admin: 127.0.0.1:0
rules: [rules.yaml]
aws: {{region: eu-west-1, endpoint: "http://127.0.0.1:{endpoint_port}"}}
sources: {{github: {{type: github, secrets: [{{env: GITHUB_WEBHOOK_SECRET}}]}}}}
limits: {{queuedStarts: 0}}
""")
        log = folder / "log"
        self.process = pinned(
            core, [hookline, "serve", "--log-format", "json", "--log-level", "notice"], cwd=folder,
            stderr=open(log, "w"),
            env={"GITHUB_WEBHOOK_SECRET": SECRET, "AWS_ACCESS_KEY_ID": "benchmark",
                 "AWS_SECRET_ACCESS_KEY": "benchmark", "HOME": str(folder)})
        self.address = self.find(log, "listening for webhooks")
        self.admin = self.find(log, "admin listening")

    def find(self, log, message):
        for _ in range(400):
            for line in log.read_text().splitlines():
                if f'"{message}"' in line:
                    return json.loads(line)["address"]
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        raise SystemExit(f"hookline did not start: {log.read_text()}")

    def metric(self, name):
        connection = http.client.HTTPConnection(self.admin, timeout=20)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
        return float(found.group(1)) if found else 0.0


def push(commit):
    body = json.dumps({"ref": "refs/heads/main", "before": "1" * 40, "after": commit,
                       "repository": {"full_name": "acme/churn"}, "commits": []}).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-GitHub-Event": "push",
                  "X-GitHub-Delivery": commit, "X-Hub-Signature-256": "sha256=" + digest}


def commit_of(number):
    # Zeros would be a deleted branch.
    return f"{number + 1:040x}"


def fill(gateway, count):
    """Pushes over many connections, each answered when it is on disk."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def work():
        connection = http.client.HTTPConnection(gateway.address, timeout=60)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            body, headers = push(commit_of(number))
            connection.request("POST", "/hooks/github", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 202:
                raise SystemExit(f"a push was answered with {answer.status}")

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hookline_starts(hookline, sink_binary, server, client):
    """Queued starts a second: sent, answered and their states committed."""
    with tempfile.TemporaryDirectory(dir=pathlib.Path(sink_binary).parent) as name:
        sink = Sink(sink_binary, client)
        gateway = None
        try:
            # The endpoint stands still until everything is queued.
            sink.process.send_signal(signal.SIGSTOP)
            gateway = Gateway(hookline, server, pathlib.Path(name), sink.port)
            fill(gateway, STARTS)
            queued = gateway.metric("hookline_queued_starts")
            began = time.monotonic()
            sink.process.send_signal(signal.SIGCONT)
            while gateway.metric("hookline_queued_starts") > 0:
                if time.monotonic() - began > 60:
                    raise SystemExit("the queue was not empty after a minute")
                time.sleep(0.02)
            elapsed = time.monotonic() - began
            # The last one is counted a moment after it is committed.
            time.sleep(0.2)
            started = gateway.metric('hookline_starts_total{rule="retrain",state="started"}')
            if started != STARTS:
                raise SystemExit(f"{started:.0f} of {STARTS} starts came to started")
            return queued / elapsed
        finally:
            stop(gateway.process if gateway else None)
            stop(sink.process)


def boto3_starts(sink_binary, server, client):
    """Calls of boto3's start_pipeline_execution a second, on as many threads as people use."""
    sink = Sink(sink_binary, client)
    code = f"""
import threading, time, boto3
from botocore.config import Config
client = boto3.client("sagemaker", endpoint_url="http://127.0.0.1:{sink.port}",
    region_name="eu-west-1", aws_access_key_id="benchmark", aws_secret_access_key="benchmark",
    config=Config(max_pool_connections={BOTO3_THREADS}))
def work(count):
    for number in range(count):
        client.start_pipeline_execution(PipelineName="churn-training",
            ClientRequestToken=f"{{number:040x}}", PipelineParameters=[
                {{"Name": "GitCommit", "Value": f"{{number:040x}}"}}, {{"Name": "Epochs", "Value": "20"}}])
work(10)
threads = [threading.Thread(target=work, args=({BOTO3_STARTS // BOTO3_THREADS},))
           for _ in range({BOTO3_THREADS})]
began = time.monotonic()
for thread in threads: thread.start()
for thread in threads: thread.join()
print({BOTO3_STARTS // BOTO3_THREADS * BOTO3_THREADS} / (time.monotonic() - began))
"""
    try:
        run = pinned(server, [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                     env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})
        text, _ = run.communicate(timeout=120)
        return float(text)
    finally:
        stop(sink.process)


def latency(hookline, sink_binary, server, client):
    """Milliseconds from a push's first byte to its StartPipelineExecution request, one at a time."""
    with tempfile.TemporaryDirectory(dir=pathlib.Path(sink_binary).parent) as name:
        folder = pathlib.Path(name)
        sink = Sink(sink_binary, client, folder / "arrivals")
        gateway = None
        try:
            gateway = Gateway(hookline, server, folder, sink.port)
            connection = http.client.HTTPConnection(gateway.address, timeout=20)
            sent = {}
            for number in range(PUSHES):
                body, headers = push(commit_of(number))
                sent[commit_of(number)] = time.monotonic_ns()
                connection.request("POST", "/hooks/github", body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 202:
                    raise SystemExit(f"a push was answered with {answer.status}")
                time.sleep(0.01)
            time.sleep(1)
            arrivals = dict(reversed(line.split()) for line in
                            (folder / "arrivals").read_text().splitlines())
            if len(arrivals) != PUSHES:
                raise SystemExit(f"{len(arrivals)} of {PUSHES} pushes came to a request")
            # The first ones find no connection and cold caches.
            return sorted((int(arrivals[commit]) - moment) / 1e6
                          for commit, moment in list(sent.items())[20:])
        finally:
            stop(gateway.process if gateway else None)
            stop(sink.process)


def main():
    hookline, sink, rounds, server, client, *only = sys.argv[1:]
    hookline, sink = os.path.abspath(hookline), os.path.abspath(sink)
    wanted = only[0].split(",") if only and only[0] else []

    def is_wanted(name):
        return not wanted or name in wanted

    ours, theirs = [], []
    for _ in range(int(rounds)):
        if is_wanted("hookline-starts"):
            ours.append(hookline_starts(hookline, sink, server, client))
        if is_wanted("boto3-starts"):
            theirs.append(boto3_starts(sink, server, client))
    if ours or theirs:
        print(f"\nStarts sent to a local endpoint on another core, medians of {rounds} rounds\n")
        print("| client, on one core | starts/s | lowest–highest | Hookline is |\n|---|---:|---:|---:|")
        for label, rates in [("**Hookline**, queued starts, states committed", ours),
                             (f"boto3, {BOTO3_THREADS} threads, nothing kept", theirs)]:
            if rates:
                ratio = ""
                if rates is theirs and ours:
                    ratio = f"{statistics.median(a / b for a, b in zip(ours, theirs)):.1f} ×"
                print(f"| {label} | {statistics.median(rates):,.0f} | {min(rates):,.0f}–"
                      f"{max(rates):,.0f} | {ratio} |")
    if is_wanted("latency"):
        times = latency(hookline, sink, server, client)
        print(f"\nFrom a webhook's first byte to StartPipelineExecution on the wire, idle, {len(times)} "
              "pushes one at a time, committed before\n\n| p50 ms | p90 ms | p99 ms |\n|---:|---:|---:|")
        at = [times[int(len(times) * share)] for share in (0.5, 0.9, 0.99)]
        print("| " + " | ".join(f"{value:.2f}" for value in at) + " |")


main()
