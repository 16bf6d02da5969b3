"""A primary and its streaming standby on this machine: killed, frozen, shut down, promoted, and paired anew."""

import os
import shutil
import signal
import subprocess
import time

from harness.database import Database
from harness.machine import BenchError, children, free_port, stat_fields, tail
from harness.postgres import NAME, UNPRIVILEGED, USER, Postgres

READY_SECONDS = 60
CHECK_USER = "prober"  # HAProxy asks as this one who takes writes; it may log in without a password and own nothing
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "on", "synchronous_commit": "on", "hot_standby": "on",
            "wal_keep_size": "256MB", "max_wal_size": "128MB", "min_wal_size": "32MB"}


def is_stopped(pid):
    try:
        return stat_fields(pid)[0] in "TZ"
    except OSError:
        return True  # it ended while we looked


class Node(Postgres):
    """One of the two; its port stays, its data comes and goes."""

    def __init__(self, work, cache, binaries=None, password=None):
        work.mkdir()
        work.chmod(0o755)
        super().__init__(work, cache)
        self.port = free_port()
        self.bin = binaries
        self.password = password or self.password

    @property
    def data(self):
        return self.home / "data"

    def make(self):
        """The first data of all, with the database in it."""
        super().start()
        admin = self.connect()
        admin.rows(f"CREATE ROLE {CHECK_USER} LOGIN")
        admin.close()
        self.stop()
        access = self.data / "pg_hba.conf"
        access.write_text(f"host all {CHECK_USER} 127.0.0.1/32 trust\n{access.read_text()}")

    def copy_from(self, primary):
        """Becomes the standby of the other one, which is stopped."""
        self.home.mkdir(exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        subprocess.run(["cp", "-a", primary.data, self.data], check=True)
        (self.data / "standby.signal").touch()
        (self.data / "postgresql.auto.conf").write_text(
            f"primary_conninfo = 'host=127.0.0.1 port={primary.port} user={USER} password={self.password}'\n")
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{UNPRIVILEGED}:{UNPRIVILEGED}", self.home], check=True)

    def begin(self, synchronous=False):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        names = {"synchronous_standby_names": "*" if synchronous else ""}
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in names.items())
        options = [f"-c{key}={value}" for key, value in {**SETTINGS, "port": self.port,
                                                         "unix_socket_directories": self.home}.items()]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(self.unprivileged("postgres", "-D", self.data, *options), stdout=log,
                                           stderr=log, start_new_session=True)
        self.connect_when_up().close()

    def promote(self):
        """Returns when it takes writes."""
        admin = self.connect("postgres")
        if admin.rows("SELECT pg_promote(true, 60)") != [["t"]]:
            raise BenchError(f"the standby was not promoted\n{tail(self.log)}")
        admin.close()

    def is_followed(self):
        admin = self.connect("postgres")
        state = admin.rows("SELECT state FROM pg_stat_replication")
        admin.close()
        return state == [["streaming"]]

    def freeze(self):
        """Every process stands still when this returns, however busy the machine is; none can be born meanwhile."""
        deadline = time.monotonic() + READY_SECONDS
        while not all(map(is_stopped, self.family())):
            if time.monotonic() > deadline:
                raise BenchError("not every PostgreSQL process could be stopped")
            self.signal_all(self.family(), signal.SIGSTOP)
            time.sleep(0.02)

    def family(self):
        return [self.server.pid, *children(self.server.pid)]

    def kill(self):
        """Every process at once, as when the machine loses its power."""
        if self.server is None or self.server.poll() is not None:
            return
        self.freeze()
        self.signal_all(self.family(), signal.SIGKILL)
        self.server.wait(30)

    def shut_down(self):
        self.server.send_signal(signal.SIGINT)
        self.server.wait(60)


class Pair:
    def __init__(self, work):
        self.work = work
        self.primary = self.standby = None

    def make(self, cache):
        self.primary = Node(self.work / "a", cache)
        self.primary.make()
        self.standby = Node(self.work / "b", cache, self.primary.bin, self.primary.password)

    def start(self, synchronous):
        """Both anew, from the data of the primary, which is stopped first if it runs."""
        self.standby.kill()
        self.primary.stop()
        self.standby.copy_from(self.primary)
        self.primary.begin()
        self.standby.begin()
        self.wait_for(self.primary.is_followed, "the standby does not follow")
        if synchronous:
            self.set_synchronous()

    def set_synchronous(self):
        admin = self.primary.connect("postgres")
        admin.rows("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.rows("SELECT pg_reload_conf()")
        self.wait_for(lambda: admin.rows("SELECT sync_state FROM pg_stat_replication") == [["sync"]],
                      "the standby is not synchronous")
        admin.close()

    def swap(self):
        """The standby was promoted."""
        self.primary, self.standby = self.standby, self.primary

    @staticmethod
    def wait_for(condition, failure):
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise BenchError(failure)
            time.sleep(0.1)

    def database(self):
        node = self.primary
        return Database(f"host=127.0.0.1 port={node.port} user={USER} password={node.password} dbname={NAME}"
                        " connect_timeout=5")

    def nodes(self):
        return sorted(filter(None, (self.primary, self.standby)), key=lambda node: node.work)

    def stop(self):
        for node in self.nodes():
            node.kill()
