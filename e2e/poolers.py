#!/usr/bin/env python3
"""PgBouncer between Sluice and PostgreSQL, as its package configures it but for addresses and passwords.

With pool_mode=session it is killed under load, and in turn the server connections that it holds: what was acknowledged
is stored once, over TLS as well. With pool_mode=transaction or statement a start is refused in one line, also where a
single connection to the server answers everything, or several in turn. Where PgBouncer is not installed it says so and
ends with 0.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.certificates import Authority
from e2e.harness.checks import Failure, require, wait_for
from e2e.harness.chunks import check_stored_once, end_shippers, start_shippers
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import NAME, UNPRIVILEGED, USER, Postgres
from e2e.harness.processes import Started, end, program, start
from e2e.harness.program import main, work_folder
from e2e.harness.service import Service, find_jar, find_jdk25

KILLS = 6
KILLS_WITH_TLS = 2
REFUSAL_SECONDS = 60
REFUSED = "Set pool_mode=session for database 'sluice' in the pooler"

# Debian's file, with these addresses and files.
CONFIG = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
logfile = {folder}/pgbouncer.log
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = md5
auth_file = {folder}/userlist.txt
"""


class PgBouncer(Started):
    """Started as root it becomes `nobody`, because it refuses to stay root."""

    def __init__(self, work, postgres, *settings):
        self.folder, self.port, self.process = work / f"pgbouncer-{free_port()}", free_port(), None
        self.password = postgres.password
        self.config = CONFIG.format(server=postgres.port, port=self.port, folder=self.folder) + "\n".join(settings)

    def start(self):
        self.folder.mkdir()
        (self.folder / "userlist.txt").write_text(f'"{USER}" "{self.password}"\n')
        (self.folder / "pgbouncer.ini").write_text(self.config)
        if os.geteuid() == 0:
            os.chown(self.folder, UNPRIVILEGED, UNPRIVILEGED)
        self.begin()

    def begin(self):
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = start(program("pgbouncer"), "-q", *user, self.folder / "pgbouncer.ini",
                             log=self.folder / "console.log")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        end(self.process)


def kill_over_tls(work, postgres, chance):
    folder = work / "certificates"
    Authority(folder).sign("pooler", "IP:127.0.0.1")
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    pooler = PgBouncer(work, postgres, "client_tls_sslmode = require", f"client_tls_key_file = {folder}/pooler.key",
                       f"client_tls_cert_file = {folder}/pooler.crt")
    url = f"r2dbc:postgresql://127.0.0.1:{pooler.port}/{NAME}?sslMode=verify-full&sslRootCert={folder}/ca.crt"
    kill_under_load(work, postgres, chance, pooler, KILLS_WITH_TLS, {"SPRING_R2DBC_URL": url})


def kill_under_load(work, postgres, chance, pooler, kills=KILLS, environment=None):
    with pooler, Service(work, pooler, environment) as service:
        shippers = start_shippers(f"shipper-{pooler.port}", service.port)
        for number in range(kills):
            wait_for_answer(service, shippers)
            time.sleep(chance.uniform(0.1, 0.5))
            if number % 2:
                end_server_connections(postgres)
            else:
                pooler.kill()
                time.sleep(chance.uniform(0.0, 0.5))
                pooler.begin()
        wait_for_answer(service, shippers)
        end_shippers(shippers)
        check_stored_once(f"{kills} kills", postgres, shippers)
        require("no connection was refused as PgBouncer's default refuses some",
                "unsupported startup parameter" not in service.log.read_text(), tail(service.log))


def wait_for_answer(service, shippers):
    """One that was sent after now."""
    before = [len(shipper.acked) + len(shipper.waiting) for shipper in shippers]

    def all_answered():
        service.check_alive()
        return all(len(shipper.acked) > sent for shipper, sent in zip(shippers, before))

    wait_for(lambda: f"answers to all; {tail(service.log)}", all_answered, pause=0.02)


def end_server_connections(postgres):
    """As an administrator of the server does it: PgBouncer lives on, and tells it in words of its own."""
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'",
                     "postgres")


def refuse(work, postgres, *settings):
    """The start ends by itself."""
    with PgBouncer(work, postgres, *settings) as pooler:
        service = Service(work, pooler)
        service.log = work / f"refused-{pooler.port}.log"
        process = start(find_jdk25() / "bin" / "java", service.heap, "-jar", find_jar(None), log=service.log,
                        env=service.environment(), cwd=work)
        try:
            wait_for(lambda: f"the end of a start with {settings}\n{tail(service.log)}",
                     lambda: process.poll() is not None, REFUSAL_SECONDS)
        finally:
            end(process)
        require(f"refused with a line: {', '.join(settings)}",
                process.returncode and REFUSED in service.log.read_text(), tail(service.log))


def run_poolers():
    try:
        program("pgbouncer")
    except Failure as absent:
        print(f"{absent}: poolers are not tried", flush=True)
        return
    seed = random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    with work_folder("poolers") as work, Postgres(work) as postgres:
        chance = random.Random(seed)
        kill_under_load(work, postgres, chance, PgBouncer(work, postgres))
        kill_over_tls(work, postgres, chance)
        refuse(work, postgres, "pool_mode = transaction")
        refuse(work, postgres, "pool_mode = transaction", "default_pool_size = 1")
        refuse(work, postgres, "pool_mode = transaction", "server_round_robin = 1", "min_pool_size = 2")
        refuse(work, postgres, "pool_mode = statement")
        print("passed", flush=True)


if __name__ == "__main__":
    main(run_poolers)
