"""The programs of deploy/local-cluster/cluster.py, built with Go: Kubernetes is not to be had by `go install`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

KUBERNETES, COREDNS = "v1.34.4", "v1.13.1"
KUBERNETES_PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"]
DNS = """package main

import (
\t"github.com/coredns/coredns/core/dnsserver"
\t"github.com/coredns/coredns/coremain"
\t_ "github.com/coredns/coredns/plugin/bind"
\t_ "github.com/coredns/coredns/plugin/cache"
\t_ "github.com/coredns/coredns/plugin/errors"
\t_ "github.com/coredns/coredns/plugin/kubernetes"
)

func main() {
\tdnsserver.Directives = []string{"bind", "errors", "cache", "kubernetes"}
\tcoremain.Run()
}
"""


def run(*command, check=True, **options):
    """What it said."""
    done = subprocess.run(list(map(str, command)), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)
    if check and done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def write(path, content):
    """Anything but a text becomes JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return path


def build(home):
    """What is missing of them in its folder `bin`."""
    kubernetes = {name: f"k8s.io/kubernetes/cmd/{name}" for name in KUBERNETES_PROGRAMS}
    packages = {"etcd": "go.etcd.io/etcd/server/v3", **kubernetes}
    missing = [name for name in packages if not (home / "bin" / name).exists()]
    if missing:
        module = kubernetes_module(home / "build" / "kubernetes", packages.values())
        major, minor = KUBERNETES[1:].split(".")[:2]
        version = {"gitVersion": KUBERNETES, "gitMajor": major, "gitMinor": minor}
        flags = "-s -w" + "".join(f" -X k8s.io/component-base/version.{key}={version[key]}" for key in version)
        for name in missing:
            compile_to(home / "bin" / name, module, "-ldflags", flags, packages[name])
    if not (home / "bin" / "coredns").exists():
        module = write(home / "build" / "coredns" / "main.go", DNS).parent
        write(module / "go.mod", "module coredns\n")
        run("go", "get", f"github.com/coredns/coredns@{COREDNS}", cwd=module)
        run("go", "mod", "tidy", cwd=module)
        compile_to(home / "bin" / "coredns", module, "-ldflags", "-s -w", ".")


def kubernetes_module(module, packages):
    """Kubernetes takes the parts of itself from its own repository, which is what `go install` refuses to follow."""
    module.mkdir(parents=True, exist_ok=True)
    theirs = json.loads(run("go", "mod", "download", "-json", f"k8s.io/kubernetes@{KUBERNETES}", cwd=module))
    parts = sorted(set(re.findall(r"^\s*(k8s\.io/\S+) v0\.0\.0$", Path(theirs["GoMod"]).read_text(), re.M)))
    replaced = "".join(f"replace {part} => {part} {KUBERNETES.replace('v1', 'v0', 1)}\n" for part in parts)
    write(module / "go.mod", f"module cluster\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes {KUBERNETES}\n\n{replaced}")
    imports = "".join(f'import _ "{package}"\n' for package in packages)
    write(module / "programs.go", f"//go:build programs\n\npackage programs\n\n{imports}")
    run("go", "mod", "tidy", cwd=module)
    return module


def compile_to(target, module, *arguments):
    print(f"building {target.name}", file=sys.stderr, flush=True)
    run("go", "build", "-buildvcs=false", "-o", target, *arguments, cwd=module, env={**os.environ, "CGO_ENABLED": "0"})
