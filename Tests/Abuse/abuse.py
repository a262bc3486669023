"""Floods and slow clients against a gateway on the loopback interface; see run."""
import hashlib
import hmac
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SECRET = b"abuse"
CONFIGURATION = """\
listen: 127.0.0.1:0
admin: 127.0.0.1:0
aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
sources:
  github: {type: github, secrets: [{env: ABUSE_SECRET}]}
"""


class Gateway:
    """A running gateway with the limits it has by default."""

    def __init__(self, binary, descriptors=None):
        self.folder = tempfile.mkdtemp(prefix="hookline-abuse-")
        with open(os.path.join(self.folder, "hookline.yaml"), "w") as file:
            file.write(CONFIGURATION)
        self.log_path = os.path.join(self.folder, "log")
        command = [binary, "serve", "--log-format", "json"]
        if descriptors:
            command = ["/bin/sh", "-c", f'ulimit -n {descriptors} && exec "$0" "$@"'] + command
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stderr=log,
                env={"ABUSE_SECRET": SECRET.decode(), "HOME": self.folder})
        self.port = self._port("listening for webhooks")
        self.admin = self._port("admin listening")

    def _port(self, what):
        for _ in range(200):
            found = re.search(rf'"{what}".*?"address":"[^"]*:(\d+)"', self.log())
            if found:
                return int(found.group(1))
            time.sleep(0.05)
        raise SystemExit(f"the gateway did not start: {self.log()}")

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def megabytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def metrics(self, *names):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: int(re.search(rf"^{name} (\d+)", text, re.M).group(1)) for name in names}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        shutil.rmtree(self.folder)
        return status


class GoodClient:
    """Sends a signed ping ten times a second, each on a connection of its own."""

    def __init__(self, port):
        self.port, self.seconds, self.failures, self.ends = port, [], [], threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()

    def _run(self):
        while not self.ends.wait(0.1):
            began = time.monotonic()
            try:
                status = self._ping()
                if status != 200:
                    self.failures.append(str(status))
            except OSError as error:
                self.failures.append(type(error).__name__)
            self.seconds.append(time.monotonic() - began)

    def _ping(self):
        signature = hmac.new(SECRET, b"{}", hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/hooks/github", b"{}", {
                "Content-Type": "application/json", "X-GitHub-Event": "ping",
                "X-GitHub-Delivery": str(time.monotonic_ns()),
                "X-Hub-Signature-256": f"sha256={signature}"})
            return connection.getresponse().status
        finally:
            connection.close()

    def summary(self):
        ordered = sorted(self.seconds) or [0]
        return (f"good client: {len(self.seconds)} requests, {len(self.failures)} failed, median "
                f"{1000 * ordered[len(ordered) // 2]:.1f} ms, longest {1000 * ordered[-1]:.0f} ms")


def connect(port, number):
    # Several source addresses, so that the ports of one do not run out.
    return socket.create_connection(
        ("127.0.0.1", port), 10, source_address=(f"127.0.0.{2 + number % 16}", 0))


def idle(binary):
    """10,000 connections: one in ten in half a head, the others idle behind a request."""
    gateway = Gateway(binary)
    before = gateway.megabytes()
    with GoodClient(gateway.port) as good:
        clients = []
        for number in range(10_000):
            clients.append(connect(gateway.port, number))
            if number % 10 == 0:
                clients[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            else:
                # Before its first request a connection has no more time than that for a head.
                clients[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                if not clients[-1].recv(4096).startswith(b"HTTP/1.1 200"):
                    raise SystemExit("a request was not answered with 200")
        opened = gateway.metrics("hookline_connections")["hookline_connections"]
        most = 0
        for _ in range(20):
            most = max(most, gateway.megabytes())
            time.sleep(0.1)
        for client in clients:
            client.close()
    problems = good.failures + ([] if most <= 120 else [f"{most:.0f} MB"])
    print(f"  {opened} open; resident {before:.1f} MB before, {most:.1f} MB with them")
    return gateway, good, problems


def connections(binary):
    """Connections opened and closed as fast as one thread can, for 10 s."""
    gateway = Gateway(binary)
    count, ends = 0, time.monotonic() + 10
    with GoodClient(gateway.port) as good:
        while time.monotonic() < ends:
            connect(gateway.port, count).close()
            count += 1
    print(f"  {count} connections in 10 s; resident {gateway.megabytes():.1f} MB")
    return gateway, good, good.failures


def descriptors(binary):
    """More connections than the process has descriptors for."""
    gateway = Gateway(binary, descriptors=200)
    problems = []
    with GoodClient(gateway.port) as good:
        clients = [connect(gateway.port, number) for number in range(1000)]
        time.sleep(8)
        for client in clients:
            client.close()
        time.sleep(13)
    log = gateway.log()
    for text in ["out of descriptors", "accepted again"]:
        if log.count(text) != 1:
            problems.append(f'"{text}" {log.count(text)} times in the log')
    names = ["hookline_accept_pauses_total", "hookline_connections_evicted_total"]
    print(f"  1000 connections for 200 descriptors; {gateway.metrics(*names)}")
    return gateway, good, problems + good.failures


def slow(mode, *more, seconds=25):
    def run(binary):
        gateway = Gateway(binary)
        with GoodClient(gateway.port) as good:
            command = ["slowhttptest", mode, "-c", "1000", "-r", "500", "-l", str(seconds), "-p", "5",
                       "-u", f"http://127.0.0.1:{gateway.port}/hooks/github", *more]
            output = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
        output = re.sub(r"\x1b\[[\d;]*m", "", output)
        ending = re.findall(r"Exit status: *(.*)", output)
        # slowhttptest asks with connections of its own whether the service is there.
        unavailable = len(re.findall(r"service available: +NO", output))
        names = ["hookline_connection_timeouts_total", "hookline_connections_accepted_total"]
        print(f"  {(ending or ['no exit status'])[-1].lower()}; {gateway.metrics(*names)}")
        problems = [f"slowhttptest saw no service {unavailable} times"] if unavailable else []
        return gateway, good, good.failures + problems + ([] if ending else ["no exit status"])
    run.__doc__ = f"slowhttptest {mode}: 1,000 connections, 500 a second, for {seconds} s"
    return run


TRIALS = {
    "idle": idle,
    "connections": connections,
    "descriptors": descriptors,
    "headers": slow("-H", "-i", "2", "-x", "24", "-t", "GET"),
    "body": slow("-B", "-i", "2", "-s", "8192", "-x", "10", "-t", "POST",
                 "-f", "application/json", seconds=45),
    "read": slow("-X", "-w", "1", "-y", "2", "-n", "5", "-z", "32", "-k", "3"),
    "range": slow("-R", "-a", "10", "-b", "3000", "-t", "GET"),
}


def main():
    binary, names = sys.argv[1], sys.argv[2:] or list(TRIALS)
    failed = False
    for name in names:
        if name not in TRIALS:
            raise SystemExit(f"no trial {name}; there are {', '.join(TRIALS)}")
        trial = TRIALS[name]
        print(f"{name}: {trial.__doc__}", flush=True)
        gateway, good, problems = trial(binary)
        print(f"  {good.summary()}")
        if gateway.process.poll() is not None:
            problems.append("the gateway ended")
        elif gateway.stop() != 0:
            problems.append("the gateway did not exit with 0")
        failed = failed or bool(problems)
        print("  FAILED: " + ", ".join(sorted(set(problems))) if problems else "  passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
