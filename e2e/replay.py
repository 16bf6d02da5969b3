#!/usr/bin/env python3
"""Replays that are killed at random moments: in the end each dead letter is there, or stored exactly once.

`e2e/replay.py` kills a hundred replays with SIGKILL, `e2e/replay.py --short` five. Every third has another beside it,
which goes on. The dead letters are lines of JSON, frames in pieces, and some that cannot be stored now either.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import Failure, require_same
from e2e.harness.machine import tail
from e2e.harness.postgres import NAME, USER, Postgres
from e2e.harness.processes import end, start
from e2e.harness.program import ROOT, main, work_folder
from e2e.harness.service import find_jar, find_jdk25

LETTERS = 10_000  # at a time, of which every tenth is a frame of three pieces and every fiftieth cannot be stored
ENOUGH = 4_000
BEFORE_THE_KILL = 0.6  # seconds at most after the first batch
LIMIT = 120

FILL = """
INSERT INTO dead_letter (received_at, source, listener, protocol, reason, payload, frame, piece, pieces)
SELECT now() - interval '1 hour' + n * interval '1 ms', 'a', 'main', 'json', 'malformed_json',
       convert_to(CASE WHEN n % 50 = 1 THEN '{"message":' ELSE json_build_object('message', 'letter ' || n)::text END,
                  'UTF8'), NULL, NULL, NULL
FROM generate_series(FIRST, LAST) n WHERE n % 10 <> 0
UNION ALL
SELECT now() - interval '1 hour' + n * interval '1 ms', 'a', 'main', 'json', 'oversize_frame',
       convert_to(CASE piece WHEN 1 THEN '{"message":"letter ' WHEN 2 THEN n::text ELSE '"}' END, 'UTF8'),
       md5(n::text)::uuid, piece, CASE piece WHEN 3 THEN 3 END
FROM generate_series(FIRST, LAST) n, generate_series(1, 3) piece WHERE n % 10 = 0"""

DAYS = """
DO $$ BEGIN
  FOR ahead IN -1..1 LOOP
    EXECUTE format('CREATE TABLE day_%s PARTITION OF log_event FOR VALUES FROM (%L) TO (%L)', ahead + 1,
                   current_date + ahead, current_date + ahead + 1);
  END LOOP;
END $$"""


class Replays:
    """The database with its dead letters, and the command."""

    def __init__(self, work, postgres):
        self.work, self.postgres, self.filled, self.runs = work, postgres, 0, 0
        self.jdk = find_jdk25()
        self.database = postgres.connect()
        for number, file in enumerate(sorted((ROOT / "src/main/resources/db/migration").glob("V*.sql"))):
            require_same("the order of the migrations", f"V{number + 1}", file.name.split("__")[0])
            postgres.execute("BEGIN;" + file.read_text() + ";COMMIT")
        postgres.execute("SET timezone = 'UTC'; " + DAYS)

    def fill(self):
        first, self.filled = self.filled + 1, self.filled + LETTERS
        self.postgres.execute(FILL.replace("FIRST", str(first)).replace("LAST", str(self.filled)))

    def left(self):
        return self.database.number("SELECT count(*) FROM dead_letter WHERE tried_at IS NULL"
                                    " AND (piece IS NULL OR piece = 1)")

    def stored(self):
        return self.database.number("SELECT count(*) FROM log_event")

    def begin(self):
        self.runs += 1
        log = self.work / f"replay-{self.runs}.log"
        return start(self.jdk / "bin" / "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-jar", find_jar(self.jdk),
                     "replay", "--apply", "--examples=0", log=log, env=self.environment(), cwd=self.work)

    def environment(self):
        return {**os.environ, "SPRING_R2DBC_URL": f"r2dbc:postgresql://127.0.0.1:{self.postgres.port}/{NAME}",
                "SPRING_R2DBC_USERNAME": USER, "SPRING_R2DBC_PASSWORD": self.postgres.password}

    def kill_one(self, chance, beside):
        """Kills a replay some time after it has begun to store; whether it was still at it."""
        if self.left() < ENOUGH:
            self.fill()
        before = self.stored()
        victim, other = self.begin(), self.begin() if beside else None
        deadline = time.monotonic() + LIMIT
        while self.stored() == before and victim.poll() is None:
            if time.monotonic() > deadline:
                raise Failure("a replay stores nothing\n" + tail(self.work / f"replay-{self.runs}.log"))
            time.sleep(0.005)
        time.sleep(chance.uniform(0, BEFORE_THE_KILL))
        was_alive = victim.poll() is None
        stored = self.stored() - before
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        if other is not None:
            chance.choice((other.kill, lambda: wait_until_done(other)))()
            end(other)
        self.check()
        print(f"killed {'at work' if was_alive else 'at its end'} after {stored} events", flush=True)
        return was_alive

    def finish(self):
        last = self.begin()
        wait_until_done(last)
        require_same("the exit status of the last, which leaves some", 2, last.returncode)
        self.check()

    def check(self):
        """Each letter once, here or there; the backend of one that was killed may still be at its last statement."""
        self.postgres.execute("BEGIN; LOCK TABLE dead_letter IN SHARE ROW EXCLUSIVE MODE; COMMIT")
        row = self.database.rows(
            "SELECT (SELECT count(*) FROM log_event)::text, (SELECT count(DISTINCT message) FROM log_event)::text,"
            " (SELECT count(*) FROM dead_letter WHERE piece IS NULL OR piece = 1)::text,"
            " (SELECT count(*) FROM dead_letter WHERE piece IS NOT NULL)::text,"
            " (SELECT count(*) FROM dead_letter WHERE piece = 1)::text")[0]
        stored, different, letters, pieces, frames = map(int, row)
        require_same("rows of log_event that are different", stored, different)
        require_same("letters that are stored or there", self.filled, stored + letters)
        require_same("pieces of the frames that are there", 3 * frames, pieces)


def wait_until_done(process):
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        raise Failure("a replay does not end") from None


def kill_replays():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="five kills, not a hundred")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    print(f"seed {arguments.seed}", flush=True)
    with work_folder("replay") as work, Postgres(work) as postgres:
        replays = Replays(work, postgres)
        kills = 5 if arguments.short else 100
        alive = sum(replays.kill_one(chance, number % 3 == 2) for number in range(kills))
        replays.finish()
        left = replays.database.number("SELECT count(*) FROM dead_letter")
        print(f"passed: {kills} kills, {alive} of them at work; of {replays.filled} dead letters {replays.stored()} are"
              f" stored once, {left} stay", flush=True)


if __name__ == "__main__":
    main(kill_replays)
