#!/usr/bin/env python3
"""Attacks the packaged service while shippers that behave deliver beside it, and counts what came of both.

`e2e/attacks/run.py` runs each attack for some seconds, `e2e/attacks/run.py --long` for a minute and with the numbers
that once stopped the service; `e2e/attacks/run.py gzip http` those with one of the words in their name, known faults
included. `e2e/attacks/run.py --fair` measures how long about twenty shippers wait beside a thousand hostile connections
of each kind: p99 within 5 times that of just before, or 100 ms (see fairness.py).

The service runs as in production (`-Xmx128m`) on a PostgreSQL of its own. RELP, Lumberjack and Forward shippers send
before and during each attack and note each acknowledgement. After it: what was acknowledged is stored (with a chunk id
once), the books balance (received = stored + filtered + dead letters + deduplicated), nothing is in flight, heap and
descriptors are back, the service is live and ready, its log has no error, and the shippers waited no longer than the
limits below. At the end, when nobody else sends, the books balance in bytes, too (see books.py).
"""

import argparse
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from e2e import tls_shippers
from e2e.attacks import (
    books,
    connections,
    detection,
    fairness,
    forward,
    frames,
    headers,
    lumberjack,
    rows,
    texts,
)
from e2e.attacks.scene import Scene
from e2e.attacks.shippers import Fleet
from e2e.harness import meters
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import Postgres
from e2e.harness.processes import Started
from e2e.harness.program import main, work_folder
from e2e.harness.service import Service

ATTACKS = {
    "Forward: giant ids, table locked": forward.giant_ids,
    "Forward: a gzip member a byte": forward.gzip_member_a_byte,
    "Forward: empty chunks": forward.empty_chunks,
    "Forward: wrong keys": headers.keyed,
    "Lumberjack: empty windows, compressed": lumberjack.empty_windows,
    "Lumberjack: compressed frames begun": lumberjack.begun_frames,
    "detection: nested start": detection.nested_start,
    "detection: blank lines": detection.blank_lines,
    "frames: most of a large one": frames.partial_frames,
    "frames: counted, one without a priority": frames.slipping_count,
    "frames: objects without end of line": frames.objects_without_end_of_line,
    "frames: text without end of line": frames.text_without_end_of_line,
    "rows: refused with a state of their own": rows.own_sqlstate,
    "rows: numbers that grow": rows.numbers,
    "connections: reset at once": connections.connect_and_reset,
    "connections: headers of proxies": headers.proxy_headers,
    "http: headers without end": connections.http_headers,
    "tls: key updates": connections.key_updates,
    "tls: whole handshakes": connections.handshakes,
    "texts: bearer": texts.bearer,
    "texts: access keys": texts.access_keys,
    "texts: expression": texts.expression,
    "books: in bytes": books.balance,
}

SHORT_SECONDS, LONG_SECONDS = 6, 60
EACH = 2  # shippers of a kind
IDLE_SECONDS = 5
SETTLE_SECONDS = 60

# Generous, for a busy machine: what an attack once did was ten times and more beyond.
P99_FACTOR, P99_FLOOR = 5, 2.0
GAP_FLOOR = 5.0
HEAP_MB, DESCRIPTORS = 16, 20

# Where an event that was received may have gone.
BOOKS = ("sluice_events_stored_total", "sluice_events_filtered_total", "sluice_dead_letters_total",
         "sluice_events_deduplicated_total")
BAD = re.compile(r"OutOfMemoryError|LEAK:|Exception in thread|StackOverflowError")


class World(Started):
    """The service and its database, and how both are when nothing happens."""

    def __init__(self, work, long):
        self.work, self.long = work, long
        self.certificates = tls_shippers.make_certificates(work / "certificates")
        self.secure_port = free_port()
        self.postgres = Postgres(work)
        self.service = None

    def start(self):
        self.postgres.start()
        self.start_service()
        self.database = self.postgres.connect()
        fleet = Fleet("idle", self.service.port, EACH).start()
        time.sleep(IDLE_SECONDS)
        fleet.stop()
        self.idle_p99, self.idle_gap = fleet.p99(), fleet.longest_gap()
        self.limits = (P99_FLOOR + P99_FACTOR * self.idle_p99, GAP_FLOOR + P99_FACTOR * self.idle_gap)
        print(f"idle: {len(fleet.acknowledged())} events, p99 {self.idle_p99:.3f} s, longest gap {self.idle_gap:.3f} s;"
              f" limits {self.limits[0]:.1f} s and {self.limits[1]:.1f} s", flush=True)

    def start_service(self):
        environment = {**tls_shippers.secure_listener(self.certificates, self.secure_port), **texts.RULES,
                       **headers.LISTENERS,
                       "SLUICE_LISTENERS_MAIN_MAXCONNECTIONS": "5000",
                       "SLUICE_PIPELINE_MEMORY": "40MB"}  # rules that redact take more scratch
        self.service = Service(self.work, self.postgres, environment)
        self.service.start()

    def stop(self):
        if self.service:
            self.service.stop()
        self.postgres.stop()

    def attack(self, attack):
        """Returns a line of figures, and what was broken."""
        self.restart_when_gone()
        if attack is books.balance:
            return books.balance(self)
        before, log = self.state(), self.service.log.stat().st_size
        fleet = Fleet(str(time.time_ns()), self.service.port, EACH).start()
        seconds = LONG_SECONDS if self.long else SHORT_SECONDS
        scene = self.scene(seconds, self.database)
        failures = []
        try:
            attack(scene)
        except Failure as failure:
            failures.append(str(failure))
        scene.rest()
        fleet.stop()
        failures += [*fleet.failures(), *self.settled(before), *self.kept(fleet)]
        p99, gap = fleet.p99(), fleet.longest_gap()
        held = seconds if attack is forward.giant_ids else 0  # nobody is answered while the table is locked
        failures += [f"{what} {seen:.1f} s, limit {limit + held:.1f} s"
                     for what, seen, limit in zip(("p99", "longest gap"), (p99, gap), self.limits)
                     if seen > limit + held]
        bad = BAD.findall(self.service.log.read_bytes()[log:].decode(errors="replace"))
        failures += [f"its log says {word}" for word in sorted(set(bad))]
        return (f"{len(fleet.acknowledged()):>6} acked, p99 {p99:7.3f} s, gap {gap:7.3f} s,"
                f" {fleet.reconnects()} reconnects"), failures

    def scene(self, seconds, database):
        return Scene(self.service, self.postgres, database, seconds, self.long, self.secure_port, self.certificates)

    def restart_when_gone(self):
        try:
            self.service.check_alive()
            self.service.get("/actuator/health/liveness")
        except (Failure, OSError):
            self.service.process.kill()
            self.service.process.wait()
            self.start_service()

    def state(self):
        self.service.collect_garbage()
        heap = self.service.metric("jvm_memory_used_bytes", area="heap")
        descriptors = len(list(Path(f"/proc/{self.service.process.pid}/fd").iterdir()))
        return {"heap MB": heap / 1e6, "descriptors": descriptors,
                "bytes in flight": self.service.metric("sluice_inflight_bytes"), "unbalanced events": self.unbalanced()}

    def unbalanced(self):
        metrics = self.service.metrics()
        known = sum(meters.total(metrics, name) for name in BOOKS)
        return meters.total(metrics, "sluice_events_received_total") - known

    def settled(self, before):
        """Everything is back where it was, in a while."""
        limits = {"heap MB": before["heap MB"] + HEAP_MB, "descriptors": before["descriptors"] + DESCRIPTORS,
                  "bytes in flight": 0, "unbalanced events": 0}

        def over():
            self.service.check_alive()
            state = self.state()
            return [f"{what} {state[what]:.0f}, limit {limit:.0f}" for what, limit in limits.items()
                    if state[what] > limit or (what == "unbalanced events" and state[what] != 0)]

        try:
            wait_for(lambda: "; ".join(over()), lambda: not over(), SETTLE_SECONDS, 1)
            for probe in ("liveness", "readiness"):
                self.service.get(f"/actuator/health/{probe}")
            return []
        except (Failure, OSError) as error:
            return [f"the service is not as before: {error}"]

    def kept(self, fleet):
        """What was acknowledged is stored, and of Forward once."""
        stored = dict(self.database.rows("SELECT message, count(*) FROM log_event WHERE message LIKE 'good %'"
                                         " GROUP BY message"))
        lost = [event for event in fleet.acknowledged() if event not in stored]
        twice = [event for event in fleet.acknowledged() if "-forward-" in event and int(stored.get(event, 1)) > 1]
        return [f"{len(events)} acknowledged and {what}, such as {events[0]}"
                for what, events in (("not stored", lost), ("stored twice", twice)) if events]


def attack_all(wanted, attack):
    table, failed = [], 0
    for name in wanted:
        try:
            figures, failures = attack(name)
        except (Failure, OSError) as error:
            figures, failures = "-", [str(error)]
        failed += 1 if failures else 0
        table.append(f"{name:<40} {figures}" + "".join(f"\n    FAILED: {failure}" for failure in failures))
        print(table[-1], flush=True)
    print(f"{len(wanted) - failed} withstood, {failed} failed", flush=True)
    return failed


def attack_beside_shippers():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only attacks with one of these in their name")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--fair", action="store_true")
    arguments = parser.parse_args()
    wanted = [name for name in (fairness.KINDS if arguments.fair else ATTACKS)
              if not arguments.words or any(word in name for word in arguments.words)]
    with work_folder("attacks") as work, World(work, arguments.long) as world:
        failed = attack_all(wanted, lambda name: fairness.measure(world, name) if arguments.fair
                            else world.attack(ATTACKS[name]))
        if failed:
            print(tail(world.service.log), file=sys.stderr)
        return 1 if failed else 0


if __name__ == "__main__":
    main(attack_beside_shippers)
