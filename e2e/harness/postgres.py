"""PostgreSQL for one run: an own server on a free port with an own data folder, durable as in production."""

import contextlib
import os
import platform
import secrets
import shutil
import signal
import subprocess
import tarfile
import zipfile
from pathlib import Path

from e2e.harness.checks import Failure, wait_for
from e2e.harness.database import Database
from e2e.harness.machine import children, free_port, stat_fields, tail, tree_cpu_seconds
from e2e.harness.processes import Started, run, start
from e2e.harness.program import ROOT

VERSION = "18.6.0"
CACHE = ROOT / "target" / "e2e"
BINARIES = "io.zonky.test.postgres:embedded-postgres-binaries-{platform}:{version}"
PLATFORMS = {"x86_64": "linux-amd64", "aarch64": "linux-arm64v8"}
COPY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
UNPRIVILEGED = 65534  # `nobody`: PostgreSQL refuses to run as root
USER, NAME = "sluice", "sluice"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",  # no checkpoint by size in mid-round; each round starts after one
}


def download_binaries():
    """The jar of the embedded PostgreSQL, fetched once through Maven."""
    machine = platform.machine()
    if machine not in PLATFORMS:
        raise Failure(f"no PostgreSQL binaries for {machine}: set PGBIN to the bin folder of an installed server")
    artifact = BINARIES.format(platform=PLATFORMS[machine], version=VERSION)
    jar = CACHE / f"{artifact.split(':')[1]}-{VERSION}.jar"
    if not jar.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        # In a folder without a pom.
        run("mvn", "-q", "-B", COPY_PLUGIN, f"-Dartifact={artifact}", f"-DoutputDirectory={CACHE}", cwd=CACHE)
    return jar


def unpack(jar, folder):
    with zipfile.ZipFile(jar) as outer:
        name = next(n for n in outer.namelist() if n.endswith(".txz"))
        with outer.open(name) as inner, tarfile.open(fileobj=inner, mode="r:xz") as archive:
            archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return folder / "bin"


def is_stopped(pid):
    try:
        return stat_fields(pid)[0] in "TZ"
    except OSError:
        return True  # it ended while we looked


class Postgres(Started):
    """Nothing of it is left but the cached jar."""

    settings = SETTINGS

    def __init__(self, work, binaries=None, password=None, variables=None):
        self.work, self.bin, self.variables = work, binaries, variables or {}
        self.home = work / "postgres"
        self.data = self.home / "data"
        self.log = work / "postgres.log"
        self.port = free_port()
        self.password = password or secrets.token_hex(12)
        self.server = None

    def start(self):
        installed = os.environ.get("PGBIN")
        self.home.mkdir()
        self.bin = Path(installed) if installed else unpack(download_binaries(), self.work / "pgsql")
        self.initialise()
        self.begin()
        self.execute(f"CREATE DATABASE {NAME}", "postgres")

    def initialise(self):
        secret = self.home / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.home, secret):
                shutil.chown(path, UNPRIVILEGED, UNPRIVILEGED)
        run(*self.unprivileged("initdb", "-D", self.data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256",
                               "--encoding=UTF8", "--locale=C"))

    def begin(self):
        """Starts the server on the data that are there."""
        settings = {**self.settings, "port": self.port, "unix_socket_directories": self.home}
        options = [f"-c{key}={value}" for key, value in settings.items()]
        self.server = start(*self.unprivileged("postgres", "-D", self.data, *options), log=self.log,
                            start_new_session=True)
        wait_for(lambda: f"PostgreSQL starts\n{tail(self.log)}", self.is_up)

    def is_up(self):
        if self.server.poll() is not None:
            raise Failure(f"PostgreSQL did not start\n{tail(self.log)}")
        with contextlib.suppress(Failure):
            self.execute("SELECT 1", "postgres")
            return True
        return False

    def unprivileged(self, program, *arguments):
        """A server program, as `nobody` when we are root; setpriv and env become it, so that the pid is its own."""
        drop = []
        if os.geteuid() == 0:
            drop = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        return [*drop, "env", *variables, self.bin / program, *arguments]

    def environment(self):
        """libpq's variables, for the loader."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER, "PGDATABASE": NAME,
                "PGPASSWORD": self.password}

    def connect(self, name=NAME):
        return Database(f"host=127.0.0.1 port={self.port} user={USER} password={self.password} dbname={name}"
                        " connect_timeout=5 application_name=sluice-harness")

    def execute(self, sql, name=NAME):
        """On a connection of its own."""
        with contextlib.closing(self.connect(name)) as connection:
            return connection.rows(sql)

    def cpu_seconds(self):
        return tree_cpu_seconds(self.server.pid)

    def family(self):
        return [self.server.pid, *children(self.server.pid)]

    def freeze(self):
        """Every process stands still when this returns, however busy the machine is; none can be born meanwhile."""
        def all_stopped():
            self.signal_all(self.family(), signal.SIGSTOP)
            return all(map(is_stopped, self.family()))
        wait_for("every process of PostgreSQL stands still", all_stopped, pause=0.02)

    def resume(self):
        self.signal_all(reversed(self.family()), signal.SIGCONT)

    def kill(self):
        """Every process at once, as when the machine loses its power."""
        if self.server is None or self.server.poll() is not None:
            return
        self.freeze()
        self.signal_all(self.family(), signal.SIGKILL)
        self.server.wait(30)

    @staticmethod
    def signal_all(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # a backend may end at any moment
                os.kill(pid, number)

    def stop(self):
        if self.server is None or self.server.poll() is not None:
            return
        self.resume()
        self.server.send_signal(signal.SIGINT)  # "fast" shutdown
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(30)
