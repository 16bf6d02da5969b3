#!/usr/bin/env python3
"""What indexes on a day that is over gain a query, and what their making costs the COPY of today.

Rows of yesterday are loaded, and queries timed, the least of three. Then each index is built concurrently, as the
service builds it, while pieces of rows of today are copied in; pieces are copied before and after it, too, and the
rate meanwhile to that of those is the price. The queries are timed again.

`bench/finished_days.py [ROWS]`; PGBIN names the folder of an installed server with its contrib modules, else the
embedded one is taken.
"""

import contextlib
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.indexes import GENERATED, MIGRATIONS, NAME, seconds, timed_query
from e2e.harness.database import Database
from e2e.harness.postgres import USER, Postgres
from e2e.harness.program import main, work_folder

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 4_400_000
CHUNK = 20_000
DAYS = {"yesterday": "2026-11-28", "today": "2026-11-29"}
BUILD = "set maintenance_work_mem = '64MB'; set max_parallel_maintenance_workers = 0"
INDEXES = ["(received_at) where severity <= 3", "(host, received_at) where severity <= 3", "(host, received_at)",
           "using gin (attributes jsonb_path_ops)", "(received_at)", "using gin (message gin_trgm_ops)"]
SINCE = "'2026-11-28 00:00Z'"
QUERIES = {
    "the last 100 errors of a host": f"select * from logs_search({SINCE}, host => 'web-17', severity => 'error')",
    "the last 100 of a host": f"select * from logs_search({SINCE}, host => 'web-17')",
    "the rows of a trace": f"select * from logs where received_at >= {SINCE}"
                           " and attributes @> jsonb_build_object('trace_id', md5('4711'))",
    "a text": f"select * from logs_search({SINCE}, 'order 4711-')",
    "the last 100": "select * from logs order by received_at desc limit 100",
    "the last 100 by logs_tail": "select * from logs_tail()",
}


def generated(day, first, last):
    return GENERATED.format(rows=ROWS, first=first, last=last).replace(DAYS["yesterday"], DAYS[day])


def prepare(database):
    for file in sorted(MIGRATIONS.glob("*.sql")):
        database.rows(f"begin; {file.read_text()}; commit")
    database.rows("create extension pg_trgm")
    for day in DAYS.values():
        database.rows(f"create table log_event_{day.replace('-', '')} partition of log_event"
                      f" for values from ('{day} 00:00Z') to (timestamptz '{day} 00:00Z' + interval '1 day')")
    print(database.rows("select version()")[0][0], flush=True)
    database.rows(f"insert into log_event {generated('yesterday', 1, ROWS)}")
    database.rows("vacuum (freeze, analyze) log_event")


class Copies:
    """Pieces of today's rows, each copied in one transaction."""

    def __init__(self, database, folder):
        self.database, self.file = database, folder / "piece"
        database.rows(f"copy ({generated('today', 1, CHUNK)}) to '{self.file}' (format binary)")

    def rates(self, is_over):
        rates = []
        while not rates or not is_over(len(rates)):
            taken = seconds(lambda: self.database.rows(f"copy log_event from '{self.file}' (format binary)"))
            rates.append(CHUNK / taken)
        return rates


def build(conninfo, columns):
    with contextlib.closing(Database(conninfo)) as database:
        for sql in BUILD.split("; "):
            database.rows(sql)
        database.rows(f"create index concurrently on log_event_{DAYS['yesterday'].replace('-', '')} {columns}")


def measure(copies, conninfo, columns):
    pieces = 15
    rates = copies.rates(lambda done: done >= pieces)
    builder = threading.Thread(target=build, args=(conninfo, columns))
    builder.start()
    begin = time.monotonic()
    meanwhile = copies.rates(lambda _: not builder.is_alive())
    taken = time.monotonic() - begin
    rates += copies.rates(lambda done: done >= pieces)
    share = statistics.median(meanwhile) / statistics.median(rates)
    print(f"| `{columns}` | {taken:.1f} s | {share:.2f} ({len(meanwhile)} pieces) |", flush=True)


def finished_days():
    with work_folder("finished-days") as work, Postgres(work) as postgres:
        postgres.execute(f"create database {NAME} template template0 locale_provider builtin builtin_locale 'C.UTF-8'")
        conninfo = f"host=127.0.0.1 port={postgres.port} user={USER} password={postgres.password} dbname={NAME}"
        with contextlib.closing(Database(conninfo)) as database:
            prepare(database)
            before = {name: timed_query(database, query) for name, query in QUERIES.items()}
            print(f"{ROWS} rows of yesterday\n| index | built in | COPY meanwhile, to that without |", flush=True)
            copies = Copies(database, postgres.home)
            for columns in INDEXES:
                measure(copies, conninfo, columns)
            database.rows(f"truncate log_event_{DAYS['today'].replace('-', '')}")
            database.rows("analyze log_event")
            print("| query | without | with |", flush=True)
            for name, query in QUERIES.items():
                after = timed_query(database, query)
                print(f"| {name} | {before[name] * 1000:.0f} ms | {after * 1000:.1f} ms |", flush=True)


if __name__ == "__main__":
    main(finished_days)
