#!/usr/bin/env python3
"""The headers of devices, as rsyslog, syslog-ng and Sluice read them: how many of their fields are right.

`e2e/headers.py` sends the lines of src/test/resources/inputs/devices.txt to Debian's rsyslog and syslog-ng, with their
default parsers, and to Sluice's dry run; `e2e/headers.py host` also prints what each read in place of a host (or time,
app, severity). What is not installed is unpacked under target/e2e. It fails when Sluice is not ahead in each column.
"""

import json
import re
import socket
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import Failure, wait_for, wait_for_count
from e2e.harness.daemons import daemon
from e2e.harness.machine import free_port
from e2e.harness.processes import run, running
from e2e.harness.program import ROOT, main
from e2e.harness.service import find_jar, find_jdk25

TABLE = ROOT / "src/test/resources/inputs/devices.txt"
COLUMNS = ("host", "time", "app", "severity")
SECONDS_MAX = 30
# The sender's address stands for a host that a line does not have.
NOBODY = {"", "-", "127.0.0.1", socket.gethostname()}

RSYSLOG = """
global(workDirectory="{folder}" parser.permitSlashInProgramName="on" net.enableDNS="off")
module(load="imtcp")
template(name="row" type="string"
         string="%hostname%\\t%timereported:::date-rfc3339%\\t%programname%\\t%syslogseverity%\\n")
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


def sent(port, rows, payload, count, log):
    """What the daemon wrote of what it was sent."""
    with wait_for(lambda: f"it listens\n{log.read_text()}", lambda: socket.create_connection(("127.0.0.1", port)),
                  SECONDS_MAX) as connection:
        connection.sendall(payload)
    wait_for_count(lambda: rows.read_bytes().count(b"\n") if rows.exists() else 0, count, SECONDS_MAX)
    lines = rows.read_text(errors="replace").splitlines()
    if len(lines) < count:
        raise Failure(f"{len(lines)} rows of {count} lines\n{log.read_text()}")
    # Its own messages may stand among them at the start.
    return [dict(zip(COLUMNS, line.split("\t"))) for line in lines[-count:]]


def rsyslog(folder, payload, count):
    rsyslogd = daemon("rsyslogd")
    port, rows, log = free_port(), folder / "rsyslog.rows", folder / "rsyslog.log"
    (folder / "rsyslog.conf").write_text(RSYSLOG.format(folder=folder, port=port, rows=rows))
    command = rsyslogd.command("-n", "-f", folder / "rsyslog.conf", "-i", folder / "pid")
    with running(*command, env=rsyslogd.environment, log=log):
        return sent(port, rows, payload, count, log)


def syslog_ng(folder, payload, count):
    ng = daemon("syslog-ng")
    port, rows, log = free_port(), folder / "syslog-ng.rows", folder / "syslog-ng.log"
    (folder / "syslog-ng.conf").write_text(SYSLOG_NG.format(port=port, rows=rows))
    command = ng.command("-F", "--no-caps", "-f", folder / "syslog-ng.conf", "-R", folder / "persist",
                         "-c", folder / "control", "-p", folder / "ng.pid")
    with running(*command, env=ng.environment, log=log):
        return sent(port, rows, payload, count, log)


def sluice(folder, payload, count):
    jdk = find_jdk25()
    done = run(jdk / "bin" / "java", "-Xmx128m", "-Duser.timezone=UTC", "-jar", find_jar(jdk), "--sluice.dry-run",
               input=payload, text=False, env={"TZ": "UTC", "SLUICE_LISTENERS_MAIN_PROTOCOL": "syslog"}, cwd=folder)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    events = [event.get("event", event) for event in events]
    if len(events) != count:
        raise Failure(f"{len(events)} rows of {count} lines\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
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
        return expected == "-" and (at is None or abs(at - datetime.now(UTC)) < timedelta(hours=1))
    wanted = moment(expected)
    if not re.search(r"20\d\d|19\d\d|1795780800", line):
        at = at.replace(year=2024)  # which year a line without one means depends on when it is read
        wanted = wanted.replace(year=2024)
    return at == wanted


def moment(text):
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return None


def compare():
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
                        print(f"{reader.__name__} {column} {actual.get(column)!r}, not {expected[column]!r}:"
                              f" {line[:110]}")
    print(f"{len(rows)} lines   " + "".join(f"{column:>9}" for column in COLUMNS))
    for reader, counts in right.items():
        print(f"{reader:<12}" + "".join(f"{counts[column]:>9}" for column in COLUMNS))
    others = [right["rsyslog"], right["syslog_ng"]]
    ahead = all(right["sluice"][column] >= other[column] for other in others for column in COLUMNS)
    return 0 if ahead else 1


if __name__ == "__main__":
    main(compare)
