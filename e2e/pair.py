"""A primary and its streaming standby on this machine: killed, frozen, shut down, promoted, and paired anew."""

import contextlib
import os
import shutil
import signal

from e2e.harness.checks import Failure, wait_for
from e2e.harness.postgres import UNPRIVILEGED, USER, Postgres
from e2e.harness.processes import run

CHECK_USER = "prober"  # HAProxy asks as this one who takes writes; it may log in without a password and own nothing
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "on", "synchronous_commit": "on", "hot_standby": "on",
            "wal_keep_size": "256MB", "max_wal_size": "128MB", "min_wal_size": "32MB"}


class Node(Postgres):
    """One of the two; its port stays, its data comes and goes."""

    settings = SETTINGS

    def __init__(self, work, binaries=None, password=None):
        work.mkdir()
        work.chmod(0o755)
        super().__init__(work, binaries, password)

    def make(self):
        """The first data of all, with the database in it."""
        self.start()
        self.execute(f"CREATE ROLE {CHECK_USER} LOGIN")
        self.stop()
        access = self.data / "pg_hba.conf"
        access.write_text(f"host all {CHECK_USER} 127.0.0.1/32 trust\n{access.read_text()}")

    def copy_from(self, primary):
        """Becomes the standby of the other one, which is stopped."""
        self.home.mkdir(exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        run("cp", "-a", primary.data, self.data)
        (self.data / "standby.signal").touch()
        (self.data / "postgresql.auto.conf").write_text(
            f"primary_conninfo = 'host=127.0.0.1 port={primary.port} user={USER} password={self.password}'\n")
        if os.geteuid() == 0:
            run("chown", "-R", f"{UNPRIVILEGED}:{UNPRIVILEGED}", self.home)

    def begin(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        super().begin()

    def promote(self):
        """Returns when it takes writes."""
        if self.execute("SELECT pg_promote(true, 60)", "postgres") != [["t"]]:
            raise Failure("the standby was not promoted")

    def is_followed(self):
        return self.execute("SELECT state FROM pg_stat_replication", "postgres") == [["streaming"]]

    def shut_down(self):
        self.server.send_signal(signal.SIGINT)
        self.server.wait(60)


class Pair:
    def __init__(self, work):
        self.work = work
        self.primary = self.standby = None

    def make(self):
        self.primary = Node(self.work / "a")
        self.primary.make()
        self.standby = Node(self.work / "b", self.primary.bin, self.primary.password)

    def start(self, synchronous):
        """Both anew, from the data of the primary, which is stopped first if it runs."""
        self.standby.kill()
        self.primary.stop()
        self.standby.copy_from(self.primary)
        self.primary.begin()
        self.standby.begin()
        wait_for("the standby follows", self.primary.is_followed)
        if synchronous:
            self.set_synchronous()

    def set_synchronous(self):
        with contextlib.closing(self.primary.connect("postgres")) as admin:
            admin.rows("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.rows("SELECT pg_reload_conf()")
            wait_for("the standby is synchronous",
                     lambda: admin.rows("SELECT sync_state FROM pg_stat_replication") == [["sync"]])

    def swap(self):
        """The standby was promoted."""
        self.primary, self.standby = self.standby, self.primary

    def nodes(self):
        return sorted(filter(None, (self.primary, self.standby)), key=lambda node: node.work)

    def stop(self):
        for node in self.nodes():
            node.kill()
