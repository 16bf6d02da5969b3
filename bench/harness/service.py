"""The service under test: built if need be, started on JDK 25 against the run's own PostgreSQL."""

import os
import re
import shlex
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from harness.machine import BenchError, free_port, own_cpu_seconds, resident_mb, tail
from harness.postgres import NAME, USER

HEAP = "-Xmx128m"
READY_SECONDS = 120
SAMPLE = re.compile(r'^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


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
    raise BenchError("no JDK 25 found: set JAVA_HOME to one")


def jar_of(root, jdk):
    jar = root / "target" / "sluice.jar"
    if not jar.exists():
        print("building target/sluice.jar", flush=True)
        environment = {**os.environ, "JAVA_HOME": str(jdk)}
        subprocess.run(["mvn", "-q", "-B", "-DskipTests", "package"], cwd=root, env=environment, check=True)
    return jar


def parse_metrics(text):
    """Prometheus text as a list of (name, labels, value)."""
    samples = []
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            samples.append((match["name"], dict(LABEL.findall(match["labels"] or "")), float(match["value"])))
    return samples


class Service:
    """One process of the service; environment variables of the caller (SLUICE_*, JAVA_OPTS) reach it."""

    def __init__(self, root, work, postgres, lanes, environment=None, heap=HEAP):
        self.root, self.postgres, self.lanes, self.heap = root, postgres, lanes, heap
        self.extra = environment or {}
        self.log = work / "service.log"
        self.port, self.http_port = free_port(), free_port()
        self.process = None

    def start(self):
        self.jdk = find_jdk25()
        jar = jar_of(self.root, self.jdk)
        options = [self.heap, *shlex.split(os.environ.get("JAVA_OPTS", ""))]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([str(self.jdk / "bin" / "java"), *options, "-jar", str(jar)],
                                            env=self.environment(), cwd=self.log.parent, stdout=log, stderr=log,
                                            start_new_session=True)
        self.wait_until_ready()

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

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/actuator/health/readiness")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise BenchError(f"the service did not become ready; the end of its log:\n{tail(self.log)}")

    def check_alive(self):
        if self.process.poll() is not None:
            raise BenchError(f"the service ended with code {self.process.returncode}; the end of its log:\n"
                             f"{tail(self.log)}")

    def get(self, path):
        url = f"http://127.0.0.1:{self.http_port}{path}"
        request = urllib.request.Request(url, headers={"Accept": "text/plain, */*"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()

    def metrics(self):
        return parse_metrics(self.get("/actuator/prometheus"))

    def metric(self, name, **labels):
        """The sum of the samples with this name and these labels, 0 when there is none."""
        return sum(value for sample, found, value in self.metrics()
                   if sample == name and labels.items() <= found.items())

    def collect_garbage(self):
        subprocess.run([str(self.jdk / "bin" / "jcmd"), str(self.process.pid), "GC.run"], check=True,
                       stdout=subprocess.DEVNULL)

    def cpu_seconds(self):
        return own_cpu_seconds(self.process.pid)

    def resident_mb(self):
        return resident_mb(self.process.pid)

    def peak_mb(self):
        return resident_mb(self.process.pid, "VmHWM")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            print("the service did not end within 60 s of SIGTERM and was killed", flush=True)
            self.process.kill()
            self.process.wait()
