"""The load tools written in C: built when their source is newer, run as processes of their own."""

import json
import shutil

from e2e.harness.checks import Failure, wait_for
from e2e.harness.processes import Started, end, run, start
from e2e.harness.program import ROOT

SOURCES, BUILT = ROOT / "bench" / "src", ROOT / "bench" / "build"
LIBRARIES = {"generate": [], "send": ["-lpthread"], "ship": ["-lpthread"], "load": ["-lpq", "-lpthread"],
             "swarm": ["-lm"]}
PACKAGES = {"gcc": "gcc", "pg_config": "libpq-dev", "mvn": "maven", "setpriv": "util-linux"}  # of a program
CFLAGS = ["-O2", "-Wall", "-Wextra"]


def check_requirements():
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if missing:
        raise Failure(f"missing: {', '.join(missing)} (Debian package names)")


def build():
    BUILT.mkdir(exist_ok=True)
    include = run("pg_config", "--includedir").stdout.strip()
    for tool, libraries in LIBRARIES.items():
        source, target = SOURCES / f"{tool}.c", BUILT / tool
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            run("gcc", *CFLAGS, f"-I{include}", "-o", target, source, *libraries)


class Tools:
    def __init__(self, work):
        self.work = work

    @staticmethod
    def run(tool, *arguments, env=None):
        return json.loads(run(BUILT / tool, *arguments, env=env).stdout)

    def events_file(self, form, events):
        """A file of that many events; the same one for the same arguments."""
        file = self.work / f"{events}.{form}"
        if not file.exists():
            with file.open("wb") as out:
                run(BUILT / "generate", "-f", form, "-n", events, stdout=out)
        return file

    def send(self, port, file, connections, rate=0):
        return self.run("send", "-p", port, "-f", file, "-c", connections, "-r", rate)

    def ship(self, port, protocol, file, each, window):
        return self.run("ship", "-p", port, "-P", protocol, "-f", file, "-b", each, "-w", window)

    def load(self, postgres, file, statement, lanes):
        return self.run("load", "-f", file, "-s", statement, "-c", lanes, "-b", 10000, env=postgres.environment())

    def swarm(self, mode, port, connections, **options):
        return Swarm(self.work, mode, port, connections, options)


class Swarm(Started):
    """Many connections from one process, open as long as the `with` block lasts."""

    def __init__(self, work, mode, port, connections, options):
        flags = {"events": "-n", "frame_max": "-x", "interval_ms": "-i", "seconds": "-d"}
        self.output = work / "swarm.out"
        self.errors = work / "swarm.err"
        self.command = [BUILT / "swarm", "-m", mode, "-p", port, "-c", connections]
        for name, value in options.items():
            self.command += [flags[name], value]

    def start(self):
        self.process = start(*self.command, out=self.output, log=self.errors, start_new_session=True)
        self.wait_for(lambda line: True, 60)

    def stop(self):
        end(self.process)

    def progress(self):
        """The newest whole line, or None before the first: all connections are open from the first line on."""
        lines = self.output.read_text().split("\n")[:-1]
        return json.loads(lines[-1]) if lines else None

    def wait_for(self, condition, seconds):
        def line():
            newest = self.progress()
            if newest and condition(newest):
                return newest
            if self.process.poll() is not None:
                raise Failure(f"swarm ended: {self.errors.read_text().strip()}")
            return None
        return wait_for(lambda: f"headway of the swarm: {self.progress()}", line, seconds, 0.05)

    def wait_until_all_sent(self, seconds):
        line = self.wait_for(lambda line: line["all_sent"] or line["closed"], seconds)
        if line["closed"]:
            raise Failure(f"the service closed {line['closed']} connections in mid-stream")
        return line

    def end(self):
        """Closes the connections; how many of them the service had closed before stands in `closed`."""
        self.stop()
        return self.progress()
