"""The cluster that KUBECONFIG points to, for deploy/check-cluster.py: a namespace of its own with a PostgreSQL."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from datetime import datetime

from e2e.harness import meters
from e2e.harness.checks import wait_for
from e2e.harness.processes import run
from e2e.harness.program import ROOT

NAMESPACE = "sluice-check"
ENFORCED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
# Its server can be stopped without the pod: the data of a real one would outlive that, these do not.
POSTGRES = """trap 'kill $! 2>/dev/null; wait; exit 0' TERM
while :; do
  while [ -e /tmp/stopped ]; do sleep 0.2; done
  docker-entrypoint.sh postgres & wait $!
done"""


def say(*command, text=None, check=True, warnings=True):
    """What it says, with or without what it warns of."""
    done = run(*command, cwd=ROOT, input=text, check=check)
    return (done.stdout + done.stderr if warnings else done.stdout).strip()


def kubectl(*arguments, **options):
    return say("kubectl", "--namespace", NAMESPACE, *arguments, **options)


def helm(*arguments, **options):
    built = ROOT / "target" / "helm" / "bin" / "helm"  # by helm/check.sh
    program = os.environ.get("HELM") or shutil.which("helm") or built
    return say(program, "--namespace", NAMESPACE, *arguments, **options)


def get(*arguments):
    return json.loads(kubectl("get", *arguments, "-o", "json", warnings=False))


# ---- the namespace and its database

def prepare(postgres):
    manifest("Namespace", NAMESPACE, labels=ENFORCED)
    secret("sluice-database", username="sluice", password="in the cluster")
    variables = [{"name": "POSTGRES_DB", "value": "sluice"},
                 *({"name": f"POSTGRES_{key.upper()}", "valueFrom": {"secretKeyRef": {
                     "name": "sluice-database", "key": {"user": "username"}.get(key, key)}}}
                   for key in ("user", "password"))]
    locked = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    ready = {"exec": {"command": ["pg_isready", "-h", "127.0.0.1", "-U", "sluice"]}, "periodSeconds": 1,
             "timeoutSeconds": 5}
    container = {"name": "postgres", "image": postgres, "command": ["bash", "-c", POSTGRES], "env": variables,
                 "securityContext": locked, "readinessProbe": ready, "ports": [{"containerPort": 5432}],
                 "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql"}]}
    pod = {"securityContext": {"runAsNonRoot": True, "runAsUser": 999, "runAsGroup": 999, "fsGroup": 999,
                               "seccompProfile": {"type": "RuntimeDefault"}}, "terminationGracePeriodSeconds": 5,
           "containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]}
    labels = {"app": "postgres"}
    manifest("Deployment", "postgres", "apps/v1", spec={
        "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}})
    manifest("Service", "postgres", spec={"selector": labels, "ports": [{"port": 5432}]})
    kubectl("rollout", "status", "deployment/postgres", "--timeout=120s")


def manifest(kind, name, version="v1", labels=None, **rest):
    document = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels or {}}, **rest}
    kubectl("apply", "-f", "-", text=json.dumps(document))


def secret(name, kind="Opaque", **data):
    encoded = {key.replace("_", "."): base64.b64encode(value.encode()).decode() for key, value in data.items()}
    manifest("Secret", name, type=kind, data=encoded)


def sql(query):
    return kubectl("exec", "deployment/postgres", "--", "psql", "-U", "sluice", "-d", "sluice", "-XAtc", query,
                   warnings=False)


def connections():
    return int(sql("select count(*) from pg_stat_activity where application_name = 'sluice'"))


def stop_postgres():
    kubectl("exec", "deployment/postgres", "--", "bash", "-c", "touch /tmp/stopped; pg_ctl -m fast -w stop")


def start_postgres():
    kubectl("exec", "deployment/postgres", "--", "rm", "/tmp/stopped")
    ready = ["exec", "deployment/postgres", "--", "pg_isready", "-h", "127.0.0.1", "-U", "sluice"]
    wait_for("PostgreSQL accepts", lambda: "accepting" in kubectl(*ready, check=False), 120, 0.5)


def messages(condition):
    return set(sql(f"select message from log_event where {condition}").splitlines())


# ---- the release

def pods(leaving=False):
    items = get("pods", "-l", "app.kubernetes.io/instance=sluice,app.kubernetes.io/name=sluice")["items"]
    return [pod for pod in items if leaving or "deletionTimestamp" not in pod["metadata"]]


def name(pod):
    return pod["metadata"]["name"]


def is_ready(pod):
    return any(condition["type"] == "Ready" and condition["status"] == "True"
               for condition in pod["status"].get("conditions", []))


def restarts(pod):
    return sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))


def metric(pod, meter, **labels):
    text = kubectl("get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{name(pod)}:8080/proxy/actuator/prometheus",
                   warnings=False)
    return meters.total(meters.parse(text), meter, **labels)


def node_port(service):
    """Where this machine reaches it, through the cluster's own balancing."""
    addresses = get("nodes")["items"][0]["status"]["addresses"]
    port = get("service", service)["spec"]["ports"][0]["nodePort"]
    return next(entry["address"] for entry in addresses if entry["type"] == "InternalIP"), port


def everything():
    """The names of all objects in the namespace but events, which come and go by themselves."""
    kinds = kubectl("api-resources", "--verbs=list", "--namespaced", "-o", "name", warnings=False).split()
    wanted = ",".join(kind for kind in kinds if not kind.startswith(("events", "pods.metrics")))
    return {name for name in kubectl("get", wanted, "-o", "name", warnings=False).splitlines() if "/" in name}


class PodWatch:
    """Sees pods also at their end."""

    def __enter__(self):
        self.seen = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(["kubectl", "--namespace", NAMESPACE, "get", "pods", "--watch", "-o", "json"],
                                        stdout=self.seen)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.seen.close()

    def ends(self):
        """Of each pod that ended: its name, the exit status, and the seconds from its deletion to its end."""
        self.seen.seek(0)
        text, decoder, position, deletions, ends = self.seen.read(), json.JSONDecoder(), 0, {}, {}
        while (position := text.find("{", position)) >= 0:
            pod, position = decoder.raw_decode(text, position)
            metadata, statuses = pod["metadata"], pod["status"].get("containerStatuses", [])
            if "deletionTimestamp" not in metadata:
                continue
            # The time of deletion is the end of the grace period; at its end kubelet sets another.
            deleted = moment(metadata["deletionTimestamp"]) - metadata["deletionGracePeriodSeconds"]
            deletions.setdefault(name(pod), deleted)
            for state in (status["state"]["terminated"] for status in statuses if "terminated" in status["state"]):
                ends[name(pod)] = state["exitCode"], moment(state["finishedAt"]) - deletions[name(pod)]
        return [(pod, *end) for pod, end in ends.items()]


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
