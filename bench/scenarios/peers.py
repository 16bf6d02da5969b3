"""rsyslog (ompgsql) and syslog-ng (sql), tuned as their manuals say, beside Sluice: same events, server and cores."""

import glob
import time

from bench.measuring import STALL_SECONDS, Measured
from bench.scenarios import trickle
from e2e.harness.checks import Failure, wait_for, wait_for_count
from e2e.harness.daemons import daemon
from e2e.harness.machine import free_port, is_free, own_cpu_seconds, raise_open_files, resident_mb, tail
from e2e.harness.postgres import NAME, USER
from e2e.harness.processes import Started, end, start

CONNECTIONS = 4
SHARE = 10  # of the events of Sluice: the others take ten times as long for each
TRICKLE_SECONDS = 10
COUNT_PAUSE = 0.2  # to count is work for the server

# Without index and partition, which is less work than Sluice's own.
TABLE = """CREATE TABLE peer_event (received_at timestamptz, event_at timestamptz, severity smallint, facility smallint,
    host text, app text, proc_id text, msg_id text, message text)"""

# A queue in memory, a transaction for each of its batches, as many workers as Sluice has lanes.
RSYSLOG = """
global(workDirectory="{folder}" net.enableDNS="off")
module(load="imtcp" maxSessions="2000")
module(load="ompgsql")
template(name="row" type="string" option.stdsql="on" string="INSERT INTO peer_event VALUES (\
 '%timegenerated:::date-rfc3339%', '%timereported:::date-rfc3339%', %syslogseverity%, %syslogfacility%,\
 '%hostname%', '%app-name%', '%procid%', '%msgid%', '%msg%')")
ruleset(name="store" queue.type="fixedArray" queue.size="200000" queue.dequeueBatchSize="10000"
        queue.workerThreads="{lanes}" queue.workerThreadMinimumMessages="1000") {{
  action(type="ompgsql" server="127.0.0.1" port="{postgres}" db="{name}" user="{user}" pass="{password}" template="row"
         action.resumeRetryCount="-1")
}}
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="store")
"""

# One thread a destination, which is all that it has; a transaction for each thousand rows.
SYSLOG_NG = """
@version: 3.38
options {{ keep-hostname(yes); use-dns(no); stats-freq(0); }};
source in {{ network(ip("127.0.0.1") port({port}) transport("tcp") flags(syslog-protocol) max-connections(2000)
                    log-iw-size(200000) log-fetch-limit(1000)); }};
destination out {{ sql(type(pgsql) host("127.0.0.1") port("{postgres}") database("{name}") username("{user}")
    password("{password}") table("peer_event") flags(explicit-commits, dont-create-tables)
    batch-lines(1000) log-fifo-size(300000)
    columns("received_at", "event_at", "severity", "facility", "host", "app", "proc_id", "msg_id", "message")
    values("$R_ISODATE", "$S_ISODATE", "$LEVEL_NUM", "$FACILITY_NUM", "$HOST", "$PROGRAM", "$PID", "$MSGID", "$MSG")
    indexes()); }};
log {{ source(in); destination(out); flags(flow-control); }};
"""


class Peer(Started):
    """One of the others, at work."""

    def __init__(self, bench, name, config, *arguments):
        self.folder = bench.work / name
        self.folder.mkdir(exist_ok=True)
        self.port, self.log = free_port(), bench.work / f"{name}.log"
        self.config = self.folder / "conf"
        self.config.write_text(config.format(
            folder=self.folder, port=self.port, postgres=bench.postgres.port, name=NAME, user=USER,
            password=bench.postgres.password, lanes=bench.options.lanes))
        self.program, self.arguments, self.process = daemon(name), arguments, None

    def start(self):
        command = self.program.command(*self.arguments, "-f", self.config)
        self.process = start(*command, env=self.program.environment, log=self.log, cwd=self.folder)
        wait_for(lambda: f"it listens\n{tail(self.log)}", lambda: self.check_alive() or not is_free(self.port))

    def check_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"it ended\n{tail(self.log)}")

    def cpu_seconds(self):
        return own_cpu_seconds(self.process.pid)

    def peak_mb(self):
        return resident_mb(self.process.pid, "VmHWM")

    def stop(self):
        end(self.process)


def rsyslog(bench):
    return Peer(bench, "rsyslogd", RSYSLOG, "-n", "-i", "pid")


def syslog_ng(bench):
    return Peer(bench, "syslog-ng", SYSLOG_NG, "-F", "--no-caps", "-R", "persist", "-c", "control", "-p", "pid")


PEERS = {"rsyslog": rsyslog, "syslog_ng": syslog_ng}


def run(bench):
    connections = bench.options.connections or trickle.CONNECTIONS
    raise_open_files(connections + 100)
    if not glob.glob("/usr/lib/*/dbd/libdbdpgsql.so"):
        raise Failure("libdbd-pgsql is missing: install it, for syslog-ng finds it in no other place")
    bench.start_service()
    bench.database.rows(TABLE)
    bench.warm_up()
    peaks = {}
    for number in range(1, bench.options.rounds + 1):
        own = bench.send("rfc5424", bench.options.events, CONNECTIONS)
        bench.clear()
        figures = {"sluice_per_s": own.rate, **costs("sluice", own)}
        for name, peer in PEERS.items():
            with peer(bench) as running:
                measured = stored(bench, running, bench.options.events // SHARE)
                peaks[name] = max(peaks.get(name, 0), running.peak_mb())
            figures |= {f"{name}_per_s": measured.rate, **costs(name, measured),
                        f"{name}_times": own.rate / measured.rate}
        bench.report.round(number, **figures)
    small = trickles(bench, connections)
    summarise(bench, peaks, small)


def costs(name, measured):
    return {f"{name}_cpu_s_per_million": measured.per_million(measured.service_cpu),
            f"{name}_postgres_cpu_s_per_million": measured.per_million(measured.postgres_cpu)}


def stored(bench, peer, events):
    """Sends them, and waits until all are committed."""
    file = bench.tools.events_file("rfc5424", events)
    before = peer.cpu_seconds(), bench.postgres.cpu_seconds()
    sent = bench.tools.send(peer.port, file, CONNECTIONS)
    return committed(bench, peer, events, sent["first"], before)


def committed(bench, peer, events, first, before):
    def count():
        peer.check_alive()
        return bench.database.number("SELECT count(*) FROM peer_event")

    rows = wait_for_count(count, events, STALL_SECONDS, COUNT_PAUSE)
    last = time.time()
    different = bench.database.number("SELECT count(DISTINCT proc_id) FROM peer_event")
    if (rows, different) != (events, events):
        raise Failure(f"{events} events sent, {rows} rows stored, {different} different\n{tail(peer.log)}")
    bench.database.rows("TRUNCATE peer_event")
    bench.database.rows("CHECKPOINT")
    return Measured(events, last - first, peer.cpu_seconds() - before[0], bench.postgres.cpu_seconds() - before[1])


def trickles(bench, connections):
    """Single events on many connections, for each of them."""
    trickle.trickle(bench, connections, TRICKLE_SECONDS)  # to warm up
    bench.clear()
    measured = {"sluice": trickle.trickle(bench, connections, TRICKLE_SECONDS)[0]}
    for name, peer in PEERS.items():
        with peer(bench) as running:
            measured[name] = trickled(bench, running, connections)
    return measured


def trickled(bench, peer, connections):
    events = connections * TRICKLE_SECONDS * 1000 // trickle.INTERVAL_MS
    with bench.tools.swarm("trickle", peer.port, connections, interval_ms=trickle.INTERVAL_MS,
                           seconds=TRICKLE_SECONDS) as swarm:
        before = peer.cpu_seconds(), bench.postgres.cpu_seconds()
        sent = swarm.wait_until_all_sent(TRICKLE_SECONDS * 10)
        return committed(bench, peer, events, sent["started"], before)


def summarise(bench, peaks, small):
    report = bench.report
    for name in ("sluice", *PEERS):
        own, server = small[name].service_cpu, small[name].postgres_cpu
        report.final(f"{name}: events until committed", report.median(f"{name}_per_s"), "1/s", note="median")
        report.final(f"{name}: its CPU", report.median(f"{name}_cpu_s_per_million"), "s/million")
        report.final(f"{name}: CPU of PostgreSQL", report.median(f"{name}_postgres_cpu_s_per_million"), "s/million")
        report.final(f"{name}: trickle, its CPU", own / small[name].events * 1e6, "us/event")
        report.final(f"{name}: trickle, CPU of PostgreSQL", server / small[name].events * 1e6, "us/event")
        report.final(f"{name}: peak resident memory", peaks.get(name, bench.service.peak_mb()), "MB")
    for name in PEERS:
        report.final(f"Sluice beside {name}", report.median(f"{name}_times"), "times",
                     note="the rate; median of the rounds' ratios")
