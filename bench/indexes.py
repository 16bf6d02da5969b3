#!/usr/bin/env python3
"""What an index on log_event costs COPY and what it gains a query, on ten million rows of one day.

The rows are loaded into `log_event`. Then each index is made on it, and pieces of the same later rows are copied into
it and into a twin without the index in turn, the order changing: the ratio of the two rates is the price. (The twin
begins empty: to a heap with a BRIN index it makes no difference.) A query is timed without and with the index, the
least of three, and the index is dropped before the next is made.

`bench/indexes.py [ROWS [PAIRS]]`; PGBIN names the folder of an installed server with its contrib modules, else the
embedded one is taken.
"""

import contextlib
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.database import Database
from e2e.harness.postgres import USER, Postgres
from e2e.harness.program import ROOT, main, work_folder

MIGRATIONS = ROOT / "src" / "main" / "resources" / "db" / "migration"
NAME = "logs"
CHUNK = 200_000
ROWS, PAIRS = (int(given) for given in [*sys.argv[1:], *["10000000", "5"][len(sys.argv) - 1:]])
TABLES = ("log_event", "twin")
SINCE = "'2026-11-28 00:00Z'"
INDEXES = [  # statement, query
    ("(received_at) where severity <= 3", f"select * from logs_search({SINCE}, severity => 'error')"),
    ("(received_at)", f"select * from logs_search({SINCE})"),
    ("(host, received_at)", f"select * from logs_search({SINCE}, host => 'web-17')"),
    ("((attributes ->> 'trace_id'))",
     f"select * from logs where received_at >= {SINCE} and attributes ->> 'trace_id' = md5('4711')"),
    ("using gin (attributes jsonb_path_ops)",
     f"select * from logs where received_at >= {SINCE} and attributes @> jsonb_build_object('trace_id', md5('4711'))"),
    ("using gin (message gin_trgm_ops)", f"select * from logs_search({SINCE}, 'order 4711-')"),
]
# Twelve hours hold the first rows, the pieces follow. A half a percent are errors, and messages have 95 letters.
GENERATED = """
    select at, at - interval '20 ms',
           (case when n % 200 = 0 then 3 when n % 31 = 0 then 4 when n % 7 = 0 then 5 else 6 end)::smallint,
           3::smallint,
           'web-' || n % 211, 'app-' || n % 41, (n % 3000)::text, null,
           format('%s /api/v1/customers/%s answered %s in %s ms, order %s-%s, session %s',
                  (array['GET', 'POST', 'PUT', 'DELETE'])[n % 4 + 1], hashint8(n) % 100000, 200 + n % 7 * 50, n % 1733,
                  n / 3, n % 3, left(md5('s' || n), 12)),
           jsonb_build_object('trace_id', md5(n::text), 'user', hashint8(n) % 5000, 'ms', n % 1733),
           '10.0.0.' || n % 211, 'main'
    from generate_series({first}::bigint, {last}::bigint) n,
         lateral (select timestamptz '2026-11-28 00:00Z' + n * (interval '12 hours' / {rows})) times (at)"""


def seconds(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def prepare(postgres, database):
    for file in sorted(MIGRATIONS.glob("*.sql")):
        database.rows(f"begin; {file.read_text()}; commit")
    database.rows("create extension pg_trgm")
    database.rows("create table twin (like log_event including all) partition by range (received_at)")
    for table in TABLES:
        database.rows(f"create table {table}_20261128 partition of {table}"
                      " for values from ('2026-11-28 00:00Z') to ('2026-11-30 00:00Z')")
    database.rows("set maintenance_work_mem = '1GB'")
    print(database.rows("select version()")[0][0], flush=True)


def generated(first, last):
    return GENERATED.format(rows=ROWS, first=first, last=last)


def load(database):
    taken = seconds(lambda: database.rows(f"insert into log_event {generated(1, ROWS)}"))
    database.rows("vacuum (freeze, analyze) log_event")
    size = database.number("select pg_table_size('log_event_20261128')")
    print(f"{ROWS} rows, {size / ROWS:.0f} bytes a row, made in {taken:.0f} s", flush=True)


def timed_query(database, query):
    return min(seconds(lambda: database.rows(query)) for _ in range(3))


class Pieces:
    """The next rows as a file of binary COPY, in the order of their times."""

    def __init__(self, database, folder):
        self.database, self.file, self.last = database, folder / "piece", ROWS

    def next(self):
        first, self.last = self.last + 1, self.last + CHUNK
        self.database.rows(f"copy ({generated(first, self.last)}) to '{self.file}' (format binary)")

    def rate(self, table):
        return CHUNK / seconds(lambda: self.database.rows(f"copy {table} from '{self.file}' (format binary)"))


def price(database, pieces):
    """The rate with the index to that without it: the median of the pairs, and the least and the most."""
    ratios = []
    for number in range(PAIRS):
        pieces.next()
        database.rows("checkpoint")
        order = TABLES if number % 2 else reversed(TABLES)
        rates = {table: pieces.rate(table) for table in order}
        ratios.append(rates["log_event"] / rates["twin"])
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) of {rates['twin']:.0f} rows/s"


def measure(database, pieces, columns, query):
    before = timed_query(database, query)
    built = seconds(lambda: database.rows(f"create index candidate on log_event {columns}"))
    database.rows("vacuum analyze log_event")
    size = database.number("select sum(pg_relation_size(relid)) from pg_partition_tree('candidate')")
    after = timed_query(database, query)
    rows = pieces.last
    rates = price(database, pieces)
    database.rows("drop index candidate")
    print(f"| `{columns}` | {rates} | {size / rows:.0f} bytes, {built:.0f} s | {before * 1000:.0f} ms |"
          f" {after * 1000:.1f} ms |", flush=True)


def indexes():
    with work_folder("indexes") as work, Postgres(work) as postgres:
        # The letters of all languages, as a database has them that initdb makes without options.
        postgres.execute(f"create database {NAME} template template0 locale_provider builtin builtin_locale 'C.UTF-8'")
        conninfo = f"host=127.0.0.1 port={postgres.port} user={USER} password={postgres.password} dbname={NAME}"
        with contextlib.closing(Database(conninfo)) as database:
            prepare(postgres, database)
            load(database)
            pieces = Pieces(database, postgres.home)
            print("| index | COPY, to that without | a row, made in | query without | with |", flush=True)
            print(f"| none | {price(database, pieces)} | | | |", flush=True)  # how far pairs differ by themselves
            for columns, query in INDEXES:
                measure(database, pieces, columns, query)


if __name__ == "__main__":
    main(indexes)
