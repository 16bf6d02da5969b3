#!/usr/bin/env python3
"""Two instances behind HAProxy: connections spread after a scale-out, and rolling restarts lose nothing.

`e2e/balance.py` restarts each instance ten times, `e2e/balance.py --short` once. All shippers send all the time, each a
stream of numbered events; at the end every number of every stream must be stored, and those of Forward with ids once.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fluent import sender

from e2e import relays, tls_shippers
from e2e.harness.balancer import balancer
from e2e.harness.checks import Failure, wait_for, wait_for_count
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import Postgres
from e2e.harness.processes import Started, end
from e2e.harness.program import main, work_folder
from e2e.harness.senders import FLUSH_SECONDS, Forward, Lines, Stream
from e2e.harness.service import Service
from e2e.relays import RATE

MAX_AGE = 20
PROXIED = ("127.0.0.11", "127.0.0.12", "127.0.0.13")


class Instance(Service):
    """One replica: a plain listener, one with TLS, and one whose connections begin with the balancer's header."""

    def __init__(self, work, postgres, certificates):
        work.mkdir()
        super().__init__(work, postgres)
        self.certificates = certificates
        self.proxied_port, self.secure_port = free_port(), free_port()

    def environment(self):
        own = {"MAIN_MAXAGE": f"{MAX_AGE}s", "MAIN_MAXCONNECTIONS": "1000", "PROXIED_PORT": self.proxied_port,
               "PROXIED_MAXAGE": f"{MAX_AGE}s", "PROXIED_MAXCONNECTIONS": "1000", "PROXIED_PROXYPROTOCOL": "required",
               "PROXIED_PROXYPROTOCOLFROM": "127.0.0.1", "PROXIED_ALLOW": "127.0.0.8/29",
               "SECURE_MAXAGE": f"{MAX_AGE}s"}
        return {**super().environment(), **tls_shippers.secure_listener(self.certificates, self.secure_port),
                **{f"SLUICE_LISTENERS_{name}": str(value) for name, value in own.items()}}

    def connections(self):
        return int(self.metric("sluice_connections"))

    def restart(self):
        """Returns how long it took to stop and to be ready again, in seconds."""
        begin = time.monotonic()
        self.stop()
        stopped = time.monotonic()
        if self.process.returncode != 0:
            raise Failure(f"exit status: expected 0, got {self.process.returncode}\n{tail(self.log)}")
        self.start()
        return stopped - begin, time.monotonic() - stopped


class FluentLogger(Stream):
    """Debian's python3-fluent-logger: no acks; it keeps what it could not send."""

    def __init__(self, name, port):
        super().__init__(name, None, RATE)
        self.sender = sender.FluentSender("shop", host="127.0.0.1", port=port)

    def send(self, text):
        self.sender.emit(None, {"message": text})

    def finish(self):
        deadline = time.monotonic() + FLUSH_SECONDS
        while self.sender.pendings and time.monotonic() < deadline:
            time.sleep(1)
            self.send(f"{self.name} 0")
        self.sender.close()


class World(Started):
    """The two instances, their balancer, rsyslog, and the streams."""

    def __init__(self, work, postgres):
        self.work, self.postgres = work, postgres
        self.certificates = tls_shippers.make_certificates(work / "certificates")
        self.a, self.b = (Instance(work / name, postgres, self.certificates) for name in ("a", "b"))
        self.plain, self.secure, self.proxied = free_port(), free_port(), free_port()
        self.daemons, self.streams, self.restarts = [], [], []

    def start(self):
        self.database = self.postgres.connect()
        self.a.start()
        both = (self.a, self.b)
        self.daemons.append(balancer(self.work, "haproxy", {
            "plain": (self.plain, [f"{one.log.parent.name} 127.0.0.1:{one.port}" for one in both]),
            "secure": (self.secure, [f"{one.log.parent.name} 127.0.0.1:{one.secure_port}" for one in both]),
            "proxied": (self.proxied, [f"{one.log.parent.name} 127.0.0.1:{one.proxied_port} send-proxy-v2"
                                       for one in both])}))
        senders = self.relays()
        secure = [relay for relay in senders if relay.target == self.secure]
        self.rsyslog("plain", [relay for relay in senders if relay not in secure])
        for relay in secure:  # each alone: 8.2302 says goodbye on a descriptor that may be another action's by then
            self.rsyslog(relay.name, [relay])
        time.sleep(2)
        self.streams = [
            *senders,
            *(FluentLogger(f"fluent-{n}", self.plain) for n in range(3)),
            *(Forward(f"forward-{n}", ("127.0.0.1", self.plain), RATE) for n in range(3)),
            *(Lines(f"proxied-{n}", ("127.0.0.1", self.proxied), RATE, address) for n, address in enumerate(PROXIED)),
        ]
        for stream in self.streams:
            stream.start()

    def relays(self):
        return [*(relays.plain(f"omfwd-{n}", self.plain) for n in range(3)),
                *(relays.relp(f"omrelp-{n}", self.plain) for n in range(3)),
                *(relays.secure(f"tls-{driver}", self.secure, driver) for driver in ("gtls", "ossl"))]

    def rsyslog(self, name, senders):
        self.daemons.append(relays.rsyslog(self.work, name, senders, self.certificates))

    def stop(self):
        for stream in self.streams:
            stream.running = False
        for daemon in self.daemons:
            daemon.terminate()
        for daemon in self.daemons:
            end(daemon)
        self.a.stop()
        self.b.stop()

    def spread(self):
        """An instance is added: within the age of the connections, and what a busy machine adds, it has its share."""
        if self.a.connections() < len(self.streams):
            raise Failure(f"connections before: expected {len(self.streams)}, got {self.a.connections()}")
        self.b.start()
        started = time.monotonic()
        a, b = wait_for(lambda: f"a share for each, of {self.counts()} connections", self.shared, MAX_AGE + 10, 0.5)
        return f"{a} and {b} connections after {time.monotonic() - started:.0f} s, age {MAX_AGE} s"

    def counts(self):
        return self.a.connections(), self.b.connections()

    def shared(self):
        """How many each has, once the new one has its share and those that left are gone."""
        counts = self.counts()
        return counts if min(counts) >= len(self.streams) // 3 and sum(counts) <= len(self.streams) else None

    def roll(self, times):
        stops, starts = [], []
        for _ in range(times):
            for instance in (self.a, self.b):
                self.restarts.append(time.monotonic())
                stop, start = instance.restart()
                stops.append(stop)
                starts.append(start)
                time.sleep(2)
        return (f"{2 * times} restarts, each with exit status 0; stopped in {min(stops):.1f} to {max(stops):.1f} s,"
                f" ready in {min(starts):.0f} to {max(starts):.0f} s")

    def settle(self):
        """No more is sent: waits until nothing more comes, however much is missing."""
        for stream in self.streams:
            stream.running = False
        for stream in self.streams:
            stream.end()
        expected = sum(stream.sent for stream in self.streams)
        wait_for_count(lambda: self.database.number("SELECT count(DISTINCT message) FROM log_event"), expected,
                       FLUSH_SECONDS, 1)

    def check(self):
        rows = self.database.rows("SELECT split_part(message, ' ', 1), count(*)::text, count(DISTINCT message)::text,"
                                  " string_agg(DISTINCT source, ' ') FROM log_event GROUP BY 1")
        stored = {row[0]: row[1:] for row in rows}
        failures = []
        for stream in self.streams:
            rows, different, sources = stored.get(stream.name, ("0", "0", ""))
            lost = stream.sent - int(different)
            print(f"{stream.name:<10} sent {stream.sent:>6}  stored {different:>6}  lost {lost:>4}"
                  f"  twice {int(rows) - int(different):>4}  {sources}", flush=True)
            if lost:
                failures.append(f"{stream.name} lost {lost}")
                self.explain(stream)
            if stream.has_ids and rows != different:
                failures.append(f"{stream.name} has {int(rows) - int(different)} twice")
            expected = getattr(stream, "shown", stream.source)
            if sources != expected:
                failures.append(f"{stream.name} comes from {sources}, expected {expected}")
            failures += self.unkept(stream)
        dead = self.database.number("SELECT count(*) FROM dead_letter")
        if failures or dead:
            raise Failure(f"{failures}, {dead} dead letters")
        return f"{sum(stream.sent for stream in self.streams)} events of {len(self.streams)} streams, none lost"

    def explain(self, stream, most=10):
        """When what is lost was sent, and what the balancer logged of its connection."""
        there, log = self.stored(stream), (self.work / "haproxy.log").read_text().splitlines()
        lost = [number for number in range(stream.sent) if f"{stream.name} {number}" not in there]
        for number in lost[:most]:
            sent, port = stream.sends[number]
            before = [moment for moment in self.restarts if moment <= sent]
            moment = f"{sent - before[-1]:.3f} s after SIGTERM {len(before)}" if before else "before any SIGTERM"
            print(f"lost: {stream.name} {number}, sent {moment}, from port {port}", flush=True)
            for line in log:
                if port and line.startswith(f"{stream.source}:{port} "):
                    print(line, flush=True)

    def stored(self, stream):
        return {row[0] for row in
                self.database.rows(f"SELECT message FROM log_event WHERE message LIKE '{stream.name} %'")}

    def unkept(self, stream):
        if stream.acked is None:
            return []
        missing = stream.acked.keys() - self.stored(stream)
        print(f"{stream.name:<10} acknowledged {len(stream.acked):>6}, of them not stored {len(missing)}", flush=True)
        return [f"{stream.name}: {len(missing)} acknowledged and not stored"] if missing else []


def balance():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="each instance is restarted once, not ten times")
    arguments = parser.parse_args()
    with work_folder("balance") as work, Postgres(work) as postgres, World(work, postgres) as world:
        time.sleep(5)
        print("spread:", world.spread(), flush=True)
        print("rolling restart:", world.roll(1 if arguments.short else 10), flush=True)
        world.settle()
        print("passed:", world.check(), flush=True)


if __name__ == "__main__":
    main(balance)
