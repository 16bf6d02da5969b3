"""Three instances between two balancers, a primary with a synchronous standby, and shippers that never pause."""

import collections
import contextlib
import os
import re
import signal
import time
from pathlib import Path

from e2e import failover, relays, tls_shippers
from e2e.attacks.shippers import Fleet
from e2e.clocks import shows
from e2e.harness.balancer import balancer
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import NAME
from e2e.harness.processes import Started, end, program, run, start
from e2e.harness.senders import FLUSH_SECONDS, Forward, Lines, Relp
from e2e.harness.service import Service
from e2e.pair import Pair

EACH = 2  # shippers of a kind
RATE = 50  # events a second of those that have many on their way
DISK = "6g"
RECOVERY_SECONDS = 90
LOCK_SECONDS = 120
REFUSED = "7"  # how the messages end that the fault `rows refused` refuses
OURS = "proc_id IS NULL"  # each event of the load has one
KEPT = "kept"  # the messages of the shippers, when the table was emptied of the load
LOAD_ROWS_MAX = 3_000_000
NUMBERED = re.compile(rb"(?:good )?[a-z]+-[a-z-]*\d+ \d+")


class Instance(Service):
    """One replica, whose clock can be set."""

    def __init__(self, work, name, primary, address, certificates):
        work.mkdir()
        self.clock = work / "clock"
        self.clock.write_text("+0\n")
        self.secure_port, self.certificates = free_port(), certificates
        super().__init__(work, primary, {
            "SPRING_R2DBC_URL": f"r2dbc:postgresql{address}/{NAME}", "SLUICE_PIPELINE_DRAINTIMEOUT": "10s",
            "SPRING_SSL_BUNDLE_PEM_SHIPPERS_RELOADONUPDATE": "true",
            **tls_shippers.secure_listener(certificates, self.secure_port), **shows(self.clock)})
        self.name = name


class World(Started):
    def __init__(self, work, random, disk):
        self.work, self.random, self.disk = work, random, disk
        self.plain, self.secure, self.store = free_port(), free_port(), free_port()
        self.certificates = tls_shippers.make_certificates(work / "certificates")
        self.instances, self.streams, self.daemons = [], [], []
        self.pair = self.fleet = self.front = self.back = None
        self.is_mounted = False

    def start(self):
        self.make_pair()
        self.start_back()
        a, b = self.pair.nodes()
        balanced, addresses = f"://127.0.0.1:{self.store}", f":failover://127.0.0.1:{a.port},127.0.0.1:{b.port}"
        for name, address in (("a", balanced), ("b", addresses), ("c", balanced)):
            self.instances.append(Instance(self.work / f"instance-{name}", name, self.pair.primary, address,
                                           self.certificates))
        for instance in self.instances:
            instance.start()
        self.start_front()
        self.start_shippers()
        self.owner(f"CREATE TABLE {KEPT} (message text, rows bigint)")
        self.wait_for_answers()

    def make_pair(self):
        """With `disk` the data are in a file system of their own, which can be filled."""
        folder = self.work / "pair"
        folder.mkdir()
        if self.disk:
            run("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", folder)
            self.is_mounted = True
        self.pair = Pair(folder)
        self.pair.make()
        self.pair.start(synchronous=True)

    def start_back(self):
        config = self.work / "back.cfg"
        config.write_text(failover.haproxy(self.store, self.pair))
        self.back = start(program("haproxy"), "-db", "-f", config, log=self.work / "back.log")

    def start_front(self):
        self.front = balancer(self.work, "front", {
            "plain": (self.plain, [f"{one.name} 127.0.0.1:{one.port}" for one in self.instances]),
            "secure": (self.secure, [f"{one.name} 127.0.0.1:{one.secure_port}" for one in self.instances])})

    def start_shippers(self):
        relayed = [relays.relp("omrelp-0", self.plain), relays.secure("tls-0", self.secure, "ossl")]
        for relay in relayed:
            self.daemons.append(relays.rsyslog(self.work, relay.name, [relay], self.certificates))
        time.sleep(2)
        address = ("127.0.0.1", self.plain)
        self.streams = [*relayed, *(Forward(f"forward-{n}", address, RATE) for n in range(EACH)),
                        *(Relp(f"relp-{n}", address, RATE) for n in range(EACH)), Lines("lines-0", address, RATE)]
        for stream in self.streams:
            stream.start()
        self.fleet = Fleet("fleet", self.plain, EACH).start()

    def owner(self, sql):
        """An owner waits for a lock, but not for ever: an instance that stands still within a COPY keeps its own."""
        with contextlib.closing(self.pair.primary.connect()) as connection:
            connection.rows(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            return connection.rows(sql)

    def alter(self, sql):
        """Tried again where it met the lanes in a deadlock, and PostgreSQL chose the owner to give way."""
        for _ in range(10):
            try:
                return self.owner(sql)
            except Failure as failure:
                if "deadlock detected" not in str(failure):
                    raise
        raise Failure(f"{sql}: a deadlock each time")

    def wait_for_answers(self):
        """Each shipper that waits for its answers has one to what it sent after this call; returns how long it took."""
        began = time.monotonic()

        def waiting():
            self.check_instances()
            return [shipper.name for shipper in self.fleet.shippers
                    if not shipper.answers or shipper.answers[-1][1] < began]

        wait_for(lambda: f"an answer for each shipper; {waiting()} wait", lambda: not waiting(), RECOVERY_SECONDS)
        return time.monotonic() - began

    def check_instances(self):
        for instance in self.instances:
            instance.check_alive()

    def harvest(self):
        """An operator's hand: empties the table of the load, and keeps which rows the shippers have in it."""
        rows = self.owner("SELECT coalesce(sum(n_live_tup), 0)::bigint FROM pg_stat_user_tables"
                          " WHERE relname LIKE 'log_event_%'")
        if int(rows[0][0]) < LOAD_ROWS_MAX:
            return
        with contextlib.closing(self.pair.primary.connect()) as owner:
            for statement in ("BEGIN", "LOCK TABLE log_event IN ACCESS EXCLUSIVE MODE",
                              f"INSERT INTO {KEPT} SELECT message, count(*) FROM log_event WHERE {OURS} GROUP BY 1",
                              "TRUNCATE log_event", "COMMIT"):
                owner.rows(statement)

    def settle(self):
        """No more is sent; what is on its way is answered."""
        for sender in (*self.streams, *self.fleet.shippers):
            sender.running = False
        self.fleet.stop()
        for stream in self.streams:
            stream.end()
        wait_for("everything is stored", self.is_still, FLUSH_SECONDS, 1)

    def is_still(self):
        """Nothing is in flight, and the relays have handed over what they keep."""
        last = ", ".join(f"'{stream.name} {stream.sent - 1}'" for stream in self.unanswered())
        arrived = self.owner(f"SELECT count(DISTINCT message) FROM log_event WHERE message IN ({last})")
        return (int(arrived[0][0]) == len(self.unanswered())
                and all(instance.metric("sluice_inflight_bytes") == 0 for instance in self.instances))

    def unanswered(self):
        """Those that are told nothing, or tell nothing of it."""
        return [stream for stream in self.streams if stream.acked is None]

    def check(self):
        """What was acknowledged is stored or a dead letter; what has an id is there once. Returns what to tell."""
        stored, dead = self.rows(), self.dead_letters()
        acknowledged = self.fleet.acknowledged()
        identified = [text for text in acknowledged if "-forward-" in text]
        for stream in self.streams:
            acknowledged += stream.acked or ()
            identified += stream.acked if stream.has_ids else ()
        lost = {stream.name: self.lost(stream, stored, dead) for stream in self.unanswered()}
        found = {
            "acknowledged and not stored": [text for text in acknowledged if text not in stored and not dead[text]],
            "stored twice": [text for text in identified if stored.get(text, 0) + dead[text] > 1],
            "dead letters of rows that nothing refused": [text for text in dead if not text.endswith(REFUSED)],
            "never acknowledged": [text for stream in self.streams for text in getattr(stream, "waiting", ())],
            "lost by RELP": [name for name, events in lost.items() if events and "relp" in name],
        }
        failures = [*self.fleet.failures(), *(f"{len(texts)} {what}, such as {texts[:5]}"
                                              for what, texts in found.items() if texts)]
        if failures:
            raise Failure("; ".join(failures))
        return (f"{len(acknowledged)} acknowledged, all stored or dead letters ({len(dead)});"
                f" {len(identified)} with an id, each once; lost where nothing is told: {lost}")

    def rows(self):
        """How often each message of a shipper is stored."""
        rows = self.owner(f"SELECT message, sum(rows)::text FROM (SELECT message, rows FROM {KEPT} UNION ALL"
                          f" SELECT message, count(*) FROM log_event WHERE {OURS} GROUP BY 1) AS each GROUP BY 1")
        return {message: int(count) for message, count in rows}

    def dead_letters(self):
        """How often each message is a dead letter."""
        dead = collections.Counter()
        for payload, in self.owner("SELECT encode(payload, 'hex') FROM dead_letter"):
            dead.update({text.decode() for text in NUMBERED.findall(bytes.fromhex(payload))})
        return dead

    @staticmethod
    def lost(stream, stored, dead):
        texts = (f"{stream.name} {number}" for number in range(stream.sent))
        return sum(text not in stored and not dead[text] for text in texts)

    def keep_logs(self, folder):
        """What is needed to look again."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        run("sh", "-c", f"cp -r {self.work}/*.log {self.work}/*.cfg {folder}/ 2>/dev/null; true")
        for node in self.pair.nodes():
            run("cp", node.log, folder / f"postgres-{node.work.name}.log")
        for instance in self.instances:
            run("cp", instance.log, folder / f"instance-{instance.name}.log")
        print(f"logs: {folder}", flush=True)

    def tails(self):
        return "\n".join(f"--- {instance.name}\n{tail(instance.log)}" for instance in self.instances)

    def stop(self):
        """Whatever of it cannot be stopped, the rest is."""
        with contextlib.ExitStack() as all_of_it:
            if self.is_mounted:
                all_of_it.callback(run, "umount", "-l", self.work / "pair")
            if self.pair:
                all_of_it.callback(self.pair.stop)
            for process in (self.back, self.front, *(instance.process for instance in self.instances), *self.daemons):
                all_of_it.callback(stop, process)


def stop(process):
    """Also one that stands still."""
    if process and process.poll() is None:
        process.send_signal(signal.SIGCONT)
    end(process)


def can_mount():
    return os.geteuid() == 0
