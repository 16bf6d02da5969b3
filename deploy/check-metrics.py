#!/usr/bin/env python3
"""A real Prometheus scrapes the packaged service under load: every documented meter is there and explained, every
expression of the dashboard and of the alert rules has a value, what should be seen of a frozen database is, and made-up
sources that have to wait make no more series than a hundred.

`PROMETHEUS` names the program when it is not on the PATH.
"""

import contextlib
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port, tail
from e2e.harness.postgres import Postgres
from e2e.harness.processes import Started, end, program, run, start
from e2e.harness.program import ROOT, main, work_folder
from e2e.harness.service import Service, find_jdk25

CHART = ROOT / "helm" / "sluice" / "files"
SOURCES = 10_000
CONNECTIONS_MAX = 200
RATE = 1024  # bytes a second on a listener of its own, so that its connections have to wait
THROTTLED_SOURCES_MAX = 101  # those that have a series of their own, and the others
TOP_SOURCES_MAX = 20
OTHER_SERIES = 10  # of what happens for the first time meanwhile, such as a retry for another reason
CONFIG = """
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [{rules}]
scrape_configs:
  - job_name: sluice
    metrics_path: /actuator/prometheus
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""


class Prometheus(Started):
    def __init__(self, work, target):
        self.work, self.port, self.process = work, free_port(), None
        self.log = work / "prometheus.log"
        (work / "prometheus.yml").write_text(CONFIG.format(rules=CHART / "rules.yaml", port=target))

    def start(self):
        self.started = time.time()
        self.process = start(
            os.environ.get("PROMETHEUS") or program("prometheus"), f"--config.file={self.work / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.work / 'tsdb'}", f"--web.listen-address=127.0.0.1:{self.port}", log=self.log)
        wait_for(lambda: f"Prometheus scrapes\n{tail(self.log)}", self.is_scraping, pause=0.5)

    def stop(self):
        end(self.process)

    def get(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return json.loads(response.read())["data"]
        except urllib.error.HTTPError as error:
            raise Failure(f"{parameters}: {error.read().decode()}") from error

    def values(self, expression):
        """How many series had a value at some time of the run."""
        data = self.get("query_range", query=expression, start=self.started, end=time.time(), step=1)
        return sum(any(value != "NaN" for _, value in series["values"]) for series in data["result"])

    def number(self, expression):
        """Its value now, 0 when it has none."""
        result = self.get("query", query=expression)["result"]
        return float(result[0]["value"][1]) if result else 0

    def series_count(self):
        return int(self.number('scrape_samples_scraped{job="sluice"}'))

    def alert(self, name):
        """What the alert of this name asks for."""
        rules = [rule for group in self.get("rules")["groups"] for rule in group["rules"]]
        return next(rule["query"] for rule in rules if rule["name"] == name)

    def is_scraping(self):
        if self.process.poll() is not None:
            raise Failure(f"Prometheus ended\n{tail(self.log)}")
        return self.get("query", query='up{job="sluice"} == 1')["result"]


def certificate(work):
    """A bundle as an operator would configure it, so that its expiry is a series."""
    store = work / "certificate.p12"
    run(find_jdk25() / "bin" / "keytool", "-genkeypair", "-keystore", store, "-storetype", "PKCS12", "-storepass",
        "changeit", "-alias", "shippers", "-keyalg", "EC", "-dname", "CN=sluice", "-validity", "90")
    bundle = "SPRING_SSL_BUNDLE_JKS_SHIPPERS_KEYSTORE"
    return {f"{bundle}_LOCATION": f"file:{store}", f"{bundle}_PASSWORD": "changeit", f"{bundle}_TYPE": "PKCS12",
            "SLUICE_LISTENERS_MAIN_TLS_BUNDLE": "shippers", "SLUICE_LISTENERS_MAIN_TLS_MODE": "optional"}


def settings(work, limited_port):
    """With certificates, a rule and a listener with a rate, so that all meters are there."""
    return {**certificate(work), "SLUICE_LISTENERS_MAIN_MAXCONNECTIONS": str(CONNECTIONS_MAX),
            "SLUICE_LISTENERS_LIMITED_PORT": str(limited_port), "SLUICE_LISTENERS_LIMITED_MAXRATE": f"{RATE}B",
            "SLUICE_LISTENERS_LIMITED_MAXCONNECTIONS": "2000",
            "SLUICE_PIPELINE_PROCESSORS_0_NAME": "noise", "SLUICE_PIPELINE_PROCESSORS_0_WHEN_APP": "noise",
            "SLUICE_PIPELINE_PROCESSORS_0_FILTER": ""}


def connect(port, address="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(address, 0))


def syslog(number, host="host", app="app"):
    return f"<14>1 2026-01-01T00:00:00Z {host} {app} 1 - - event {number} {'x' * 200}\n".encode()


def flood(port, stop):
    """Both protocols, some of it malformed, until told to stop; with more than the budget when the database is slow."""
    kinds = [b"".join(syslog(n, app="app" if n % 10 else "noise") for n in range(500)),
             b'{"level":"INFO","message":"hello","host":"a"}\n' * 500,
             b'{"level":"INFO","message":"hello","host":"a"}\n' * 500 + b'{"broken\n']

    def send(payload):
        with contextlib.suppress(OSError), connect(port) as shipper:
            while not stop.is_set():
                shipper.sendall(payload)
                time.sleep(0.02)

    threads = [threading.Thread(target=send, args=(kind,), daemon=True) for kind in kinds for _ in range(3)]
    for thread in threads:
        thread.start()
    return threads


def frozen(prometheus):
    """What is wrong with how a database that stands still looks; its alert would fire after some minutes of it."""
    expected = {f'count({prometheus.alert("SluiceReadsHeldBack")})': 1, 'sluice_bottleneck{stage="store"} == 1': 1,
                'sum(rate(sluice_throttled_seconds_total{listener="main"}[5s]))': 1,
                'sum(sluice_connections_throttled) - sum(sluice_connections_waiting) == bool 0': 1}
    found = {expression: prometheus.number(expression) for expression in expected}
    return [f"frozen database: {expression} is {found[expression]}" for expression, least in expected.items()
            if found[expression] < least]


def exercise(service, postgres, prometheus):
    """Load, a database that cuts off, refuses and hangs, and more connections than there may be."""
    stop = threading.Event()
    threads = flood(service.port, stop)
    time.sleep(8)
    admin = postgres.connect()
    admin.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'")
    time.sleep(2)
    admin.rows("ALTER TABLE ingest_batch RENAME TO missing")
    time.sleep(3)
    admin.rows("ALTER TABLE missing RENAME TO ingest_batch")
    time.sleep(12)  # a lane that was refused tries again after 10 s
    postgres.freeze()
    time.sleep(12)
    failed = frozen(prometheus)
    postgres.resume()
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS_MAX + 20):
            with contextlib.suppress(OSError):
                stack.enter_context(connect(service.port))
        time.sleep(5)
    stop.set()
    for thread in threads:
        thread.join(90)
    time.sleep(3)
    return failed


def made_up_sources(port):
    """Each from an address of its own, under a name of its own, and each sends more than it may."""
    for number in range(SOURCES):
        address = f"127.{1 + number // 62500}.{1 + number // 250 % 250}.{1 + number % 250}"
        with contextlib.suppress(OSError), connect(port, address) as shipper:
            shipper.sendall(syslog(number, f"host-{number}", f"app-{number}") * (RATE // 200))


def reference():
    """Name, type and meaning of each meter of the reference page."""
    text = (ROOT / "docs" / "metrics.md").read_text()
    return re.findall(r"^\| `(sluice_\w+)` \| (\w+) \|.*\| (.+) \|$", text, re.MULTILINE)


def documented():
    """The names of the reference page; a histogram and a summary by their count."""
    return [f"{name}_count" if kind in ("histogram", "summary") else name for name, kind, _ in reference()]


def unexplained(text):
    """Meters of the page that the scrape does not explain in the same words."""
    helps = dict(re.findall(r"^# HELP (\w+) +(.*)$", text, re.MULTILINE))
    return [name for name, _, meaning in reference() if helps.get(name) != meaning]


def dashboard():
    panels = json.loads((CHART / "dashboard.json").read_text())["panels"]
    texts = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    fillings = {"$__rate_interval": "5s", "$job": ".*", "$instance": ".*"}
    for variable, value in fillings.items():
        texts = [text.replace(variable, value) for text in texts]
    return texts


def alerts(rules):
    """What an alert compares: the comparison itself is true only in bad times. Kubernetes' own meters are not here."""
    for rule in rules:
        for part in re.split(r"\s+(?:and|unless)\s+(?:on \([^)]*\)\s+)?", rule["query"]):
            compared = re.sub(r"\s+(==|<|>)\s+[\d.* ]+$", "", part.strip())
            if "kube_pod" not in compared:
                yield re.sub(r"^absent\((.*)\)$", r"\1", compared)


def check(prometheus, before):
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    failed = [f"rule {rule['name']}: {rule.get('lastError')}" for rule in rules if rule["health"] != "ok"]
    expressions = {"meters": documented(), "dashboard": dashboard(), "alerts": list(alerts(rules))}
    for kind, texts in expressions.items():
        empty = [text for text in texts if prometheus.values(text) == 0]
        failed += [f"{kind}: no value of {text}" for text in empty]
        print(f"{kind}: {len(texts) - len(empty)} of {len(texts)} have values", flush=True)
    after = prometheus.series_count()
    print(f"series: {before} before and {after} after {SOURCES} made-up sources", flush=True)
    if after > before + THROTTLED_SOURCES_MAX + TOP_SOURCES_MAX + OTHER_SERIES:
        failed.append("made-up sources make series")
    sources = prometheus.number("count(sluice_source_throttled_seconds_total)")
    if sources != THROTTLED_SOURCES_MAX:
        failed.append(f"{sources:.0f} sources that had to wait have a series, not {THROTTLED_SOURCES_MAX}")
    return failed


def scrape():
    limited_port = free_port()
    with (work_folder("metrics") as work, Postgres(work) as postgres,
          Service(work, postgres, settings(work, limited_port)) as service,
          Prometheus(work, service.http_port) as prometheus):
        failed = exercise(service, postgres, prometheus)
        before = prometheus.series_count()
        made_up_sources(limited_port)
        time.sleep(3)
        failed += check(prometheus, before)
        failed += [f"{name}: its HELP is not its meaning" for name in unexplained(service.get("/actuator/prometheus"))]
        if failed:
            raise Failure("\n".join(failed))


if __name__ == "__main__":
    main(scrape)
