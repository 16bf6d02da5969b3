"""Many connections that each send a single event now and then: what a small read costs."""

from e2e.harness.machine import raise_open_files

CONNECTIONS = 1000
INTERVAL_MS = 50
WARMUP_SECONDS = 10
SECONDS = 30


def run(bench):
    connections = bench.options.connections or CONNECTIONS
    raise_open_files(connections + 100)
    bench.start_service()
    bench.warm_up()
    trickle(bench, connections, WARMUP_SECONDS)
    bench.clear()
    measured, sending_seconds = trickle(bench, connections, SECONDS)
    report = bench.report
    report.final("events", measured.events, "", note=f"{connections} connections, one event each {INTERVAL_MS} ms")
    report.final("rate while sending", measured.events / sending_seconds, "1/s")
    report.final("CPU of the service", measured.service_cpu / measured.events * 1e6, "us/event", at_most=15)
    report.final("CPU of PostgreSQL", measured.postgres_cpu / measured.events * 1e6, "us/event")
    report.final("peak resident memory", bench.service.peak_mb(), "MB", at_most=200)


def trickle(bench, connections, seconds):
    events = connections * seconds * 1000 // INTERVAL_MS
    with bench.tools.swarm("trickle", bench.service.port, connections, interval_ms=INTERVAL_MS,
                           seconds=seconds) as swarm:
        before = bench.cpu()
        sent = swarm.wait_until_all_sent(seconds * 4 + 60)
        measured = bench.measured(events, sent["started"], before)
    bench.verify(events)
    return measured, sent["seconds"]
