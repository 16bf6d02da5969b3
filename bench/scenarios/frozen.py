"""All PostgreSQL processes stopped in mid-stream while many connections send as fast as they can."""

import math
import time

from bench.measuring import Bench
from e2e.harness.machine import raise_open_files

CONNECTIONS = 1000
FROZEN_SECONDS = 30
VOLUME_BYTES = 600e6  # what is sent when --events says nothing: more than sockets and the service can hold
FRAME_MIN = 120
SENDING_SECONDS = 600


def run(bench: Bench):
    connections = bench.options.connections or CONNECTIONS
    raise_open_files(connections + 100)
    bench.start_service()
    bench.warm_up()
    frozen(bench, connections, bench.service.port)


def frozen(bench, connections, port):
    """In mid-stream of so many connections to this port."""
    frame_max = bench.options.frame_max
    events = bench.options.events_given or int(VOLUME_BYTES / mean_frame(frame_max))
    with bench.tools.swarm("flood", port, connections, events=events, frame_max=frame_max) as swarm:
        bench.wait_until_stored(events / 20)
        before = bench.service.resident_mb()
        samples = freeze(bench, swarm)
        resumed = time.time()
        swarm.wait_until_all_sent(SENDING_SECONDS)
        drained = bench.wait_until_stored(events) - resumed
        closed = swarm.end()["closed"]
    bench.verify(events)
    summarise(bench, before, samples, closed)
    bench.report.final("events sent = rows = different rows", events, "", note=f"{connections} connections,"
                       f" frames of {FRAME_MIN} to {frame_max} bytes")
    bench.report.final("from the thaw until all was stored", drained, "s")


def mean_frame(frame_max):
    """The mean of sizes spread evenly over the orders of magnitude between the smallest and the largest."""
    return (frame_max - FRAME_MIN) / math.log(frame_max / FRAME_MIN)


def freeze(bench, swarm):
    """Returns (seconds since the freeze, resident MB, bytes the senders got rid of) twice a second."""
    samples = []
    bench.postgres.freeze()
    try:
        start = time.monotonic()
        while time.monotonic() < start + FROZEN_SECONDS:
            samples.append((time.monotonic() - start, bench.service.resident_mb(), swarm.progress()["bytes"]))
            time.sleep(0.5)
        if swarm.progress()["all_sent"]:
            print("note: the senders had nothing left to send during the freeze: raise --events", flush=True)
    finally:
        bench.postgres.resume()
    return samples


def summarise(bench, before, samples, closed):
    report = bench.report
    resident = [mb for _, mb, _ in samples]
    half = samples[len(samples) // 2][2]
    report.final("resident before the freeze", before, "MB")
    report.final("resident at the start of the freeze", resident[0], "MB")
    report.final("resident at the end of the freeze", resident[-1], "MB")
    report.final("highest resident while frozen", max(resident), "MB", at_most=200)
    report.final("peak resident of the whole run", bench.service.peak_mb(), "MB", at_most=200)
    report.final("accepted in the first half of the freeze", (half - samples[0][2]) / 1e6, "MB")
    report.final("accepted in the second half", (samples[-1][2] - half) / 1e6, "MB", note="0: the senders stand still")
    report.final("connections closed by the service", closed, "", at_most=0)
