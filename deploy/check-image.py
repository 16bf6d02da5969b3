#!/usr/bin/env python3
"""Builds the image and runs it as it is meant to be run: read-only, without privileges, in little memory. Then the
compose file, as far as its images are to be had. Needs a Docker engine; leaves nothing behind but the images.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import require, wait_for
from e2e.harness.machine import free_port
from e2e.harness.processes import run
from e2e.harness.program import ROOT, main

IMAGE, NAME, REVISION = "sluice:check", "sluice-check", "0123456789abcdef"
MEGABYTES_MAX = 500
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


def run_service(http_port, event_port, **more):
    docker("create", "--name", NAME, "--network", NAME, *LOCKED, *environment({**DATABASE, **more}),
           "-p", f"127.0.0.1:{http_port}:8080", "-p", f"127.0.0.1:{event_port}:5140", IMAGE)
    started = time.monotonic()
    docker("start", NAME)
    wait_for("readiness", lambda: get(http_port, "/actuator/health/readiness"), 120, 0.05)
    return time.monotonic() - started


def check_start(http_port, event_port):
    # Makes the tables; with options that a second JVM beside it could not have, too.
    run_service(http_port, event_port, JDK_JAVA_OPTIONS="-Xmx256m -XX:+UseParallelGC")
    wait_for("the health check passes", lambda: inspect(NAME, "{{.State.Health.Status}}") == "healthy", 60, 0.5)
    print("ok: the health check passes, whatever the service's options", flush=True)
    docker("rm", "-f", NAME)
    seconds = run_service(http_port, event_port)
    print(f"container start to ready, tables present: {seconds:.2f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    build = json.loads(get(http_port, "/actuator/info"))["build"]
    require("/actuator/info says the revision", build["revision"] == REVISION and build["version"], build)
    logs = docker("logs", NAME)
    require("the AOT cache fits the JVM", "[aot]" not in logs and "[cds]" not in logs, logs)
    require("no warning at the start", " WARN " not in logs and "WARNING" not in logs, logs)
    require("a numeric user that is not root", inspect(NAME, "{{.Config.User}}") == "10001:10001")
    require("nothing is written", docker("diff", NAME) == "", docker("diff", NAME))
    listing = docker("run", "--rm", "--entrypoint", "ls", IMAGE, "/app/lib")
    require("no embedded database inside", "zonky" not in listing and "postgresql-" in listing, listing)
    check_image()


def check_image():
    labels = json.loads(inspect(IMAGE, "{{json .Config.Labels}}"))
    found = {name.removeprefix("org.opencontainers.image.") for name, text in labels.items() if text}
    wanted = {"title", "description", "licenses", "version", "revision", "base.name"}
    require("OCI labels", wanted <= found and labels["org.opencontainers.image.revision"] == REVISION, labels)
    megabytes = int(inspect(IMAGE, "{{.Size}}")) / 1e6
    require(f"image of {megabytes:.0f} MB, at most {MEGABYTES_MAX}", megabytes <= MEGABYTES_MAX)


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
    found = docker("exec", f"{NAME}-postgres", "psql", "-U", "sluice", "-Atc", count)
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
        Path(folder, "application.yml").write_text(kinds["ConfigMap"]["data"]["application.yml"])
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
        rows = docker(*compose, "exec", "-T", "postgres", "psql", "-U", "sluice", "-Atc",
                      "select message from log_event", env=ports)
        require("compose: the row is there", rows == "hello", rows)
        groups = json.loads(get(ports["PROMETHEUS_PORT"], "/api/v1/rules"))["data"]["groups"]
        require("compose: Prometheus has the rules", sum(len(group["rules"]) for group in groups) > 10, groups)
        if "grafana" in services:
            found = get(ports["GRAFANA_PORT"], "/api/dashboards/uid/sluice")
            require("compose: Grafana has the dashboard", '"Sluice"' in found, found)
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
