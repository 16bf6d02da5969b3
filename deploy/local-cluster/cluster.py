#!/usr/bin/env python3
"""A Kubernetes of one node on this machine, for deploy/check-cluster.py where there is no other.

    deploy/local-cluster/cluster.py up            builds what is missing, starts it, prints the KUBECONFIG
    deploy/local-cluster/cluster.py load IMAGE..  brings images of the Docker engine to the node
    deploy/local-cluster/cluster.py down          ends it and takes away what it made; the programs stay

It stands apart from the other programs and shares nothing with them: it is no check of Sluice but a stand-in for a
cluster, is run by hand as root, changes the machine's network, and knows nothing of the service. It is here because the
usual small clusters (kind, minikube, k3s) come as images and downloads that not every machine can fetch, while Go
modules can be had wherever the chart's checks run.

Processes of this machine and no image but the pods' own: etcd, the control plane, kubelet, kube-proxy and CoreDNS,
built from their Go modules into SLUICE_CLUSTER/bin (a quarter of an hour on two cores), with a containerd of its own.
Nothing listens on an address of another machine's network. NetworkPolicies are taken and not enforced. Needs Linux,
root, Go, containerd, runc, the CNI plugins (CNI_PLUGINS), iptables, openssl, kubectl, and Docker with postgres:18.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from programs import KUBERNETES_PROGRAMS, build, run, write

HOME = Path(os.environ.get("SLUICE_CLUSTER", "/var/lib/sluice-cluster"))
BIN, STATE = HOME / "bin", HOME / "state"
CNI_PLUGINS = os.environ.get("CNI_PLUGINS", "/usr/lib/cni")
NODE, BRIDGE, ADDRESS = "sluice", "sluice-k8s", "10.244.0.1"
PODS, SERVICES = "10.244.0.0/24", "10.96.0.0/16"
ETCD, SOCKET, KUBECONFIG = "http://127.0.0.1:23790", STATE / "containerd.sock", STATE / "admin.conf"
PAUSE = "docker.io/library/sluice-cluster-pause:latest"
SETTINGS = {"net/ipv4/ip_forward": "1", "net/bridge/bridge-nf-call-iptables": "1"}
KUBELETS = ["kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory"]  # it sets them by itself
OWN_RULES = [["FORWARD", "-i", BRIDGE, "-j", "ACCEPT"], ["FORWARD", "-o", BRIDGE, "-j", "ACCEPT"]]
# In the order in which they are started; and stopped, backwards.
PROGRAMS = ["containerd", "etcd", *KUBERNETES_PROGRAMS, "coredns"]


# ---- certificates and configuration

def make_certificates():
    """An authority, the API server's certificate, and one that may do everything, for all who speak to it."""
    folder = STATE / "pki"
    folder.mkdir(parents=True)
    new = ("req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    run("openssl", *new, "-x509", "-days", "30", "-subj", "/CN=sluice-cluster", "-keyout", folder / "ca.key", "-out",
        folder / "ca.crt")
    names = f"subjectAltName=IP:{ADDRESS},IP:{SERVICES.replace('0.0/16', '0.1')},DNS:kubernetes.default.svc"
    for name, subject, extension in (("apiserver", "/CN=apiserver", names),
                                     ("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth")):
        request, extensions = folder / f"{name}.csr", write(folder / f"{name}.ext", extension)
        run("openssl", *new, "-subj", subject, "-keyout", folder / f"{name}.key", "-out", request)
        run("openssl", "x509", "-req", "-days", "30", "-in", request, "-CA", folder / "ca.crt", "-CAkey",
            folder / "ca.key", "-CAcreateserial", "-extfile", extensions, "-out", folder / f"{name}.crt")
    run("openssl", "genrsa", "-out", folder / "accounts.key", "2048")
    cluster = {"certificate-authority": f"{folder}/ca.crt", "server": f"https://{ADDRESS}:6443"}
    user = {"client-certificate": f"{folder}/admin.crt", "client-key": f"{folder}/admin.key"}
    write(KUBECONFIG, {"apiVersion": "v1", "kind": "Config", "current-context": "sluice",
                       "clusters": [{"name": "sluice", "cluster": cluster}], "users": [{"name": "admin", "user": user}],
                       "contexts": [{"name": "sluice", "context": {"cluster": "sluice", "user": "admin"}}]})


def configure():
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    write(STATE / "containerd.toml", f"""version = 2
root = "{STATE}/containerd"
state = "{STATE}/containerd-run"
[grpc]
address = "{SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
path = "{STATE}/containerd-opt"
[{cri}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
[{cri}.cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{STATE}/cni"
[{cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
""")
    addresses = {"type": "host-local", "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}],
                 "dataDir": f"{STATE}/addresses"}
    bridge = {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "hairpinMode": True, "ipam": addresses}
    write(STATE / "cni" / "10-sluice.conflist", {"cniVersion": "0.4.0", "name": "sluice", "plugins": [bridge]})
    write(STATE / "resolv.conf", "")
    write(STATE / "Corefile", f".:53 {{\nbind {ADDRESS}\nerrors\ncache 5\nkubernetes cluster.local {{\n"
                              f"kubeconfig {KUBECONFIG}\n}}\n}}\n")
    write(STATE / "kubelet.json", {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "address": ADDRESS,
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": f"{STATE}/pki/ca.crt"}},
        "authorization": {"mode": "Webhook"}, "cgroupDriver": "cgroupfs", "failSwapOn": False, "failCgroupV1": False,
        "makeIPTablesUtilChains": False,
        "clusterDNS": [ADDRESS], "clusterDomain": "cluster.local", "resolvConf": f"{STATE}/resolv.conf",
        "containerRuntimeEndpoint": f"unix://{SOCKET}", "podLogsDir": f"{STATE}/pod-logs",
        "imageGCHighThresholdPercent": 100, "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%",
                                                             "imagefs.available": "1%", "nodefs.inodesFree": "1%"}})


def command_of(name):
    pki, client = STATE / "pki", f"--kubeconfig={KUBECONFIG}"
    quiet = ["--leader-elect=false", "--bind-address=127.0.0.1"]
    return {
        "containerd": ["containerd", "--config", STATE / "containerd.toml"],
        "etcd": [BIN / "etcd", "--data-dir", STATE / "etcd", "--listen-client-urls", ETCD, "--advertise-client-urls",
                 ETCD, "--listen-peer-urls", "http://127.0.0.1:23800", "--unsafe-no-fsync"],
        "kube-apiserver": [
            BIN / "kube-apiserver", f"--etcd-servers={ETCD}", f"--bind-address={ADDRESS}",
            f"--advertise-address={ADDRESS}", f"--service-cluster-ip-range={SERVICES}", "--authorization-mode=RBAC",
            f"--client-ca-file={pki}/ca.crt", f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key", f"--kubelet-client-certificate={pki}/admin.crt",
            f"--kubelet-client-key={pki}/admin.key", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki}/accounts.key", f"--service-account-signing-key-file={pki}/accounts.key",
            "--kubelet-preferred-address-types=InternalIP"],
        "kube-controller-manager": [BIN / "kube-controller-manager", client, *quiet, f"--root-ca-file={pki}/ca.crt",
                                    f"--service-account-private-key-file={pki}/accounts.key"],
        "kube-scheduler": [BIN / "kube-scheduler", client, *quiet],
        "kubelet": [BIN / "kubelet", client, f"--config={STATE}/kubelet.json", f"--root-dir={STATE}/kubelet",
                    f"--cert-dir={STATE}/kubelet-pki", f"--hostname-override={NODE}", f"--node-ip={ADDRESS}"],
        "kube-proxy": [BIN / "kube-proxy", client, f"--hostname-override={NODE}", f"--cluster-cidr={PODS}",
                       "--proxy-mode=iptables", "--conntrack-max-per-core=0", "--iptables-localhost-nodeports=false",
                       f"--nodeport-addresses={ADDRESS}/32",
                       "--conntrack-tcp-timeout-established=0s", "--conntrack-tcp-timeout-close-wait=0s",
                       "--healthz-bind-address=127.0.0.1:10256"],
        "coredns": [BIN / "coredns", "-conf", STATE / "Corefile"],
    }[name]


# ---- up, load, down

def start(name):
    (STATE / "logs").mkdir(exist_ok=True)
    with (STATE / "logs" / name).open("ab") as log:
        process = subprocess.Popen(list(map(str, command_of(name))), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, cwd=STATE)
    write(STATE / "pids" / name, str(process.pid))


def wait_for(what, *command, seconds=120):
    deadline = time.monotonic() + seconds
    while subprocess.run(list(map(str, command)), capture_output=True).returncode:
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {seconds} s; see {STATE}/logs")
        time.sleep(0.5)


def kubectl(*arguments):
    return ["kubectl", "--kubeconfig", KUBECONFIG, *arguments]


def up():
    build(HOME)
    if STATE.exists():
        sys.exit(f"{STATE} is there: end that cluster first, with `{sys.argv[0]} down`")
    make_certificates()
    configure()
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{ADDRESS}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    run("ip", "route", "add", SERVICES, "dev", BRIDGE)  # kube-proxy's rules catch it before it gets there
    for rule in OWN_RULES:
        run("iptables", "-I", *rule)
    write(STATE / "settings.json", {name: Path("/proc/sys", name).read_text() for name in [*SETTINGS, *KUBELETS]})
    set_kernel(SETTINGS)
    for name in PROGRAMS[:3]:
        start(name)
    wait_for("API server", *kubectl("get", "--raw", "/readyz"))
    make_pause_image()
    for name in PROGRAMS[3:]:
        start(name)
    wait_for("node", *kubectl("wait", "--for=condition=Ready", f"node/{NODE}", "--timeout=1s"))
    print(f"export KUBECONFIG={KUBECONFIG}")


def set_kernel(settings):
    for name, value in settings.items():
        Path("/proc/sys", name).write_text(value)


def make_pause_image():
    """What holds a pod's network: anything that sleeps, here out of an image that the checks need anyway."""
    image = 'FROM postgres:18\nENTRYPOINT ["sleep", "infinity"]'
    run("docker", "build", "-t", "sluice-cluster-pause", "-", input=image)
    load("sluice-cluster-pause")
    run("docker", "rmi", "sluice-cluster-pause")


def load(*images):
    saving = subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE)
    run("ctr", "--address", SOCKET, "--namespace", "k8s.io", "images", "import", "-", stdin=saving.stdout)
    if saving.wait():
        sys.exit("docker save failed")


def stop(name):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = int((STATE / "pids" / name).read_text())
        if name not in Path(f"/proc/{pid}/cmdline").read_text():
            return
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)


def remove_containers():
    """What kubelet did not remove."""
    runtime = ["ctr", "--address", SOCKET, "--namespace", "k8s.io"]
    for container in run(*runtime, "containers", "list", "-q", check=False).split():
        namespaces = json.loads(run(*runtime, "containers", "info", container))["Spec"]["linux"]["namespaces"]
        run(*runtime, "tasks", "delete", "--force", container, check=False)
        for namespace in namespaces:
            if "/netns/" in namespace.get("path", ""):
                run("ip", "netns", "delete", Path(namespace["path"]).name, check=False)


def down():
    """The pods first, so that kubelet, containerd and the CNI plugins take away what they made for them."""
    run(*kubectl("delete", "deployments,replicasets,pods", "--all", "--all-namespaces", "--grace-period=1",
                 "--timeout=60s"), check=False)
    for name in reversed(PROGRAMS[1:]):
        stop(name)
    remove_containers()
    stop("containerd")
    if (BIN / "kube-proxy").exists():
        run(BIN / "kube-proxy", "--cleanup", check=False)
    for rule in OWN_RULES:
        run("iptables", "-D", *rule, check=False)
    for tables in ("iptables", "ip6tables"):  # what kube-proxy leaves after its own cleaning
        for change in (["-D", "INPUT", "-j"], ["-D", "OUTPUT", "-j"], ["-F"], ["-X"]):
            run(tables, *change, "KUBE-FIREWALL", check=False)
    run("ip", "link", "delete", BRIDGE, check=False)
    with contextlib.suppress(FileNotFoundError):
        set_kernel(json.loads((STATE / "settings.json").read_text()))
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in reversed([mount for mount in mounts if mount.startswith(f"{STATE}/")]):
        run("umount", mount, check=False)
    for group in sorted(Path("/sys/fs/cgroup").glob("**/kubepods/**/"), reverse=True):
        with contextlib.suppress(OSError):
            group.rmdir()
    shutil.rmtree(STATE, ignore_errors=True)
    with contextlib.suppress(OSError):  # folders that kubelet insists on; others may have them, too
        Path("/var/lib/kubelet/device-plugins/kubelet.sock").unlink(missing_ok=True)
        for folder in ("/var/lib/kubelet/device-plugins", "/var/lib/kubelet", "/var/log/containers"):
            Path(folder).rmdir()


if __name__ == "__main__":
    commands = {"up": up, "load": load, "down": down}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
