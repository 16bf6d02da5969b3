"""The load tools written in C: built when their source is newer, run as processes of their own."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from harness.machine import BenchError

SOURCES = Path(__file__).resolve().parent.parent / "src"
LIBRARIES = {"generate": [], "send": ["-lpthread"], "ship": ["-lpthread"], "load": ["-lpq", "-lpthread"], "swarm": ["-lm"]}
PACKAGES = {"gcc": "gcc", "pg_config": "libpq-dev", "mvn": "maven", "setpriv": "util-linux"}  # of a program
CFLAGS = ["-O2", "-Wall", "-Wextra"]


def check_requirements():
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if missing:
        raise BenchError(f"missing: {', '.join(missing)} (Debian package names)")


def build(folder):
    include = subprocess.run(["pg_config", "--includedir"], capture_output=True, text=True, check=True).stdout.strip()
    for tool, libraries in LIBRARIES.items():
        source, target = SOURCES / f"{tool}.c", folder / tool
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["gcc", *CFLAGS, f"-I{include}", "-o", str(target), str(source), *libraries], check=True)


class Tools:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work

    def run(self, tool, *arguments, env=None):
        command = [str(self.folder / tool), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})})
        if done.returncode:
            raise BenchError(f"{tool} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def events_file(self, form, events):
        """A file of that many events; the same one for the same arguments."""
        file = self.work / f"{events}.{form}"
        if not file.exists():
            with file.open("wb") as out:
                subprocess.run([str(self.folder / "generate"), "-f", form, "-n", str(events)], stdout=out, check=True)
        return file

    def send(self, port, file, connections, rate=0):
        return self.run("send", "-p", port, "-f", file, "-c", connections, "-r", rate)

    def ship(self, port, protocol, file, each, window):
        return self.run("ship", "-p", port, "-P", protocol, "-f", file, "-b", each, "-w", window)

    def load(self, postgres, file, statement, lanes):
        return self.run("load", "-f", file, "-s", statement, "-c", lanes, "-b", 10000, env=postgres.environment())

    def swarm(self, mode, port, connections, **options):
        return Swarm(self, mode, port, connections, options)


class Swarm:
    """Many connections from one process, open as long as the `with` block lasts."""

    def __init__(self, tools, mode, port, connections, options):
        flags = {"events": "-n", "frame_max": "-x", "interval_ms": "-i", "seconds": "-d"}
        self.output = tools.work / "swarm.out"
        self.errors = tools.work / "swarm.err"
        self.command = [str(tools.folder / "swarm"), "-m", mode, "-p", str(port), "-c", str(connections)]
        for name, value in options.items():
            self.command += [flags[name], str(value)]

    def __enter__(self):
        with self.output.open("wb") as out, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=errors, start_new_session=True)
        self.wait_for(lambda line: True, 60)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def progress(self):
        """The newest whole line, or None before the first: all connections are open from the first line on."""
        lines = self.output.read_text().split("\n")[:-1]
        return json.loads(lines[-1]) if lines else None

    def wait_for(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            line = self.progress()
            if line and condition(line):
                return line
            if self.process.poll() is not None:
                raise BenchError(f"swarm ended: {self.errors.read_text().strip()}")
            time.sleep(0.05)
        raise BenchError(f"swarm made no headway in {seconds} s: {self.progress()}")

    def wait_until_all_sent(self, seconds):
        line = self.wait_for(lambda line: line["all_sent"] or line["closed"], seconds)
        if line["closed"]:
            raise BenchError(f"the service closed {line['closed']} connections in mid-stream")
        return line

    def end(self):
        """Closes the connections; how many of them the service had closed before stands in `closed`."""
        self.process.terminate()
        self.process.wait(30)
        return self.progress()
