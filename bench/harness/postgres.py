"""PostgreSQL for one run: an own server on a free port with an own data folder, durable as in production."""

import contextlib
import os
import platform
import secrets
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

from harness.database import Database
from harness.machine import BenchError, children, free_port, stat_fields, tail, tree_cpu_seconds

VERSION = "18.6.0"
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


def download_binaries(folder):
    """The jar of the embedded PostgreSQL, fetched once through Maven."""
    machine = platform.machine()
    if machine not in PLATFORMS:
        raise BenchError(f"no PostgreSQL binaries for {machine}: set PGBIN to the bin folder of an installed server")
    artifact = BINARIES.format(platform=PLATFORMS[machine], version=VERSION)
    jar = folder / f"{artifact.split(':')[1]}-{VERSION}.jar"
    if not jar.exists():
        command = ["mvn", "-q", "-B", COPY_PLUGIN, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        subprocess.run(command, cwd=folder, check=True)  # a folder without a pom
    return jar


def unpack(jar, folder):
    with zipfile.ZipFile(jar) as outer:
        name = next(n for n in outer.namelist() if n.endswith(".txz"))
        with outer.open(name) as inner, tarfile.open(fileobj=inner, mode="r:xz") as archive:
            archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return folder / "bin"


class Postgres:
    """Started by `start`, stopped by `stop`; nothing of it is left but the cached jar."""

    def __init__(self, work, cache):
        self.work, self.cache = work, cache
        self.home = work / "postgres"
        self.log = work / "postgres.log"
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self.server = None

    def start(self):
        installed = os.environ.get("PGBIN")
        self.home.mkdir()
        self.bin = Path(installed) if installed else unpack(download_binaries(self.cache), self.work / "pgsql")
        self.initialise()
        settings = [f"-c{key}={value}" for key, value in {**SETTINGS, "port": self.port,
                                                          "unix_socket_directories": self.home}.items()]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(self.unprivileged("postgres", "-D", self.home / "data", *settings),
                                           stdout=log, stderr=log, start_new_session=True)
        admin = self.connect_when_up()
        admin.rows(f"CREATE DATABASE {NAME}")
        admin.close()

    def initialise(self):
        secret = self.home / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.home, secret):
                shutil.chown(path, UNPRIVILEGED, UNPRIVILEGED)
        command = self.unprivileged("initdb", "-D", self.home / "data", "-U", USER, f"--pwfile={secret}",
                                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"initdb failed: {done.stderr.strip()}")

    def unprivileged(self, program, *arguments):
        """Runs a server program as `nobody` when we are root; setpriv then becomes the program: the pid is its own."""
        drop = []
        if os.geteuid() == 0:
            drop = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
        return [*drop, str(self.bin / program), *map(str, arguments)]

    def connect_when_up(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.connect("postgres")
            except BenchError as error:
                if self.server.poll() is not None or time.monotonic() > deadline:
                    raise BenchError(f"PostgreSQL did not start: {error}\n{tail(self.log)}") from error
                time.sleep(0.1)

    def environment(self):
        """libpq's variables, for the loader."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": USER, "PGDATABASE": NAME,
                "PGPASSWORD": self.password}

    def connect(self, name=NAME):
        return Database(f"host=127.0.0.1 port={self.port} user={USER} password={self.password} dbname={name}"
                        " connect_timeout=5 application_name=bench")

    def cpu_seconds(self):
        return tree_cpu_seconds(self.server.pid)

    def freeze(self):
        """Stops every process where it stands; the postmaster first, so that none is born meanwhile."""
        self.signal_all([self.server.pid], signal.SIGSTOP)
        self.signal_all(children(self.server.pid), signal.SIGSTOP)
        time.sleep(0.1)
        if any(stat_fields(pid)[0] != "T" for pid in [self.server.pid, *children(self.server.pid)]):
            raise BenchError("not every PostgreSQL process could be stopped")

    def resume(self):
        self.signal_all([*children(self.server.pid), self.server.pid], signal.SIGCONT)

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
