#!/usr/bin/env python3
"""Builds the image and runs it as it is meant to be run: read-only, without privileges, in little memory. Then the
compose file, as far as its images are to be had. Needs a Docker engine; leaves nothing behind but the images.
"""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.image_content import check_content, check_probe
from e2e.harness.certificates import Authority, shippers_bundle
from e2e.harness.checks import require, wait_for
from e2e.harness.machine import free_port
from e2e.harness.processes import run
from e2e.harness.program import ROOT, main

IMAGE, NAME = "sluice:check", "sluice-check"
REVISION = run("git", "-C", ROOT, "rev-parse", "HEAD", check=False).stdout.strip() or "unknown"
MEGABYTES_MAX = 260
DATABASE = {"SPRING_R2DBC_URL": f"r2dbc:postgresql://{NAME}-postgres:5432/sluice", "SPRING_R2DBC_USERNAME": "sluice",
            "SPRING_R2DBC_PASSWORD": "sluice"}
LOCKED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=512m", "--cpus=2"]


def docker(*arguments, check=True, env=None, **options):
    done = run("docker", *arguments, check=check, cwd=ROOT, stderr=subprocess.STDOUT,
               env={"DOCKER_BUILDKIT": "1", **(env or {})}, **options)
    return done.stdout.strip()


def environment(variables):
    return [part for name, value in variables.items() for part in ("-e", f"{name}={value}")]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
        return response.read().decode()


def inspect(container, form):
    return docker("inspect", "--format", form, container)


def start_postgres():
    docker("network", "create", NAME)
    docker("run", "-d", "--name", f"{NAME}-postgres", "--network", NAME, "-e", "POSTGRES_USER=sluice", "-e",
           "POSTGRES_PASSWORD=sluice", "-e", "POSTGRES_DB=sluice", "postgres:18")
    ready = ["exec", f"{NAME}-postgres", "pg_isready", "-h", "127.0.0.1", "-U", "sluice", "-d", "sluice"]
    wait_for("PostgreSQL accepts", lambda: "accepting" in docker(*ready, check=False), 120, 0.5)


def run_service(http_port, event_port, *options, **more):
    docker("create", "--name", NAME, "--network", NAME, *LOCKED, *options, *environment({**DATABASE, **more}),
           "-p", f"127.0.0.1:{http_port}:8080", "-p", f"127.0.0.1:{event_port}:5140", IMAGE)
    started = time.monotonic()
    docker("start", NAME)
    wait_for(lambda: docker("logs", NAME), lambda: get(http_port, "/actuator/health/readiness"), 120, 0.05)
    return time.monotonic() - started


def check_modules(http_port, event_port):
    """Whatever of the JVM is used by some only is there: TLS with keys on curves, zones, structured logs, jcmd."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Authority(folder).sign("tls", "DNS:localhost")
        os.chmod(folder, 0o755)
        os.chmod(folder / "tls.key", 0o644)
        # Makes the tables; with options that a second JVM beside it could not have, too.
        run_service(http_port, event_port, f"--volume={folder}:/tls:ro", "--tmpfs=/tmp",
                    **shippers_bundle(Path("/tls"), "MAIN", MAXCONNECTIONS=100), SLUICE_SYSLOG_ZONE="Europe/Berlin",
                    LOGGING_STRUCTURED_FORMAT_CONSOLE="ecs", JDK_JAVA_OPTIONS="-Xmx256m -XX:+UseParallelGC")
        trusted = ssl.create_default_context(cafile=folder / "ca.crt")
        with socket.create_connection(("127.0.0.1", event_port), timeout=10) as plain, \
                trusted.wrap_socket(plain, server_hostname="localhost") as shipper:
            shipper.sendall(b"<13>Jan  5 12:00:00 host tag: over TLS\n")
            wait_for("the event that came over TLS is stored, with the time of its zone",
                     lambda: rows("select to_char(event_at at time zone 'UTC', 'HH24:MI ') || message from log_event")
                     == "11:00 over TLS", 30, 0.5)
    print("ok: TLS, SCRAM, the names of zones", flush=True)
    line = docker("logs", NAME).splitlines()[-1]
    require("structured logs", json.loads(line)["service"]["name"] == "sluice", line)
    said = docker("exec", NAME, "jcmd", "1", "Thread.print")
    require("jcmd shows the threads, where /tmp can be written", "sluice-store" in said, said)
    wait_for("the health check passes", lambda: inspect(NAME, "{{.State.Health.Status}}") == "healthy", 60, 0.5)
    print("ok: the health check passes, whatever the service's options", flush=True)
    rows("delete from log_event")
    docker("rm", "-f", NAME)


def rows(query):
    return docker("exec", f"{NAME}-postgres", "psql", "-U", "sluice", "-Atc", query)


def check_start(http_port, event_port):
    check_modules(http_port, event_port)
    seconds = run_service(http_port, event_port)
    print(f"container start to ready, tables present: {seconds:.2f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    build = json.loads(get(http_port, "/actuator/info"))["build"]
    require("/actuator/info says the revision", build["revision"] == REVISION and build["version"], build)
    logs = docker("logs", NAME)
    require("the AOT cache fits the JVM", "[aot]" not in logs and "[cds]" not in logs, logs)
    require("no warning at the start", " WARN " not in logs and "WARNING" not in logs, logs)
    require("a numeric user that is not root", inspect(NAME, "{{.Config.User}}") == "10001:10001")
    require("nothing is written", docker("diff", NAME) == "", docker("diff", NAME))
    check_image()


def check_image():
    labels = json.loads(inspect(IMAGE, "{{json .Config.Labels}}"))
    found = {name.removeprefix("org.opencontainers.image.") for name, text in labels.items() if text}
    wanted = {"title", "description", "licenses", "version", "revision"}
    require("OCI labels", wanted <= found and labels["org.opencontainers.image.revision"] == REVISION, labels)
    megabytes = int(inspect(IMAGE, "{{.Size}}")) / 1e6
    require(f"image of {megabytes:.0f} MB, at most {MEGABYTES_MAX}", megabytes <= MEGABYTES_MAX)
    check_content(IMAGE, NAME)
    check_probe(IMAGE)


def check_events():
    """The script of `helm test`, against this service."""
    variables = {**DATABASE, "DATABASE_HOST": f"{NAME}-postgres", "DATABASE_PORT": 5432, "DATABASE_NAME": "sluice",
                 "SHIPPER_HOST": NAME, "SHIPPER_PORT": 5140, "EVENTS": 100}
    script = (ROOT / "helm" / "sluice" / "files" / "test.sh").read_text()
    said = docker("run", "--rm", "--network", NAME, "--read-only", "--cap-drop=ALL", "--user=999:999",
                  *environment(variables), "--entrypoint", "bash", "postgres:18", "-ec", script)
    require("the script of helm test finds its rows", "All 100 events are stored." in said, said)


def check_connections(port):
    """Its database has a DNS name here, as it has on a cluster: each lane keeps its one connection none the less."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as shipper:
        for _ in range(30):
            shipper.sendall(b"<13>1 - host demo - - - a batch of its own\n")
            time.sleep(0.1)
    count = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    found = rows(count)
    require(f"{found} connections to the database after 30 batches, fewer than 10", int(found) < 10)


def check_stop():
    docker("stop", "--time", "60", NAME)
    require("SIGTERM reaches the JVM, which drains", inspect(NAME, "{{.State.ExitCode}}") == "0", docker("logs", NAME))


def check_chart(http_port):
    """The container as the chart makes it, from the golden file of the default values."""
    documents = yaml.safe_load_all((ROOT / "helm" / "golden" / "expected" / "default.yaml").read_text())
    kinds = {document["kind"]: document for document in documents if document}
    container = kinds["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    variables = {entry["name"]: entry.get("value", "sluice") for entry in container["env"]}
    variables["DATABASE_HOST"] = f"{NAME}-postgres"
    for name, text in variables.items():
        variables[name] = re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], text)
    docker("rm", "-f", NAME)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name, text in kinds["ConfigMap"]["data"].items():
            Path(folder, name).write_text(text)
        memory = container["resources"]["limits"]["memory"].removesuffix("i").lower()
        docker("run", "-d", "--name", NAME, "--network", NAME, "--read-only", "--cap-drop=ALL", f"--memory={memory}",
               *environment(variables), "-v", f"{folder}:/etc/sluice:ro", "-p", f"127.0.0.1:{http_port}:8080", IMAGE)
        wait_for("readiness", lambda: get(http_port, "/actuator/health/readiness"), 120, 0.05)
    docker("stop", "--time", "60", NAME)
    require("the chart's variables and configuration suit the image", inspect(NAME, "{{.State.ExitCode}}") == "0",
            docker("logs", NAME))


def check_refusals():
    said = docker("run", "--rm", *LOCKED, IMAGE, check=False)
    require("a missing database is said", "No database is configured" in said, said)
    small = [option for option in LOCKED if "memory" not in option]
    said = docker("run", "--rm", *small, "--memory=192m", *environment(DATABASE), IMAGE, check=False)
    require("a container that is too small is refused", "The memory ceiling is heap" in said, said)


def check_compose():
    """`docker compose up`, with the services whose images are here or can be pulled."""
    ports = {name: str(free_port()) for name in ("POSTGRES_PORT", "SLUICE_PORT", "SLUICE_HTTP_PORT", "PROMETHEUS_PORT",
                                                 "GRAFANA_PORT")}
    compose = ["compose", "--project-name", NAME]
    if not available(image_of(compose, "prometheus")):
        ports["PROMETHEUS_TAG"] = "latest"
    services = ["postgres", "sluice", "prometheus"]
    if available(image_of(compose, "grafana")):
        services.append("grafana")
    docker("tag", IMAGE, "sluice")
    try:
        docker(*compose, "up", "--detach", "--no-build", *services, env=ports)
        run("logger", "--tcp", "--server", "127.0.0.1", "--port", ports["SLUICE_PORT"], "--rfc5424", "--octet-count",
            "-t", "demo", "hello", timeout=10)
        query = "/api/v1/query?query=sum(sluice_events_stored_total)"
        wait_for("Prometheus shows the event", lambda: value(ports["PROMETHEUS_PORT"], query) == "1", 60, 1)
        found = docker(*compose, "exec", "-T", "postgres", "psql", "-U", "sluice", "-Atc",
                       "select message from log_event", env=ports)
        require("compose: the row is there", found == "hello", found)
        found = docker(*compose, "exec", "-T", "postgres", "psql", "-h", "127.0.0.1", "-U", "reader", "-d", "sluice",
                       "-Atc", "select severity, app, message from logs_search()", env=ports)
        require("compose: Grafana's account reads the row", found == "notice|demo|hello", found)
        groups = json.loads(get(ports["PROMETHEUS_PORT"], "/api/v1/rules"))["data"]["groups"]
        require("compose: Prometheus has the rules", sum(len(group["rules"]) for group in groups) > 10, groups)
        if "grafana" in services:
            found = get(ports["GRAFANA_PORT"], "/api/dashboards/uid/sluice")
            require("compose: Grafana has the dashboard", '"Sluice"' in found, found)
            found = get(ports["GRAFANA_PORT"], "/api/dashboards/uid/sluice-logs")
            require("compose: Grafana has the logs", '"Sluice logs"' in found, found)
        else:
            print("No image of Grafana here: compose ran without it.", flush=True)
    finally:
        docker(*compose, "down", "--volumes", "--timeout", "60", check=False, env=ports)


def image_of(compose, service):
    return json.loads(docker(*compose, "config", "--format", "json"))["services"][service]["image"]


def value(port, query):
    result = json.loads(get(port, query))["data"]["result"]
    return result[0]["value"][1] if result else None


def available(image):
    return not run("docker", "image", "inspect", image, check=False).returncode or \
        not run("docker", "pull", "-q", image, check=False, timeout=600).returncode


def check_all():
    http_port, event_port = free_port(), free_port()
    try:
        started = time.monotonic()
        docker("build", "--tag", IMAGE, "--build-arg", f"REVISION={REVISION}", ".")
        print(f"built in {time.monotonic() - started:.0f} s", flush=True)
        start_postgres()
        check_start(http_port, event_port)
        check_events()
        check_connections(event_port)
        check_stop()
        check_chart(http_port)
        check_refusals()
        check_compose()
    finally:
        docker("rm", "-f", "-v", NAME, f"{NAME}-postgres", check=False)
        docker("network", "rm", NAME, check=False)


if __name__ == "__main__":
    main(check_all)
