#!/usr/bin/env python3
"""Runs the chart on the cluster that KUBECONFIG points to: installs, TLS, restarts under load, an outage, upgrades.

    deploy/check-cluster.py [CHECK..]     all of them, or those that are named, as in CHECKS below

The nodes must have the images, or be able to pull them: SLUICE_IMAGE (sluice:check, as deploy/check-image.py builds it)
and POSTGRES_IMAGE (postgres:18). This machine must reach the nodes' addresses. Needs kubectl, openssl and helm (HELM,
or the one that helm/check.sh builds). Where there is no cluster: deploy/local-cluster/cluster.py. Everything happens in
a namespace of its own, under Pod Security "restricted"; it is deleted in the end.
"""

import json
import os
import re
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy import cluster, cluster_tls
from deploy.cluster import helm, kubectl
from e2e.harness.checks import Failure, require, wait_for
from e2e.harness.program import ROOT, main
from e2e.harness.senders import Lines, Relp

REPOSITORY, _, TAG = os.environ.get("SLUICE_IMAGE", "sluice:check").rpartition(":")
POSTGRES = os.environ.get("POSTGRES_IMAGE", "postgres:18")
IMAGE = ["--set", f"image.repository={REPOSITORY},image.tag={TAG},tests.image={POSTGRES}"]
CHART, GOLDEN = ROOT / "helm" / "sluice", ROOT / "helm" / "golden" / "values"
RATE = 100  # events a second of a stream
NODE_PORT = ["--set", "listeners.main.service.type=NodePort"]
# Value files whose objects need the definitions of operators.
OPERATORS = {"cert-manager", "client-ca", "gateway", "keda", "monitoring", "pod-monitor"}


def upgrade(*options, command="upgrade"):
    helm(command, "sluice", CHART, *IMAGE, *options, "--wait", "--timeout", "3m")


def install(*options):
    upgrade(*options, command="install")


def uninstall():
    """Helm does not wait for pods."""
    helm("uninstall", "sluice", "--wait", "--ignore-not-found", "--timeout", "2m")
    wait_for("the pods end", lambda: not cluster.pods(leaving=True), 120, 0.5)


def check_default():
    """The default values and the database's secret, then `helm test`; and nothing is left by an uninstall."""
    before = cluster.everything()
    started = time.monotonic()
    install()
    print(f"helm install --wait: {time.monotonic() - started:.0f} s", flush=True)
    pod, = cluster.pods()
    require("the pod is ready at once", cluster.is_ready(pod) and cluster.restarts(pod) == 0, pod["status"])
    said = helm("test", "sluice", "--timeout", "2m")
    require("helm test runs and succeeds", re.search(r"TEST SUITE: +sluice-test\n", said) and "Succeeded" in said, said)
    rows = cluster.sql("select count(distinct message) from log_event where app like 'helm-test-%'")
    require("its events are stored", rows == "100", rows)
    uninstall()
    left = cluster.everything() - before
    require("helm uninstall leaves nothing", not left, left)


def check_tls():
    """The certificate of a secret, shippers with certificates, and the secret's renewal."""
    with tempfile.TemporaryDirectory() as folder:
        cluster_tls.check(Path(folder), lambda: install(*NODE_PORT, "--values", GOLDEN / "tls-secret.yaml"))


def check_upgrade():
    """A changed value rolls the pods, and so does going back."""
    install()
    first, = cluster.pods()
    upgrade("--set", "pipeline.drainTimeout=14s")
    second, = cluster.pods()
    require("a changed configuration rolls the pods", checksum(first) != checksum(second), checksum(second))
    configured = kubectl("get", "configmap", "sluice", "-o", "jsonpath={.data}")
    require("the new value is configured", "drain-timeout: 14s" in configured, configured)
    upgrade("--set", "pipeline.drainTimeout=14s", "--set", "podDisruptionBudget.enabled=false")
    third, = cluster.pods()
    require("what changes no pod leaves the pods", cluster.name(second) == cluster.name(third), cluster.name(third))
    helm("rollback", "sluice", "1", "--wait", "--timeout", "3m")
    wait_for("helm rollback brings the first configuration",
             lambda: [checksum(pod) for pod in cluster.pods()] == [checksum(first)], 120, 0.5)
    print("ok: helm rollback brings the first configuration", flush=True)


def checksum(pod):
    return pod["metadata"]["annotations"]["checksum/config"]


def check_rolling():
    """Two replicas are restarted twice under load: what was sent is stored, and every pod ends by itself."""
    install(*NODE_PORT, "--set", "replicaCount=2")
    address, mark = cluster.node_port("sluice-main"), uuid.uuid4().hex[:8]
    streams = [kind(f"{mark}-{kind.__name__.lower()}-{number}", address, RATE, None) for kind in (Relp, Lines)
               for number in range(4)]
    with cluster.PodWatch() as watch:
        for stream in streams:
            stream.start()
        time.sleep(5)
        for _ in range(2):
            kubectl("rollout", "restart", "deployment/sluice")
            kubectl("rollout", "status", "deployment/sluice", "--timeout=180s")
        wait_for("the old pods end", lambda: len(cluster.pods(leaving=True)) == 2, 120, 0.5)
        for stream in streams:
            stream.end()
        ends = watch.ends()
    grace = cluster.get("deployment", "sluice")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    for pod, status, seconds in ends:
        print(f"{pod} ended with {status}, {seconds:.0f} s after its deletion, of {grace} s", flush=True)
    require("four pods were replaced", len(ends) == 4, ends)
    require("each ended with status 0 inside its grace period",
            all(status == 0 and seconds < grace for _, status, seconds in ends), ends)
    check_streams(streams, mark)


def check_streams(streams, mark):
    def stored():
        return cluster.messages(f"message like '{mark}-%'")
    expected = sum(stream.sent for stream in streams)
    try:
        wait_for("rows", lambda: len(stored()) >= expected, 30)
    except Failure:
        print(f"sent {expected}, stored {len(stored())}", flush=True)
    rows, failures = stored(), []
    for stream in streams:
        lost = {f"{stream.name} {number}" for number in range(stream.sent)} - rows
        acked = stream.acked
        unkept = acked.keys() - rows if acked else set()
        print(f"{stream.name}: {stream.sent} sent on {stream.connections} connections, {len(lost)} lost"
              + (f", {len(acked)} acknowledged, {len(unkept)} of them not stored" if acked is not None else ""),
              flush=True)
        failures += [stream.name] if lost or unkept else []
    require(f"all {expected} events are stored", not failures, failures)
    lanes, found = 2 * len(cluster.pods()), cluster.connections()
    require("a lane has one connection", found <= lanes + 1, found)  # and one for a moment, for the partitions


def check_outage():
    """No database for longer than the liveness probe's patience: shippers wait, nothing is killed, nothing is lost."""
    install(*NODE_PORT)
    pod, = cluster.pods()
    mark = uuid.uuid4().hex[:8]
    stream = Relp(f"{mark}-relp", cluster.node_port("sluice-main"), RATE, None)
    stream.start()
    time.sleep(2)
    cluster.stop_postgres()
    try:
        time.sleep(5)
        acked = len(stream.acked)
        time.sleep(85)
        require("without its database the pod stays as it is", is_untouched(pod), cluster.pods())
        require("and acknowledges nothing", len(stream.acked) == acked, len(stream.acked) - acked)
    finally:
        cluster.start_postgres()
    check_repair(pod)
    stream.end()
    check_streams([stream], mark)


def check_repair(pod):
    """A missing table makes the pod unready, until somebody has repaired it."""
    wait_for("the table is there", lambda: "log_event" in cluster.sql("select to_regclass('log_event')"), 30)
    cluster.sql("alter table log_event rename to elsewhere")
    try:
        started = time.monotonic()
        wait_for("a pod whose table is missing is unready", lambda: not cluster.is_ready(cluster.pods()[0]), 120, 0.5)
        print(f"ok: a pod whose table is missing is unready, after {time.monotonic() - started:.0f} s", flush=True)
    finally:
        cluster.sql("alter table elsewhere rename to log_event")
    started = time.monotonic()
    wait_for("it is ready again", lambda: is_untouched(pod), 120, 0.5)
    seconds = time.monotonic() - started
    print(f"ok: it is ready again {seconds:.0f} s after the repair, and was not restarted", flush=True)


def is_untouched(pod):
    now, = cluster.pods()
    return cluster.name(now) == cluster.name(pod) and cluster.restarts(now) == 0 and cluster.is_ready(now)


def check_disruption():
    """The budget refuses the second eviction; the API server takes HPA and NetworkPolicy."""
    values = ["--set", "replicaCount=2", "--values", GOLDEN / "network-policy.yaml"]
    install(*values)
    first, second = cluster.pods()
    said = evict(first)
    require("one pod of two may be evicted", '"Success"' in said, said)
    said = evict(second)
    require("the other may not, meanwhile", "would violate the pod's disruption budget" in said, said)
    wait_for("both are there again", lambda: sum(map(cluster.is_ready, cluster.pods())) == 2, 120, 0.5)
    upgrade(*values, "--values", GOLDEN / "autoscaling-cpu.yaml")
    kinds = {item["kind"] for item in cluster.get("hpa,networkpolicy,pdb")["items"]}
    require("HPA, NetworkPolicy and PDB are there",
            kinds == {"HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"}, kinds)


def evict(pod):
    path = f"/api/v1/namespaces/{cluster.NAMESPACE}/pods/{cluster.name(pod)}/eviction"
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": cluster.name(pod)}}
    return kubectl("create", "--raw", path, "-f", "-", text=json.dumps(eviction), check=False)


def check_values():
    """Every value file as the API server sees it: its schemas, its defaults, its admission with Pod Security."""
    for values in sorted(GOLDEN.glob("*.yaml")):
        if values.stem in OPERATORS:
            continue
        helm("install", "dry", CHART, "--values", values, "--dry-run=server")
        rendered = helm("template", "dry", CHART, "--values", values, "--validate", warnings=False)
        said = kubectl("apply", "--dry-run=server", "-f", "-", text=rendered)
        require(f"{values.stem} is taken by the API server, without a warning", "Warning" not in said, said)


CHECKS = {check.__name__.removeprefix("check_"): check for check in (
    check_default, check_values, check_tls, check_upgrade, check_rolling, check_outage, check_disruption)}


def check_all():
    names = sys.argv[1:] or list(CHECKS)
    if not set(names) <= set(CHECKS):
        raise Failure(f"{__doc__}\nChecks: {' '.join(CHECKS)}")
    if kubectl("get", "namespace", cluster.NAMESPACE, "--ignore-not-found"):
        raise Failure(f"The namespace {cluster.NAMESPACE} is there already; it would be deleted.")
    try:
        cluster.prepare(POSTGRES)
        for name in names:
            print(f"== {name}", flush=True)
            CHECKS[name]()
            uninstall()
    except Failure:
        print(kubectl("get", "pods,events", check=False)[-3000:], file=sys.stderr)
        raise
    finally:
        kubectl("delete", "namespace", cluster.NAMESPACE, "--timeout=120s", check=False)


if __name__ == "__main__":
    main(check_all)
