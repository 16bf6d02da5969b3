"""TLS beside plaintext, in turn; handshakes a second; and what a flood of half-open handshakes costs other shippers."""

import contextlib
import re
import selectors
import socket
import subprocess
import threading
import time

from bench.scenarios import latency
from e2e.harness.certificates import Authority, shippers_bundle
from e2e.harness.machine import free_port, raise_open_files
from e2e.harness.processes import end
from e2e.harness.processes import run as run_program

CONNECTIONS = 4
HALF_OPEN = 2000
HANDSHAKE_SECONDS = 10
QUIET_RATE = 20_000
QUIET_SECONDS = 20
# The head of a record that says 512 bytes follow, and of a ClientHello that says 508 do.
HALF_A_HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(32)


def run(bench):
    raise_open_files(HALF_OPEN + 500)
    secure = free_port()
    # A connection with TLS counts 32 KB, so that many of them need a larger heap.
    bench.start_service(secure_listener(bench.work, secure), heap="-Xmx256m")
    for send in (plain, tls):
        send(bench, secure, bench.options.warmup // 2)
    for number in range(1, bench.options.rounds + 1):
        order = (plain, tls) if number % 2 else (tls, plain)
        measured = {send: send(bench, secure, bench.options.events) for send in order}
        bench.report.round(
            number, plain_per_s=measured[plain].rate, tls_per_s=measured[tls].rate,
            ratio=measured[tls].rate / measured[plain].rate,
            plain_cpu_s_per_million=measured[plain].per_million(measured[plain].service_cpu),
            tls_cpu_s_per_million=measured[tls].per_million(measured[tls].service_cpu))
    summarise(bench.report)
    handshakes(bench, secure)
    beside_floods(bench, secure)


def secure_listener(work, port):
    folder = work / "certificates"
    Authority(folder).sign("tls", "DNS:localhost")
    return {**shippers_bundle(folder, "SECURE", PORT=port, MAXCONNECTIONS=HALF_OPEN + 100),
            "SLUICE_LISTENERS_MAIN_MAXCONNECTIONS": "1000"}


def plain(bench, secure, events):
    measured = bench.send("rfc5424", events, CONNECTIONS)
    bench.clear()
    return measured


def tls(bench, secure, events):
    file = bench.tools.events_file("rfc5424", events)
    with openssl_clients(secure, parts(file)) as first:
        measured = bench.shipped("rfc5424", events, lambda _: {"first": first})
    bench.clear()
    return measured


def parts(file):
    """The file's lines as one file a connection."""
    made = sorted(file.parent.glob(f"{file.name}-part-*"))
    if not made:
        run_program("split", "-n", f"l/{CONNECTIONS}", file, f"{file}-part-")
        made = sorted(file.parent.glob(f"{file.name}-part-*"))
    return made


@contextlib.contextmanager
def openssl_clients(port, files):
    """Yields when they began. They never see the end of a file, where s_client takes letters for commands."""
    first, running = time.time(), []
    for file in files:
        lines = subprocess.Popen(["tail", "-c", "+1", "-f", file], stdout=subprocess.PIPE)
        client = subprocess.Popen(["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}"],
                                  stdin=lines.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lines.stdout.close()
        running += [client, lines]
    try:
        yield first
    finally:
        for process in running:
            end(process)


def summarise(report):
    report.final("plaintext", report.median("plain_per_s"), "1/s", note=f"median, {CONNECTIONS} connections")
    report.final("  CPU of the service", report.median("plain_cpu_s_per_million"), "s/million")
    report.final("TLS 1.3", report.median("tls_per_s"), "1/s", note="the clients encrypt on the same cores")
    report.final("  CPU of the service", report.median("tls_cpu_s_per_million"), "s/million")
    report.final("  ratio to plaintext", report.median("ratio"), "")


def s_time(port):
    command = ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new", "-time", str(HANDSHAKE_SECONDS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def handshakes(bench, port):
    """Whole handshakes, each on a connection of its own, from one client a core."""
    before = bench.service.cpu_seconds()
    clients = [s_time(port) for _ in range(2)]
    done = sum(int(re.search(r"(\d+) connections in \d+ real", client.communicate()[0])[1]) for client in clients)
    bench.report.final("handshakes", done / HANDSHAKE_SECONDS, "1/s",
                       note="2 clients, the client's share on the same cores")
    bench.report.final("  CPU of the service", (bench.service.cpu_seconds() - before) / done * 1e3, "ms each")


def beside_floods(bench, port):
    """The latency of ordinary shippers on the plain listener: alone, beside half-open handshakes, beside whole ones."""
    quiet(bench, "alone")
    with HalfOpen(port) as flood:
        quiet(bench, f"beside {HALF_OPEN} half-open handshakes")
        bench.report.final("  half-open handshakes begun", flood.begun, "")
    with whole_handshakes(port):
        quiet(bench, "beside as many whole handshakes as 2 clients can make")
    refused = bench.service.metric("sluice_connections_rejected_total", listener="secure", reason="tls_timeout")
    bench.report.final("  half-open handshakes refused by timeout", refused, "")


def quiet(bench, what):
    before = latency.buckets(bench.service)
    bench.send("rfc5424", QUIET_RATE * QUIET_SECONDS, CONNECTIONS, QUIET_RATE)
    bench.clear()
    counts = latency.since(before, latency.buckets(bench.service))
    latency.report_quantiles(bench.report, f"read to committed {what}", counts, {50: None, 99: None})


@contextlib.contextmanager
def whole_handshakes(port):
    ended = threading.Event()

    def go_on():
        while not ended.is_set():
            for client in [s_time(port), s_time(port)]:
                client.communicate()

    thread = threading.Thread(target=go_on)
    thread.start()
    yield
    ended.set()
    thread.join()


class HalfOpen:
    """Connections that send half a ClientHello and wait; whichever the service closes is opened anew."""

    def __init__(self, port):
        self.address, self.begun, self.ended = ("127.0.0.1", port), 0, False
        self.selector = selectors.DefaultSelector()
        self.thread = threading.Thread(target=self.renew)

    def __enter__(self):
        for _ in range(HALF_OPEN):
            self.begin()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    def begin(self):
        connection = socket.create_connection(self.address)
        connection.sendall(HALF_A_HELLO)
        self.selector.register(connection, selectors.EVENT_READ)
        self.begun += 1

    def renew(self):
        while not self.ended:
            for key, _ in self.selector.select(0.2):
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
                self.begin()
