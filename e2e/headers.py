#!/usr/bin/env python3
"""The headers of devices, as rsyslog, syslog-ng and Sluice read them: how many hosts, times, apps and severities are right.

`e2e/headers.py` sends the lines of src/test/resources/inputs/devices.txt to Debian's rsyslog and syslog-ng, with their
default parsers, and to Sluice's dry run; `e2e/headers.py host` also prints what each read in place of a host (or time,
app, severity). What is not installed is unpacked under target/e2e. It fails when Sluice is not ahead in each column.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "e2e"), str(ROOT / "bench")]
sys.dont_write_bytecode = True

from harness.machine import BenchError, free_port  # noqa: E402
from harness.service import find_jdk25, jar_of  # noqa: E402

TABLE = ROOT / "src/test/resources/inputs/devices.txt"
UNPACKED = ROOT / "target" / "e2e" / "headers"
COLUMNS = ("host", "time", "app", "severity")
SECONDS_MAX = 30
NOBODY = {"", "-", "127.0.0.1", socket.gethostname()}  # the sender's address stands for a host that a line does not have
PACKAGES = {"rsyslogd": ("rsyslog", "libestr0", "libfastjson4", "liblognorm5"),
            "syslog-ng": ("syslog-ng-core", "libivykis0", "libnet1", "libwrap0", "libpcre3")}

RSYSLOG = """
global(workDirectory="{folder}" parser.permitSlashInProgramName="on" net.enableDNS="off")
module(load="imtcp")
template(name="row" type="string" string="%hostname%\\t%timereported:::date-rfc3339%\\t%programname%\\t%syslogseverity%\\n")
input(type="imtcp" port="{port}" supportOctetCountedFraming="off")
action(type="omfile" file="{rows}" template="row")
"""

SYSLOG_NG = """
@version: 3.35
options {{ keep-hostname(yes); use-dns(no); time-zone("UTC"); frac-digits(6); stats-freq(0); }};
source in {{ network(ip("127.0.0.1") port({port}) transport("tcp")); }};
destination out {{ file("{rows}" template("$HOST\\t$S_ISODATE\\t$PROGRAM\\t$LEVEL_NUM\\n")); }};
log {{ source(in); destination(out); }};
"""


def table():
    """Pairs of a line and its columns; a line that begins with a number and a blank would be taken for counted."""
    line, rows = "", []
    for text in TABLE.read_text().splitlines():
        if text.startswith("in  "):
            line = text[4:]
        elif text.startswith("row ") and not re.match(r"\d+ ", line):
            host, at, app, _, severity, _ = text[4:].split(" | ", 5)
            rows.append((line, {"host": host, "time": at, "app": app, "severity": severity}))
    return rows


def program(name):
    """The daemon's path and the environment that it needs."""
    found = shutil.which(name, path="/usr/sbin:" + os.environ["PATH"])
    if found:
        return found, {**os.environ, "TZ": "UTC"}, None
    folder = UNPACKED / name
    if not folder.exists():
        folder.mkdir(parents=True)
        subprocess.run(["apt-get", "-qq", "download", *PACKAGES[name]], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    libraries = ":".join(sorted({str(path.parent) for path in folder.rglob("*.so*")}))
    return str(folder / "usr/sbin" / name), {**os.environ, "TZ": "UTC", "LD_LIBRARY_PATH": libraries}, folder


@contextlib.contextmanager
def running(command, environment, log):
    with log.open("wb") as out:
        daemon = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait(SECONDS_MAX)


def sent(port, rows, payload, count, log):
    """What the daemon wrote of what it was sent."""
    deadline = time.monotonic() + SECONDS_MAX
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            if time.monotonic() > deadline:
                raise BenchError(f"it does not listen\n{log.read_text()}") from None
            time.sleep(0.1)
    with connection:
        connection.sendall(payload)
    while time.monotonic() < deadline and (not rows.exists() or rows.read_bytes().count(b"\n") < count):
        time.sleep(0.1)
    lines = rows.read_text(errors="replace").splitlines()
    if len(lines) < count:
        raise BenchError(f"{len(lines)} rows of {count} lines\n{log.read_text()}")
    # Its own messages may stand among them at the start.
    return [dict(zip(COLUMNS, line.split("\t"))) for line in lines[-count:]]


def rsyslog(folder, payload, count):
    path, environment, unpacked = program("rsyslogd")
    port, rows, log = free_port(), folder / "rsyslog.rows", folder / "rsyslog.log"
    (folder / "rsyslog.conf").write_text(RSYSLOG.format(folder=folder, port=port, rows=rows))
    modules = ["-M", str(unpacked / "usr/lib/x86_64-linux-gnu/rsyslog")] if unpacked else []
    with running([path, "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid"), *modules], environment, log):
        return sent(port, rows, payload, count, log)


def syslog_ng(folder, payload, count):
    path, environment, unpacked = program("syslog-ng")
    port, rows, log = free_port(), folder / "syslog-ng.rows", folder / "syslog-ng.log"
    (folder / "syslog-ng.conf").write_text(SYSLOG_NG.format(port=port, rows=rows))
    modules = [f"--module-path={next(unpacked.glob('usr/lib/syslog-ng/*.*'))}"] if unpacked else []
    command = [path, "-F", "--no-caps", "-f", folder / "syslog-ng.conf", "-R", folder / "persist", "-c", folder / "control",
               "-p", folder / "ng.pid", *modules]
    with running(command, environment, log):
        return sent(port, rows, payload, count, log)


def sluice(folder, payload, count):
    jdk = find_jdk25()
    environment = {**os.environ, "TZ": "UTC", "SLUICE_LISTENERS_MAIN_PROTOCOL": "syslog"}
    run = subprocess.run([jdk / "bin" / "java", "-Xmx128m", "-Duser.timezone=UTC", "-jar", jar_of(ROOT, jdk),
                          "--sluice.dry-run"], input=payload, capture_output=True, env=environment, cwd=folder, check=True)
    events = [json.loads(line) for line in run.stdout.splitlines() if line.startswith(b"{")]
    events = [event.get("event", event) for event in events]
    if len(events) != count:
        raise BenchError(f"{len(events)} rows of {count} lines\n{run.stdout[-1000:]}{run.stderr[-1000:]}")
    return [{"host": event.get("host") or "-", "time": event.get("event_at") or "-", "app": event.get("app") or "-",
             "severity": str(event.get("severity", "-"))} for event in events]


def is_right(column, line, expected, actual):
    if column == "severity":
        return expected in ("-", actual)  # a line without one is given a default by some
    if column == "host":
        return actual == expected or expected == "-" and actual in NOBODY
    if column == "app":
        return (actual or "-") == expected
    at = moment(actual)
    if expected == "-" or at is None:
        return expected == "-" and (at is None or abs(at - datetime.now(timezone.utc)) < timedelta(hours=1))
    wanted = moment(expected)
    if not re.search(r"20\d\d|19\d\d|1795780800", line):
        at = at.replace(year=2024)  # which year a line without one means depends on when it is read
        wanted = wanted.replace(year=2024)
    return at == wanted


def moment(text):
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
    except ValueError:
        return None


def main():
    rows = table()
    payload = "".join(line + "\n" for line, _ in rows).encode()
    shown = set(sys.argv[1:])
    right = {}
    with tempfile.TemporaryDirectory(prefix="sluice-headers-") as name:
        for reader in (rsyslog, syslog_ng, sluice):
            read = reader(Path(name), payload, len(rows))
            right[reader.__name__] = counts = dict.fromkeys(COLUMNS, 0)
            for (line, expected), actual in zip(rows, read):
                for column in COLUMNS:
                    fits = is_right(column, line, expected[column], actual.get(column, "-"))
                    counts[column] += fits
                    if not fits and column in shown:
                        print(f"{reader.__name__} {column} {actual.get(column)!r}, not {expected[column]!r}: {line[:110]}")
    print(f"{len(rows)} lines   " + "".join(f"{column:>9}" for column in COLUMNS))
    for reader, counts in right.items():
        print(f"{reader:<12}" + "".join(f"{counts[column]:>9}" for column in COLUMNS))
    others = [right["rsyslog"], right["syslog_ng"]]
    ahead = all(right["sluice"][column] >= other[column] for other in others for column in COLUMNS)
    return 0 if ahead else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BenchError, subprocess.SubprocessError) as error:
        print(f"headers: {error}", file=sys.stderr)
        sys.exit(2)
