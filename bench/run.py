#!/usr/bin/env python3
"""Measures Sluice against its own PostgreSQL: `bench/run.py` alone runs the throughput scenario. See README.md."""

import argparse
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import tools
from bench.measuring import Bench
from bench.report import Report
from bench.scenarios import frozen, idle, latency, peers, pod, protocols, throughput, tls, trickle
from e2e.harness.postgres import Postgres
from e2e.harness.processes import run
from e2e.harness.program import ROOT, main, work_folder

SCENARIOS = {
    "throughput": lambda bench: throughput.run(bench, "rfc5424"),
    "json": lambda bench: throughput.run(bench, "json"),
    "frozen": frozen.run,
    "latency": latency.run,
    "trickle": trickle.run,
    "idle": idle.run,
    "protocols": protocols.run,
    "tls": tls.run,
    "peers": peers.run,
    "pod": pod.run,
}
EVENTS = 1_000_000


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=[*SCENARIOS, "all"], default="throughput")
    parser.add_argument("--events", type=int, help=f"events a round (default {EVENTS}; frozen: by volume)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of throughput, json, idle, protocols and tls")
    parser.add_argument("--warmup", type=int, default=3_000_000,
                        help="events before anything is measured; the JIT compiles for long")
    parser.add_argument("--lanes", type=int, default=2, help="lanes of the service, connections of the limit")
    parser.add_argument("--connections", type=int, help="connections of frozen and trickle (1000) and idle (10000)")
    parser.add_argument("--frame-max", type=int, default=400, help="frozen: the largest frame in bytes, e.g. 65536")
    parser.add_argument("--rate", type=int, help="latency: events/s (default: a quarter of the measured maximum)")
    parser.add_argument("--keep", action="store_true", help="keep the work folder with logs and data")
    options = parser.parse_args()
    options.events_given = options.events
    options.events = options.events or EVENTS
    return options


def facts():
    """What a figure depends on besides the code, written beside each of them."""
    commit = run("git", "-C", ROOT, "rev-parse", "--short", "HEAD", check=False)
    return {"commit": commit.stdout.strip(), "java_opts": os.environ.get("JAVA_OPTS", ""), "cores": os.cpu_count(),
            "kernel": platform.release()}


def run_scenario(name, options, report):
    """Each scenario has a new database and a new service, so that none lives on the warmth of another."""
    # On a real disk: /tmp may be memory.
    with work_folder(f"bench-{name}", "/var/tmp", options.keep) as work, Postgres(work) as postgres:
        report.begin(name)
        bench = Bench(work, options, postgres, tools.Tools(work), report)
        try:
            SCENARIOS[name](bench)
        finally:
            bench.stop_service()
            bench.database.close()
        report.end()


def measure():
    options = parse_options()
    tools.check_requirements()
    tools.build()
    report = Report(ROOT / "bench" / "results", facts())
    for name in SCENARIOS if options.scenario == "all" else [options.scenario]:
        run_scenario(name, options, report)
    print(f"\nfigures: {report.file.relative_to(ROOT)}")


if __name__ == "__main__":
    main(measure)
