"""One busy connection, alone and beside many idle ones, in turn; and what an idle connection holds."""

import contextlib
import time

from e2e.harness.checks import wait_for
from e2e.harness.machine import raise_open_files

CONNECTIONS = 10000
OPEN_SECONDS = 60
SETTLE_SECONDS = 2


def run(bench):
    connections = bench.options.connections or CONNECTIONS
    raise_open_files(connections + 500)
    bench.start_service()
    bench.warm_up(connections=1)
    growth(bench, connections)
    for number in range(1, bench.options.rounds + 1):
        alone, beside, closed = pair(bench, connections, alone_first=number % 2 == 1)
        bench.report.round(number, alone_per_s=alone, beside_idle_per_s=beside, ratio=beside / alone,
                           idle_closed=closed, peak_rss_mb=bench.service.peak_mb())
    summarise(bench, connections)


def pair(bench, connections, alone_first):
    """Both rates; which is measured first changes from round to round, so that no drift favours one."""
    alone = busy(bench) if alone_first else None
    with idle(bench, connections) as swarm:
        beside = busy(bench)
        closed = swarm.end()["closed"]
    return alone or busy(bench), beside, closed


def busy(bench):
    measured = bench.send("rfc5424", bench.options.events, 1)
    bench.clear()
    return measured.rate


@contextlib.contextmanager
def idle(bench, connections):
    """The swarm of idle connections: from all accepted to all gone, so that neither falls into what is measured."""
    with bench.tools.swarm("idle", bench.service.port, connections) as swarm:
        wait_for_connections(bench.service, lambda accepted: accepted >= connections)
        yield swarm
    wait_for_connections(bench.service, lambda left: left <= 1)


def wait_for_connections(service, condition):
    def count():
        return service.metric("sluice_connections")

    wait_for(lambda: f"sluice_connections stays at {count():.0f}: is max-connections lower than asked for?",
             lambda: condition(count()), OPEN_SECONDS, 0.5)
    time.sleep(SETTLE_SECONDS)


def memory(service):
    """Live heap, direct buffers and resident memory in bytes, after a garbage collection."""
    service.collect_garbage()
    time.sleep(SETTLE_SECONDS)
    return (service.metric("jvm_memory_used_bytes", area="heap"),
            service.metric("jvm_buffer_memory_used_bytes", id="direct"), service.resident_mb() * 1e6)


def growth(bench, connections):
    before = memory(bench.service)
    with idle(bench, connections):
        after = memory(bench.service)
    heap, direct, resident = ((later - earlier) / connections / 1000 for earlier, later in zip(before, after))
    report = bench.report
    report.final("heap of an idle connection", heap, "KB", note=f"{connections} of them")
    report.final("direct memory of an idle connection", direct, "KB")
    report.final("resident memory of an idle connection", resident, "KB", at_most=10)


def summarise(bench, connections):
    report = bench.report
    report.final("busy connection alone", report.median("alone_per_s"), "1/s", note="median")
    report.final("busy connection beside idle ones", report.median("beside_idle_per_s"), "1/s", note="median")
    report.final("ratio", report.median("ratio"), "", at_least=0.85, note="median of the rounds' ratios")
    report.final("idle connections closed", max(report.rounds["idle_closed"]), "", at_most=0)
    report.final("peak resident memory", bench.service.peak_mb(), "MB")
