#!/usr/bin/env python3
"""Clocks are set under load, and the owner of the database changes the tables meanwhile.

RELP, Lumberjack and Forward shippers deliver all the time. libfaketime (Debian's package `faketime`) shows the service
another clock than the machine has: hours ahead for two seconds, 40 days ahead while COPY waits, 60 days behind at a
start; and the database: two days behind, 40 days ahead, and wrong beside a replica that is to keep less than the other
one. The owner detaches today's partition and attaches it to another table, moves `log_event` to another schema,
adds a column that may not be null, drops a partition, leaves one half detached, refuses the row by which the service
judges the table, makes a schema that comes first in the search path, has a day unlogged before the server is killed,
empties the ledger. At the end: what was acknowledged is stored, or a dead letter, but for what the owner destroyed; a
Forward chunk is stored once; the service is ready, and said what it found.

`e2e/clocks.py` takes a minute or two; `e2e/clocks.py --rounds 40` goes on with steps of clock and owner by chance, each
of them a few seconds. `--seed` repeats them. `--passes` takes eleven minutes more: what the replica that is to keep
less and the database's wrong clock would remove, they would remove in their first pass, ten minutes after the start.
"""

import argparse
import collections
import contextlib
import glob
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.attacks.shippers import Fleet, Forward, Relp
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import tail
from e2e.harness.postgres import USER, Postgres
from e2e.harness.processes import Started
from e2e.harness.program import main, work_folder
from e2e.harness.service import Service

EACH = 1  # shippers of a kind
CACHE_SECONDS = 1  # for so long, and up to a second more, libfaketime goes on with the clock that it read
HOUR, DAY = 3600, 86400
PASSES_SECONDS = 11 * 60  # the first pass that removes is ten minutes after a start
QUICK = {"SLUICE_PIPELINE_DRAINTIMEOUT": "3s"}  # these shippers do not look whether they should go

TODAY = """SELECT c.oid::regclass::text, pg_get_expr(c.relpartbound, 0)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.log_event'::regclass AND NOT i.inhdetachpending
    AND pg_get_expr(c.relpartbound, 0) LIKE '%FROM (''' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || '%'"""


class World(Started):
    """The service with a clock of its own, its database, and shippers that never pause."""

    def __init__(self, work, random, passes):
        self.passes = passes
        self.work, self.random, self.destroyed, self.archives = work, random, set(), []
        self.clock, self.database_clock = work / "clock", work / "database-clock"
        self.postgres = Postgres(work, variables=shows(self.database_clock))
        self.service = Service(work, self.postgres, {**shows(self.clock), **QUICK})
        self.fleet = None

    def start(self):
        for clock in (self.clock, self.database_clock):
            self.set_clock(0, clock, wait=False)
        self.postgres.start()
        self.service.start()
        self.connect_owner()
        self.owner.rows("CREATE SCHEMA elsewhere")
        self.fleet = Fleet("shipper", self.service.port, EACH).start()
        self.deliveries(3)

    def stop(self):
        self.service.stop()
        self.postgres.stop()

    def connect_owner(self):
        self.owner = self.postgres.connect()
        self.owner.rows("SET timezone = 'UTC'")

    def set_clock(self, seconds, clock=None, wait=True):
        """The time of the service, or of whom that clock belongs to, is so far ahead."""
        clock = clock or self.clock
        new = clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(clock)
        if wait:
            time.sleep(CACHE_SECONDS + 1.2)

    @contextlib.contextmanager
    def clock_at(self, seconds, clock=None):
        self.set_clock(seconds, clock)
        try:
            yield
        finally:
            self.set_clock(0, clock)

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

    def stored_once(self, message):
        rows = self.owner.number(f"SELECT count(*) FROM log_event WHERE message = '{message}'")
        if rows != 1:
            raise Failure(f"a chunk that was sent again is stored {rows} times")

    def last_answers(self):
        return [shipper.answers[-1][0] for shipper in self.fleet.shippers]


def shows(clock):
    """The variables of a process that sees that clock."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise Failure("libfaketime is missing: install faketime")
    return {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # or each timed wait of the JVM ends at once
            "FAKETIME_CACHE_DURATION": str(CACHE_SECONDS)}


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


def database_clock_steps(world):
    """What removes goes by the database's clock: a chunk that comes again is known all the same."""
    chunk = f"good again {world.random.randrange(1 << 32)}"
    Forward("again", world.service.port).deliver(chunk)
    try:
        for seconds in (-2 * DAY, 40 * DAY):
            world.set_clock(seconds, world.database_clock)
            world.deliveries(2)
            Forward("again", world.service.port).deliver(chunk)
            world.stored_once(chunk)
    finally:
        world.set_clock(0, world.database_clock)
    world.present("the database's clock was set")


def replica_that_keeps_less(world):
    """It is told to keep nothing, and then the database's clock is wrong: the others keep what they kept."""
    chunk = f"good kept {world.random.randrange(1 << 32)}"
    Forward("kept", world.service.port).deliver(chunk)
    old = "ten_days_ago"
    world.owner.rows(f"CREATE TABLE {old} PARTITION OF log_event"
                     " FOR VALUES FROM (now()::date - 10) TO (now()::date - 9)")
    world.owner.rows("INSERT INTO log_event_day (relid, day, made_at, written_at) VALUES"
                     f" ('{old}'::regclass, now()::date - 10, now() - interval '10 days', now() - interval '9 days')")
    folder = world.work / "second"
    folder.mkdir()
    second = Service(folder, world.postgres, {
        **QUICK, "SLUICE_STORE_RETENTION": "3d", "SLUICE_STORE_LEDGERRETENTION": "1h", "SLUICE_FORWARD_REMEMBER": "0s"})
    with second:
        database_clock_steps(world)
        if world.passes:
            with world.clock_at(2 * DAY, world.database_clock):
                time.sleep(PASSES_SECONDS)
                if not second.metric("sluice_removal_refused_total", reason="clocks_differ"):
                    raise Failure("no pass refused to remove by a clock that is two days ahead")
        Forward("kept", world.service.port).deliver(chunk)
        world.stored_once(chunk)
        if not world.owner.number(f"SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('{old}')"):
            raise Failure("a replica that is to keep three days removed a day that the other one keeps")
        if "for 30 d by another replica" not in second.log.read_text():
            raise Failure("a replica that is to keep less does not say that the other one's word counts")
    world.owner.rows(f"DELETE FROM log_event_day WHERE relid = '{old}'::regclass; DROP TABLE {old}")


# The owner.

def schema_first_in_the_path(world):
    """One that is named like the role comes first: at the next start the tables are still where they were."""
    world.owner.rows(f'CREATE SCHEMA "{USER}"')


def unlogged_day(world):
    """At the next start it is said; it is lost when the server is killed, and nothing else."""
    day, _ = today(world)
    world.owner.rows(f"ALTER TABLE {day} SET UNLOGGED")


def stored(world, condition=""):
    """How often each message is stored where the condition holds, in what the owner put elsewhere, in dead letters."""
    selects = [f"SELECT message FROM log_event {condition}"]
    selects += [f"SELECT message FROM {table}" for table in world.archives]
    selects.append("SELECT convert_from(payload, 'UTF8')::json ->> 'message' FROM dead_letter"
                   " WHERE reason = 'refused_row'")
    return collections.Counter(message for (message,) in world.owner.rows(" UNION ALL ".join(selects)))


def killed_after_the_start(world):
    """What was found at the start after those two."""
    wrong = world.owner.rows(f"SELECT relname FROM pg_class WHERE relnamespace = '{USER}'::regnamespace")
    if wrong:
        raise Failure(f"new tables in the schema that comes first: {wrong}")
    if not world.service.metric("sluice_database_findings", finding="unlogged_table"):
        raise Failure("that a day is unlogged is not said")
    world.owner.rows(f'DROP SCHEMA "{USER}"')
    day, _ = today(world)
    answered = set(world.fleet.acknowledged())
    if lost := answered - stored(world).keys() - world.destroyed:
        raise Failure(f"{len(lost)} acknowledged and not stored before the kill, such as {lost.pop()}")
    kept = stored(world, f"WHERE tableoid <> '{day}'::regclass")
    world.postgres.kill()
    killed = time.monotonic()
    world.postgres.begin()
    world.connect_owner()
    if lost := kept.keys() - stored(world).keys():
        raise Failure(f"{len(lost)} events of other days are gone with the unlogged one")
    world.owner.rows(f"ALTER TABLE {day} SET LOGGED")
    # What was sent before may have its answer later: one on its way when the server died, or that the ledger gave.
    world.deliveries(3)
    world.destroyed |= {event for shipper in world.fleet.shippers
                        for event, began, _ in shipper.answers if began < killed} - stored(world).keys()


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


CLOCK = (ahead_for_two_seconds, far_ahead_while_copy_waits, database_clock_steps, any_step)
OWNER = (attach_elsewhere, move_to_another_schema, column_that_may_not_be_null, drop_a_partition, half_detach_today)
SHORT = (ahead_for_two_seconds, far_ahead_while_copy_waits, refuse_the_probe, replica_that_keeps_less,
         attach_elsewhere, schema_first_in_the_path, unlogged_day, behind_at_the_start,
         killed_after_the_start, any_step, half_detach_today, drop_a_partition)


def judge(world):
    """What is wrong, when everything has come to rest."""
    world.fleet.stop()
    failures = list(world.fleet.failures())
    wait_for("ready at the end", world.service.is_ready)
    found = stored(world)
    acknowledged = world.fleet.acknowledged()
    lost = [event for event in acknowledged if event not in found and event not in world.destroyed]
    twice = [event for event in acknowledged if "-forward-" in event and found[event] > 1]
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
    parser.add_argument("--passes", action="store_true", help="wait for what the second replica's first pass removes")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    halting = chance.choice((move_to_another_schema, column_that_may_not_be_null))
    steps = [*SHORT, halting, *(chance.choice(CLOCK + OWNER) for _ in range(arguments.rounds))]
    with work_folder("clocks") as work, World(work, chance, arguments.passes) as world:
        try:
            failures = run(world, steps)
            if failures:
                raise Failure("\n".join(failures))
        except Failure:
            print(tail(world.service.log), file=sys.stderr)
            raise


if __name__ == "__main__":
    main(set_clocks)
