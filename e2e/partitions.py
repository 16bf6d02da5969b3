#!/usr/bin/env python3
"""Tables that others partition: `sluice.store.layout=external` beside pg_partman, and partitions by list and by hash.

pg_partman partitions the table by seconds. Under load it makes new partitions and detaches old ones all the time; then
it stops until rows have no place, and goes on: what was acknowledged is stored once, in the table or in what was
detached. Takes the server of PGBIN; where that has no pg_partman, it says so and runs the rest.
"""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import require, wait_for
from e2e.harness.chunks import CHUNKS_A_SECOND, check_stored_once, end_shippers, start_shippers
from e2e.harness.machine import tail
from e2e.harness.postgres import Postgres
from e2e.harness.program import ROOT, main, work_folder
from e2e.harness.service import Service

EXTERNAL = {"SLUICE_STORE_LAYOUT": "external"}
LOGS = ROOT / "src/main/resources/db/migration/V6__logs.sql"
ROTATIONS = 6

# As docs/tables.md has it.
REPLACE = """
drop view logs cascade;
create table events (like log_event including defaults) {partitioned};
drop table log_event;
alter table events rename to log_event;
create index on log_event using brin (received_at, event_at) with (autosummarize = on);
{logs}"""

PARTMAN = """
create schema partman;
create extension pg_partman schema partman;
create schema detached;
select partman.create_parent('public.log_event', 'received_at', 'native', '5 seconds', p_premake := 4);
drop table log_event_default;
update partman.part_config set infinite_time_partitions = true, retention = '5 seconds',
  retention_schema = 'detached'"""

KEEP = "update partman.part_config set retention = '1 hour'"
MAINTAIN = "select partman.run_maintenance('public.log_event')"


class Maintenance(threading.Thread):
    """What pg_partman's background worker does, all the time."""

    def __init__(self, postgres):
        super().__init__(daemon=True)
        self.postgres, self.over = postgres, threading.Event()

    def run(self):
        while not self.over.wait(0.5):
            self.postgres.execute(MAINTAIN)

    def stop(self):
        self.over.set()
        self.join()


def replace(postgres, partitioned, *partitions):
    """The service made its tables before; now another one is in the place of log_event."""
    postgres.execute("begin;" + REPLACE.format(partitioned=partitioned, logs=LOGS.read_text()) + ";commit")
    for sql in partitions:
        postgres.execute(sql)


def partitions(postgres, schema):
    return [row[0] for row in postgres.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        f" where schemaname = '{schema}' and tablename ~ '^log_event_p' order by 1")]


def beside_partman(work, postgres):
    replace(postgres, "partition by range (received_at)", *PARTMAN.split(";\n"))
    maintenance = Maintenance(postgres)
    maintenance.start()
    with Service(work, postgres, EXTERNAL) as service:
        shippers = start_shippers("partman", service.port)
        first, gone = partitions(postgres, "public"), len(partitions(postgres, "detached"))
        wait_for(lambda: f"old partitions are detached under load\n{tail(service.log)}",
                 lambda: len(partitions(postgres, "detached")) >= gone + ROTATIONS)
        require("partitions were made under load", set(partitions(postgres, "public")) - set(first))
        maintenance.stop()
        wait_for(lambda: f"readiness says that rows have no place\n{tail(service.log)}", lambda: not service.is_ready())
        require("the log names what is missing", "log_event has no place for rows of" in service.log.read_text(),
                tail(service.log))
        postgres.execute(KEEP)  # else rows that waited would come after their partition went
        maintenance = Maintenance(postgres)
        maintenance.start()
        wait_for(lambda: f"readiness when there are partitions again\n{tail(service.log)}", service.is_ready)
        require("others decide how long days are kept", '"retentionAction":"external"' in service.get("/status"))
        end_shippers(shippers)
        maintenance.stop()
        check_stored_once("pg_partman", postgres, shippers, ["log_event", *partitions(postgres, "detached")])


def partitioned_otherwise(work, postgres, name, partitioned, *sql):
    replace(postgres, partitioned, *sql)
    with Service(work, postgres, EXTERNAL) as service:
        shippers = start_shippers(name, service.port)
        wait_for("answers to all", lambda: all(len(shipper.acked) > CHUNKS_A_SECOND for shipper in shippers))
        end_shippers(shippers)
        check_stored_once(name, postgres, shippers)


def run_partitions():
    with work_folder("partitions") as work, Postgres(work) as postgres:
        with Service(work, postgres):
            pass  # makes the tables
        partitioned_otherwise(work, postgres, "list", "partition by list (listener)",
                              "create table main partition of log_event for values in ('main')")
        partitioned_otherwise(work, postgres, "hash", "partition by hash (message)",
                              *(f"create table part{n} partition of log_event"
                                f" for values with (modulus 3, remainder {n})" for n in range(3)))
        if postgres.execute("select from pg_available_extensions where name = 'pg_partman'"):
            beside_partman(work, postgres)
        else:
            print("This PostgreSQL has no pg_partman: nothing is tried beside it", flush=True)
        print("passed", flush=True)


if __name__ == "__main__":
    main(run_partitions)
