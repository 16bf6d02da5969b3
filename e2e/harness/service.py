"""The service under test: built if need be, started on JDK 25 against the run's own PostgreSQL."""

import os
import re
import shlex
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from e2e.harness import meters
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port, own_cpu_seconds, resident_mb, tail
from e2e.harness.postgres import NAME, USER
from e2e.harness.processes import Started, end, run, start
from e2e.harness.program import ROOT

HEAP = "-Xmx128m"
READY_SECONDS = 120


def find_jdk25():
    """The folder of a JDK 25: JAVA_HOME, else that of `java`, else one installed beside it."""
    candidates = [os.environ.get("JAVA_HOME"), os.environ.get("JAVA25_HOME")]
    if shutil.which("java"):
        default = Path(shutil.which("java")).resolve().parent.parent
        candidates += [default, *sorted(default.parent.iterdir())]
    for candidate in filter(None, candidates):
        release = Path(candidate) / "release"
        if release.is_file() and re.search(r'JAVA_VERSION="25[."]', release.read_text()):
            return Path(candidate)
    raise Failure("no JDK 25 found: set JAVA_HOME to one")


def find_jar(jdk):
    jar = ROOT / "target" / "sluice.jar"
    if not jar.exists():
        print("building target/sluice.jar", flush=True)
        run("mvn", "-q", "-B", "-DskipTests", "package", cwd=ROOT, env={"JAVA_HOME": str(jdk)})
    return jar


class Service(Started):
    """One process of the service; environment variables of the caller (SLUICE_*, JAVA_OPTS) reach it."""

    def __init__(self, work, postgres, environment=None, lanes=2, heap=HEAP):
        self.postgres, self.lanes, self.heap = postgres, lanes, heap
        self.extra = environment or {}
        self.log = work / "service.log"
        self.port, self.http_port = free_port(), free_port()
        self.process = None

    def start(self):
        self.jdk = find_jdk25()
        self.process = start(*self.command(), log=self.log, env=self.environment(), cwd=self.log.parent,
                             start_new_session=True)
        wait_for(lambda: f"readiness; the end of its log:\n{tail(self.log)}", self.is_ready, READY_SECONDS, 0.2)

    def command(self):
        options = [self.heap, *shlex.split(os.environ.get("JAVA_OPTS", ""))]
        return [self.jdk / "bin" / "java", *options, "-jar", find_jar(self.jdk)]

    def environment(self):
        return {
            **os.environ,
            "SPRING_R2DBC_URL": f"r2dbc:postgresql://127.0.0.1:{self.postgres.port}/{NAME}",
            "SPRING_R2DBC_USERNAME": USER,
            "SPRING_R2DBC_PASSWORD": self.postgres.password,
            "SLUICE_LISTENERS_MAIN_PORT": str(self.port),
            "SLUICE_STORE_LANES": str(self.lanes),
            "SERVER_PORT": str(self.http_port),
            **self.extra,
        }

    def is_ready(self):
        self.check_alive()
        try:
            return bool(self.get("/actuator/health/readiness"))
        except urllib.error.HTTPError:
            return False

    def check_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"the service ended with code {self.process.returncode}; the end of its log:\n"
                          f"{tail(self.log)}")

    def get(self, path):
        url = f"http://127.0.0.1:{self.http_port}{path}"
        request = urllib.request.Request(url, headers={"Accept": "text/plain, */*"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()

    def metrics(self):
        return meters.parse(self.get("/actuator/prometheus"))

    def metric(self, name, **labels):
        return meters.total(self.metrics(), name, **labels)

    def collect_garbage(self):
        run(self.jdk / "bin" / "jcmd", self.process.pid, "GC.run")

    def cpu_seconds(self):
        return own_cpu_seconds(self.process.pid)

    def resident_mb(self):
        return resident_mb(self.process.pid)

    def peak_mb(self):
        return resident_mb(self.process.pid, "VmHWM")

    def stop(self):
        end(self.process, 60)
