#!/usr/bin/env python3
"""A primary and its standby change places under load, and nothing that was acknowledged is lost or stored twice.

Two instances of Sluice write at the same time: one knows both addresses, the other one goes through HAProxy. In each
round the primary is frozen, killed or shut down at a random moment, and the standby promoted; a frozen one thaws
later and takes writes as if nothing had happened. `e2e/failover.py` runs 20 rounds, `e2e/failover.py --short` three;
`--seed` repeats a run. With asynchronous replication a killed primary may take with it what it had acknowledged: that
is counted and said, by Sluice itself too, and is not Sluice's to prevent.
"""

import argparse
import contextlib
import itertools
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import NAME
from e2e.harness.processes import Started, end, program, start
from e2e.harness.program import main, work_folder
from e2e.harness.senders import Forward
from e2e.harness.service import Service
from e2e.pair import CHECK_USER, Pair

CHUNK_EVENTS = 10
CHUNKS_A_SECOND = 20
SHIPPERS = 3
LIMIT_SECONDS = 5  # from the moment when the promoted standby takes writes to the first commit
WAYS = ("freeze", "kill", "shut down")
SHORT = (("freeze", True), ("kill", True), ("shut down", False))

# The balancer logs in and asks who takes writes: a standby answers a check of the login alone just as well.
HAPROXY = """
global
    maxconn 200
defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 1s
    log stdout format raw local0
listen postgres
    bind 127.0.0.1:{port}
    option tcp-check
    tcp-check connect
    tcp-check send-binary {startup}
    tcp-check expect binary 5a0000000549
    tcp-check send-binary {query}
    tcp-check expect binary 440000000b00010000000166
    default-server check inter 500ms fastinter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
    server a 127.0.0.1:{a}
    server b 127.0.0.1:{b}
"""


def haproxy(port, pair):
    startup = (196608).to_bytes(4, "big") + b"user\0%s\0database\0postgres\0\0" % CHECK_USER.encode()
    query = b"select pg_is_in_recovery()\0"
    a, b = pair.nodes()
    return HAPROXY.format(port=port, a=a.port, b=b.port,
                          startup=((len(startup) + 4).to_bytes(4, "big") + startup).hex(),
                          query=(b"Q" + (len(query) + 4).to_bytes(4, "big") + query).hex())


class Instance(Service):
    """One service, and how it reaches the database."""

    def __init__(self, work, pair, name, address):
        work.mkdir()
        super().__init__(work, pair.primary, {"SPRING_R2DBC_URL": f"r2dbc:postgresql{address}/{NAME}"})
        self.name = name
        self.shippers = [Shipper(f"{name}-{n}", ("127.0.0.1", self.port), CHUNKS_A_SECOND) for n in range(SHIPPERS)]

    def first_ack_after(self, moment):
        return min((shipper.first_ack_after(moment) for shipper in self.shippers), default=float("inf"))

    def acked(self):
        return set().union(*(shipper.acked for shipper in self.shippers))


class Shipper(Forward):
    """Sends chunks of some events each."""

    @staticmethod
    def messages(text):
        return [f"{text}/{n}" for n in range(CHUNK_EVENTS)]

    def first_ack_after(self, moment):
        return next((seen for seen in list(self.acked.values()) if seen > moment), float("inf"))


class World(Started):
    """The pair, the balancer, the two instances."""

    def __init__(self, work, seed):
        self.work, self.random = work, random.Random(seed)
        self.pair = None
        self.balancer_port, self.balancer = free_port(), None
        self.instances, self.lost, self.delays = [], set(), []

    def start(self):
        self.pair = Pair(self.work)
        self.pair.make()
        self.pair.start(synchronous=False)
        config = self.work / "haproxy.cfg"
        config.write_text(haproxy(self.balancer_port, self.pair))
        self.balancer = start(program("haproxy"), "-db", "-f", config, log=self.work / "haproxy.log")
        a, b = self.pair.nodes()
        self.instances = [
            Instance(self.work / "both", self.pair, "addresses",
                     f":failover://127.0.0.1:{a.port},127.0.0.1:{b.port}"),
            Instance(self.work / "balanced", self.pair, "haproxy", f"://127.0.0.1:{self.balancer_port}"),
        ]
        for instance in self.instances:
            instance.start()
            for shipper in instance.shippers:
                shipper.start()

    def round(self, number, way, synchronous):
        self.pair.start(synchronous)
        self.wait_for_acks(time.monotonic())
        time.sleep(self.random.uniform(0.5, 2.0))
        old = self.pair.primary
        {"freeze": old.freeze, "kill": old.kill, "shut down": old.shut_down}[way]()
        failed = time.monotonic()
        time.sleep(self.random.uniform(0.0, 4.0))
        self.pair.standby.promote()
        promoted = time.monotonic()
        self.pair.swap()
        delays = {name: seen - promoted for name, seen in self.wait_for_acks(promoted).items()}
        if way == "freeze":
            old.resume()
            time.sleep(3)  # two of them take writes now
        old.kill()
        lost = self.check(synchronous or way == "shut down")
        self.delays += delays.values()
        kind = "synchronous" if synchronous else "asynchronous"
        print(f"round {number}: {way}, {kind}, promoted {promoted - failed:.1f} s later; first commit after "
              + ", ".join(f"{delay:.1f} s ({name})" for name, delay in delays.items())
              + f"; acknowledged and missing {lost}, twice 0", flush=True)
        late = [name for name, delay in delays.items() if delay > LIMIT_SECONDS]
        if late:
            raise Failure(f"first commit later than {LIMIT_SECONDS} s: {late}")

    def wait_for_acks(self, moment):
        def seen():
            return {instance.name: instance.first_ack_after(moment) for instance in self.instances}

        wait_for(lambda: f"a commit by each: {seen()}", lambda: max(seen().values()) < float("inf"), pause=0.05)
        return seen()

    def check(self, nothing_may_miss):
        """Everything acknowledged is stored, and no event is there twice; returns how many chunks are newly lost."""
        acked = set().union(*(instance.acked() for instance in self.instances))
        rows = self.pair.primary.execute("SELECT split_part(message, '/', 1), count(*)::text,"
                                         " count(DISTINCT message)::text FROM log_event GROUP BY 1")
        twice = [chunk for chunk, all_rows, different in rows if all_rows != different]
        whole = {chunk for chunk, _, different in rows if int(different) == CHUNK_EVENTS}
        missing = acked - whole - self.lost
        if twice or (missing and nothing_may_miss):
            raise Failure(f"acknowledged and missing: {len(missing)} chunks, such as {sorted(missing)[:5]};"
                         f" twice: {len(twice)}, such as {twice[:5]}")
        self.lost |= missing
        return len(missing)

    def finish(self):
        for instance in self.instances:
            for shipper in instance.shippers:
                shipper.running = False
        for shipper in itertools.chain.from_iterable(instance.shippers for instance in self.instances):
            shipper.end()
            if shipper.waiting:
                raise Failure(f"{shipper.name}: {len(shipper.waiting)} chunks were never acknowledged")
        self.check(True)
        chunks = sum(len(instance.acked()) for instance in self.instances)
        told = sum(instance.metric("sluice_events_lost_by_database_total") for instance in self.instances)
        if bool(told) != bool(self.lost):
            raise Failure(f"{len(self.lost) * CHUNK_EVENTS} events were lost, and {told:.0f} told as lost")
        return (f"{chunks * CHUNK_EVENTS} events acknowledged, {len(self.lost) * CHUNK_EVENTS} of them lost by"
                f" asynchronous replication and {told:.0f} told as lost; first commit {min(self.delays):.1f} to"
                f" {max(self.delays):.1f} s after the promotion")

    @contextlib.contextmanager
    def logs_of_failures(self):
        try:
            yield
        except Failure:
            for instance in self.instances:
                print(f"--- {instance.name}\n{tail(instance.log)}", file=sys.stderr, flush=True)
            raise

    def stop(self):
        for instance in self.instances:
            instance.stop()
        end(self.balancer)
        if self.pair:
            self.pair.stop()


def plan(rounds, random_numbers):
    """Each combination as often as the others, in an order that the seed decides."""
    combinations = list(itertools.product(WAYS, (True, False)))
    chosen = [combinations[n % len(combinations)] for n in range(rounds)]
    random_numbers.shuffle(chosen)
    return chosen


def change_places():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="three rounds")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with work_folder("failover") as work, World(work, arguments.seed) as world, world.logs_of_failures():
        rounds = SHORT if arguments.short else plan(arguments.rounds, world.random)
        for number, (way, synchronous) in enumerate(rounds, 1):
            world.round(number, way, synchronous)
        print("passed:", world.finish(), flush=True)


if __name__ == "__main__":
    main(change_places)
