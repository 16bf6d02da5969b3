#!/usr/bin/env python3
"""The clock of Sluice's machine is set under load, and the owner of the database changes the tables meanwhile.

RELP, Lumberjack and Forward shippers deliver all the time. libfaketime (Debian's package `faketime`) shows the packaged
service another clock than the database has: hours ahead for two seconds, 40 days ahead while COPY waits, 60 days behind
at a start. The owner detaches today's partition and attaches it to another table, moves `log_event` to another schema,
adds a column that may not be null, drops a partition, leaves one half detached, refuses the row by which the service
judges the table, empties the ledger. At the end: what was acknowledged is stored, or a dead letter, but for what the
owner destroyed; a Forward chunk is stored once; the service is ready, and said what it found.

`e2e/clocks.py` takes a minute or two; `e2e/clocks.py --rounds 40` goes on with steps of clock and owner by chance, each
of them a few seconds. `--seed` repeats them.
"""

import argparse
import contextlib
import glob
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.attacks.shippers import Fleet, Relp
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import tail
from e2e.harness.postgres import Postgres
from e2e.harness.processes import Started
from e2e.harness.program import main, work_folder
from e2e.harness.service import Service

EACH = 1  # shippers of a kind
CACHE_SECONDS = 1  # for so long, and up to a second more, libfaketime goes on with the clock that it read
HOUR, DAY = 3600, 86400

TODAY = """SELECT c.oid::regclass::text, pg_get_expr(c.relpartbound, 0)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.log_event'::regclass AND NOT i.inhdetachpending
    AND pg_get_expr(c.relpartbound, 0) LIKE '%FROM (''' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || '%'"""


class World(Started):
    """The service with a clock of its own, its database, and shippers that never pause."""

    def __init__(self, work, random):
        self.work, self.random, self.destroyed, self.archives = work, random, set(), []
        self.postgres = Postgres(work)
        self.clock = work / "clock"
        self.service = Service(work, self.postgres, {
            "LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # or each timed wait of the JVM ends at once
            "FAKETIME_CACHE_DURATION": str(CACHE_SECONDS),
            "SLUICE_PIPELINE_DRAINTIMEOUT": "3s"})  # these shippers do not look whether they should go
        self.fleet = None

    def start(self):
        self.set_clock(0, wait=False)
        self.postgres.start()
        self.service.start()
        self.owner = self.postgres.connect()
        self.owner.rows("SET timezone = 'UTC'")
        self.owner.rows("CREATE SCHEMA elsewhere")
        self.fleet = Fleet("shipper", self.service.port, EACH).start()
        self.deliveries(3)

    def stop(self):
        self.service.stop()
        self.postgres.stop()

    def set_clock(self, seconds, wait=True):
        """The time of the service is so far ahead."""
        new = self.clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self.clock)
        if wait:
            time.sleep(CACHE_SECONDS + 1.2)

    @contextlib.contextmanager
    def clock_at(self, seconds):
        self.set_clock(seconds)
        try:
            yield
        finally:
            self.set_clock(0)

    def deliveries(self, count):
        """Waits until each shipper had so many answers more."""
        wanted = {shipper: len(shipper.answers) + count for shipper in self.fleet.shippers}
        wait_for(f"{count} answers more for each shipper",
                 lambda: all(len(shipper.answers) >= many for shipper, many in wanted.items()))

    def halts_until(self, mend):
        """What only an operator can repair is told; mended, it goes on by itself."""
        try:
            wait_for("unready", lambda: not self.service.is_ready())
        finally:
            mend()
        wait_for("ready again", self.service.is_ready)
        self.deliveries(3)

    def present(self, what):
        """Events that come now are of now, on the connections of before, too."""
        self.deliveries(3)
        began = self.owner.rows("SELECT now()")[0][0]
        self.deliveries(3)
        strange = self.owner.rows(f"SELECT message, received_at, now() FROM log_event WHERE message LIKE 'good %' AND"
                                  f" received_at > timestamptz '{began}' + interval '1 minute'"
                                  f" AND message IN ({quoted(self.last_answers())})")
        if strange:
            raise Failure(f"{what}: still received in another time: {strange[0]}")

    def last_answers(self):
        return [shipper.answers[-1][0] for shipper in self.fleet.shippers]


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise Failure("libfaketime is missing: install faketime")
    return found[0]


def quoted(texts):
    return ", ".join(f"'{text}'" for text in texts)


# The clock.

def ahead_for_two_seconds(world):
    with world.clock_at(5 * HOUR):
        time.sleep(1)
    world.present("five hours ahead for two seconds")


def far_ahead_while_copy_waits(world):
    lock = world.postgres.connect()
    lock.rows("BEGIN")
    lock.rows("LOCK TABLE log_event IN ACCESS EXCLUSIVE MODE")
    try:
        with world.clock_at(40 * DAY):
            time.sleep(1)
    finally:
        lock.rows("COMMIT")
        lock.close()
    world.present("40 days ahead while COPY waited")


def behind_at_the_start(world):
    before = world.owner.number("SELECT count(*) FROM log_event WHERE message LIKE 'good %'")
    world.service.stop()
    world.set_clock(-60 * DAY, wait=False)
    world.service.start()
    world.deliveries(3)
    world.set_clock(0)
    world.present("60 days behind at the start")
    if world.owner.number("SELECT count(*) FROM log_event WHERE message LIKE 'good %'") <= before:
        raise Failure("a clock that was put right cost events")


def any_step(world):
    seconds = world.random.choice((1, -1)) * world.random.choice((2, 61, HOUR, DAY, 40 * DAY, 400 * DAY))
    with world.clock_at(seconds):
        time.sleep(world.random.uniform(0, 2))
    world.present(f"{seconds} s for a moment")


# The owner.

def attach_elsewhere(world):
    day, bounds = today(world)
    archive = f"archive_{len(world.archives)}"
    world.owner.rows(f"CREATE TABLE {archive} (LIKE log_event) PARTITION BY RANGE (received_at)")
    world.owner.rows(f"BEGIN; ALTER TABLE log_event DETACH PARTITION {day};"
                     f" ALTER TABLE {archive} ATTACH PARTITION {day} {bounds}; COMMIT")
    world.archives.append(archive)
    world.deliveries(3)


def today(world):
    wait_for("a partition for today", lambda: world.owner.rows(TODAY))
    return world.owner.rows(TODAY)[0]


def move_to_another_schema(world):
    world.owner.rows("ALTER TABLE log_event SET SCHEMA elsewhere")
    world.halts_until(lambda: world.owner.rows("ALTER TABLE elsewhere.log_event SET SCHEMA public"))


def column_that_may_not_be_null(world):
    world.owner.rows("BEGIN; ALTER TABLE log_event ADD COLUMN demanded text; UPDATE log_event SET demanded = '';"
                     " ALTER TABLE log_event ALTER demanded SET NOT NULL; COMMIT")
    world.halts_until(lambda: world.owner.rows("ALTER TABLE log_event DROP COLUMN demanded"))


def half_detach_today(world):
    """What is left when somebody breaks off a concurrent detach: today takes no row, and is made again."""
    day, _ = today(world)
    reader, detacher = world.postgres.connect(), world.postgres.connect()
    try:
        reader.rows("BEGIN")
        reader.rows("SELECT count(*) FROM log_event")
        detacher.rows("SET lock_timeout = '500ms'")
        with contextlib.suppress(Failure):  # it gives up
            detacher.rows(f"ALTER TABLE log_event DETACH PARTITION {day} CONCURRENTLY")
        reader.rows("COMMIT")
    finally:
        reader.close()
        detacher.close()
    if not world.owner.number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending"):
        raise Failure("the detach was not broken off")
    world.archives.append(day)
    world.deliveries(3)


def refuse_the_probe(world):
    """A trigger refuses one row of a shipper, and the row of the service's own by which it judges the table."""
    letters = world.owner.number("SELECT count(*) FROM dead_letter")
    world.owner.rows("BEGIN; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                     " IF NEW.host = 'sluice' OR NEW.message LIKE 'poison %' THEN"
                     " RAISE EXCEPTION 'refused' USING ERRCODE = 'SL001'; END IF; RETURN NEW; END $$;"
                     " CREATE TRIGGER refuse BEFORE INSERT ON log_event FOR EACH ROW EXECUTE FUNCTION refuse(); COMMIT")
    Relp("poison", world.service.port).deliver("poison 1")
    world.deliveries(3)
    if world.owner.number("SELECT count(*) FROM dead_letter") != letters + 1 or not world.service.is_ready():
        raise Failure("one refused row is not one dead letter")
    world.owner.rows("BEGIN; DROP TRIGGER refuse ON log_event; DROP FUNCTION refuse(); COMMIT")


def drop_a_partition(world):
    day, _ = today(world)
    world.owner.rows("BEGIN; LOCK TABLE log_event IN ACCESS EXCLUSIVE MODE")
    world.destroyed |= {message for (message,) in world.owner.rows(f"SELECT message FROM {day}")}
    world.owner.rows(f"DROP TABLE {day}; COMMIT")
    world.deliveries(3)


def empty_the_ledger(world):
    """Nobody can tell that from a database that went back in time: it is told."""
    before = world.service.metric("sluice_events_lost_by_database_total")
    world.owner.rows("BEGIN; TRUNCATE ingest_batch; COMMIT")
    world.owner.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'")
    wait_for("the loss is told", lambda: world.service.metric("sluice_events_lost_by_database_total") > before)
    world.deliveries(3)


CLOCK = (ahead_for_two_seconds, far_ahead_while_copy_waits, any_step)
OWNER = (attach_elsewhere, move_to_another_schema, column_that_may_not_be_null, drop_a_partition, half_detach_today)
SHORT = (ahead_for_two_seconds, far_ahead_while_copy_waits, attach_elsewhere, refuse_the_probe, behind_at_the_start,
         any_step, half_detach_today, drop_a_partition)


def judge(world):
    """What is wrong, when everything has come to rest."""
    world.fleet.stop()
    failures = list(world.fleet.failures())
    wait_for("ready at the end", world.service.is_ready)
    stored = {}
    selects = [f"SELECT message FROM {table}" for table in ("log_event", *world.archives)]
    selects.append("SELECT convert_from(payload, 'UTF8')::json ->> 'message' FROM dead_letter"
                   " WHERE reason = 'refused_row'")
    for (message,) in world.owner.rows(" UNION ALL ".join(selects)):
        stored[message] = stored.get(message, 0) + 1
    acknowledged = world.fleet.acknowledged()
    lost = [event for event in acknowledged if event not in stored and event not in world.destroyed]
    twice = [event for event in acknowledged if "-forward-" in event and stored.get(event, 1) > 1]
    failures += [f"{len(events)} acknowledged and {what}, such as {events[0]}"
                 for what, events in (("not stored", lost), ("stored twice", twice)) if events]
    print(f"{len(acknowledged)} acknowledged, {len(world.destroyed)} of them destroyed by the owner,"
          f" {world.fleet.reconnects()} reconnects", flush=True)
    return failures


def take(world, step):
    began = time.monotonic()
    step(world)
    print(f"{step.__name__.replace('_', ' '):<32} {time.monotonic() - began:5.1f} s", flush=True)


def run(world, steps):
    for step in steps:
        take(world, step)
    told = world.service.metric("sluice_events_lost_by_database_total")
    if told:
        raise Failure(f"{told:.0f} events are told as lost, and nobody had taken anything from the ledger")
    take(world, empty_the_ledger)
    return judge(world)


def set_clocks():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=0,
                        help="so many steps by chance after those that are always taken")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    halting = chance.choice((move_to_another_schema, column_that_may_not_be_null))
    steps = [*SHORT, halting, *(chance.choice(CLOCK + OWNER) for _ in range(arguments.rounds))]
    with work_folder("clocks") as work, World(work, chance) as world:
        try:
            failures = run(world, steps)
            if failures:
                raise Failure("\n".join(failures))
        except Failure:
            print(tail(world.service.log), file=sys.stderr)
            raise


if __name__ == "__main__":
    main(set_clocks)
