#!/usr/bin/env python3
"""Real shippers deliver to the packaged service; every event is counted and a sample row compared field by field.

`e2e/run.py` runs every check, `e2e/run.py logger` those with the word in their name.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e import docker_drivers, libraries, syslog_shippers, tls_shippers
from e2e.harness.checks import Failure
from e2e.harness.postgres import Postgres
from e2e.harness.program import main, work_folder
from e2e.harness.service import Service
from e2e.world import World

CHECKS = {
    "rsyslog omfwd, RFC 5424, lines": syslog_shippers.rsyslog_lines,
    "rsyslog omfwd, RFC 5424, counted": syslog_shippers.rsyslog_counted,
    "rsyslog omfwd, RFC 3164, lines": syslog_shippers.rsyslog_rfc3164,
    "rsyslog omrelp, window 128": syslog_shippers.rsyslog_relp,
    "rsyslog omfwd, TLS by GnuTLS": tls_shippers.rsyslog_gtls,
    "rsyslog omfwd, TLS by OpenSSL": tls_shippers.rsyslog_ossl,
    "openssl s_client, TLS 1.3": tls_shippers.openssl_13,
    "openssl s_client, TLS 1.2": tls_shippers.openssl_12,
    "logger, RFC 5424, lines": syslog_shippers.logger_rfc5424,
    "logger, RFC 5424, counted": syslog_shippers.logger_rfc5424_counted,
    "logger, RFC 3164, lines": syslog_shippers.logger_rfc3164,
    "loggen, RFC 3164, lines": syslog_shippers.loggen_rfc3164,
    "loggen, RFC 5424, counted": syslog_shippers.loggen_rfc5424_counted,
    "Python SysLogHandler, NUL": syslog_shippers.python_handler,
    "fluent-logger (npm), acks and key": libraries.fluent_logger_node,
    "fluent-logger (Python)": libraries.fluent_logger_python,
    "lumberjack-client (npm)": libraries.lumberjack_client,
    "lumberjack-protocol (npm), version 1": libraries.lumberjack_protocol,
    "go-lumber (Beats), window by window": libraries.go_lumber_sync,
    "go-lumber (Beats), pipelined": libraries.go_lumber_async,
    "gelf-pro (npm)": libraries.gelf_pro,
    "Docker's fluentd driver": docker_drivers.fluentd,
    "Docker's fluentd driver, acks": docker_drivers.fluentd_acknowledged,
    "Docker's gelf driver": docker_drivers.gelf,
    "Docker's syslog driver, RFC 5424": docker_drivers.syslog,
}


def wanted_checks():
    """Those asked for; what only some machines have is told when it is missing."""
    wanted = {name: check for name, check in CHECKS.items() if all(word in name for word in sys.argv[1:])}
    lacking = []
    if not shutil.which("go"):
        lacking.append("go-lumber")
    if not docker_drivers.is_there():
        lacking.append("Docker")
    for name in [name for name in wanted if any(tool in name for tool in lacking)]:
        print(f"{name}: not tried here, for lack of Go or of a Docker engine with {docker_drivers.IMAGE}")
        del wanted[name]
    return wanted


def check_all(world):
    table, failed = [], 0
    wanted = wanted_checks()
    for name, check in wanted.items():
        world.clear()
        fields, failure = "-", ""
        try:
            fields = f"{check(world)} ok"
        except (Failure, OSError) as error:
            failed += 1
            failure = f"  FAILED: {error}"
        table.append(f"{name:<36} {world.stored():>6}  {fields}{failure}")
        print(table[-1], flush=True)
    print(f"\n{'shipper':<36} {'stored':>6}  fields")
    print("\n".join(table))
    print(f"{len(wanted) - failed} passed, {failed} failed", flush=True)
    return failed


def deliver():
    with work_folder("e2e") as work, Postgres(work) as postgres:
        environment = {
            "SLUICE_LISTENERS_KEYED_PORT": libraries.KEYED_PORT, "SLUICE_LISTENERS_KEYED_PROTOCOL": "forward",
            "SLUICE_LISTENERS_KEYED_FORWARD_SHAREDKEY": libraries.KEY, "SLUICE_LISTENERS_KEYED_MAXCONNECTIONS": "100",
            **tls_shippers.secure_listener(tls_shippers.make_certificates(work / "certificates"))}
        with Service(work, postgres, environment) as service:
            return 1 if check_all(World(work, postgres, service)) else 0


if __name__ == "__main__":
    main(deliver)
