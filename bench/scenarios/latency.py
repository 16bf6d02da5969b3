"""From read to committed: at a quarter of the maximum rate, and for single events on an idle service."""

import math
import socket
import time

from bench.report import percentile
from e2e.harness.checks import Failure

HISTOGRAM = "sluice_event_latency_seconds"
CONNECTIONS = 4
SECONDS = 20
SINGLES = 100
PAUSE_SECONDS = 0.1
VISIBLE_SECONDS = 10


def run(bench):
    bench.start_service()
    bench.warm_up(connections=CONNECTIONS)
    rate = bench.options.rate or quarter_of_maximum(bench)
    at_rate(bench, rate)
    bench.clear()
    floor(bench)
    bench.clear()
    singles(bench)


def quarter_of_maximum(bench):
    measured = bench.send("rfc5424", bench.options.events, CONNECTIONS)
    bench.clear()
    return int(measured.rate / 4)


def at_rate(bench, rate):
    before = buckets(bench.service)
    measured = bench.send("rfc5424", rate * SECONDS, CONNECTIONS, rate)
    counts = since(before, buckets(bench.service))
    report = bench.report
    report.final("rate asked for", rate, "1/s", note=f"for {SECONDS} s")
    report.final("rate until committed", measured.rate, "1/s")
    report_quantiles(report, "read to committed", counts, {50: None, 99: 100})
    report.final("CPU of the service", measured.service_cpu / measured.events * 1e6, "us/event")


def floor(bench):
    """What the disk allows: the commit of one small row by libpq, at the pace of the single events."""
    took = []
    for _ in range(SINGLES):
        time.sleep(PAUSE_SECONDS)
        start = time.perf_counter()
        bench.database.rows("INSERT INTO dead_letter (received_at, reason) VALUES (now(), 'floor')")
        took.append((time.perf_counter() - start) * 1000)
    bench.report.final("floor: one-row commit by libpq, p50", percentile(took, 50), "ms")
    bench.report.final("floor: one-row commit by libpq, p99", percentile(took, 99), "ms")


def singles(bench):
    """One event each tenth of a second, timed from its send until a query sees it."""
    before = buckets(bench.service)
    with socket.create_connection(("127.0.0.1", bench.service.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seen = [send_and_see(bench.database, connection, number) for number in range(1, SINGLES + 1)]
    bench.verify(SINGLES)
    report = bench.report
    report.final("single event, send to visible, p50", percentile(seen, 50), "ms")
    report.final("single event, send to visible, p99", percentile(seen, 99), "ms", at_most=20)
    report.final("single event, send to visible, worst", max(seen), "ms")
    report_quantiles(report, "single event, read to committed", since(before, buckets(bench.service)),
                     {50: None, 99: 20})


def send_and_see(database, connection, number):
    time.sleep(PAUSE_SECONDS)
    start = time.perf_counter()
    connection.sendall(f"<134>1 2026-03-01T12:00:00Z single.example.net bench {number} - - one event\n".encode())
    while database.number("SELECT count(*) FROM log_event") < number:
        if time.perf_counter() > start + VISIBLE_SECONDS:
            raise Failure(f"event {number} was not visible within {VISIBLE_SECONDS} s")
        time.sleep(0.0003)
    return (time.perf_counter() - start) * 1000


def buckets(service):
    """Events so far at or below each bound (seconds), over all protocols."""
    counts = {}
    for name, labels, value in service.metrics():
        if name == f"{HISTOGRAM}_bucket":
            bound = math.inf if labels["le"] == "+Inf" else float(labels["le"])
            counts[bound] = counts.get(bound, 0) + value
    return counts


def since(before, after):
    return {bound: count - before.get(bound, 0) for bound, count in sorted(after.items())}


def report_quantiles(report, what, counts, goals):
    """A histogram knows a quantile only as the bucket it is in: the value is that bucket's upper bound."""
    total = max(counts.values(), default=0)
    for percent, goal in goals.items():
        figure = f"{what}, p{percent}"
        if total == 0:
            report.final(figure, None, "ms", at_most=goal, note=f"{HISTOGRAM} has no buckets")
            continue
        bounds = list(counts)
        index = next(i for i, bound in enumerate(bounds) if counts[bound] >= total * percent / 100)
        lower = bounds[index - 1] * 1000 if index else 0
        report.final(figure, bounds[index] * 1000, "ms", at_most=goal, note=f"upper bound; more than {lower:.3g} ms")
