"""What is in the image, and what is not: looked at from outside, as it has no program that could list itself."""

import contextlib
import json
import socket
import subprocess
import tarfile
import threading
from pathlib import PurePosixPath

from e2e.harness.checks import Failure, require
from e2e.harness.processes import run

PROGRAMS = {"/app/ready", "/opt/java/openjdk/lib/jexec", "/opt/java/openjdk/lib/jspawnhelper"}
JAVA = {"java", "jcmd", "jfr", "jinfo", "jmap", "jps", "jstack", "jstat", "keytool"}
FOLDERS = {"app", "etc", "lib", "lib64", "opt", "tmp", "var"}
MADE_BY_DOCKER = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}
SHELLS_AND_INSTALLERS = {"sh", "bash", "dash", "ash", "busybox", "env", "apt", "apt-get", "dpkg", "apk",
                         "rpm", "dnf", "yum"}


def check_content(image, name):
    """Lists it, and holds the list against what belongs there."""
    files = listing(image, name)
    sizes = {}
    for path, entry in files.items():
        part = "/".join(path.split("/")[1:3])
        sizes[part] = sizes.get(part, 0) + entry.size
    for part, size in sorted(sizes.items(), key=lambda item: -item[1])[:8]:
        print(f"   {size / 1e6:6.1f} MB  /{part}", flush=True)
    names = {PurePosixPath(path).name for path in files}
    require("no shell and no package manager", not names & SHELLS_AND_INSTALLERS, names & SHELLS_AND_INSTALLERS)
    programs = {path for path, entry in files.items() if entry.isfile() and entry.mode & 0o111 and not library(path)}
    expected = PROGRAMS | {f"/opt/java/openjdk/bin/{tool}" for tool in JAVA}
    require(f"{len(programs)} programs, the JVM's and the health check", programs == expected, programs ^ expected)
    folders = {path.split("/")[1] for path in files if path.count("/") > 1}
    require("nothing beside them", folders <= FOLDERS, folders - FOLDERS)
    require("no embedded database inside", any("/app/lib/postgresql-" in path for path in files)
            and not any("zonky" in path for path in files))
    setuid = [path for path, entry in files.items() if entry.mode & 0o6000]
    require("nothing runs as another user", not setuid, setuid)


def library(path):
    name = PurePosixPath(path).name
    return ".so" in name or name.startswith("ld-linux") or path.endswith((".jar", ".aot"))


def listing(image, name):
    """Path to entry of the archive, of a container that was never started."""
    run("docker", "create", "--name", f"{name}-content", image)
    try:
        with subprocess.Popen(["docker", "export", f"{name}-content"], stdout=subprocess.PIPE) as export, \
                tarfile.open(fileobj=export.stdout, mode="r|") as archive:
            return {f"/{entry.name}": entry for entry in archive
                    if not entry.isdir() and entry.name not in MADE_BY_DOCKER}
    finally:
        run("docker", "rm", "-f", f"{name}-content", check=False)


def check_probe(image):
    """The health check knows a service that is ready from any other, and ends in time whatever it is told."""
    test = json.loads(run("docker", "inspect", "--format", "{{json .Config.Healthcheck.Test}}", image).stdout)
    require("the health check is a program of its own", test == ["CMD", "/app/ready"], test)
    with server(b"HTTP/1.1 200 OK\r\n\r\n") as ready, server(b"HTTP/1.1 503 no\r\n\r\n") as away, \
            server(b"HTTP/1") as stuck, server(b"") as silent, socket.create_server(("127.0.0.1", 0)) as closed:
        free = closed.getsockname()[1]
        closed.close()
        for port, status in ((ready, "0"), (away, "1"), (stuck, "14"), (silent, "14"), (free, "1")):
            require_status(image, status, SERVER_PORT=port)
        require_status(image, "0", SERVER_PORT=free, MANAGEMENT_SERVER_PORT=ready)
    print("ok: the health check tells ready from unready, silent and absent", flush=True)


def require_status(image, status, **variables):
    settings = [part for name, value in variables.items() for part in ("-e", f"{name}={value}")]
    done = run("docker", "run", "--rm", "--network=host", *settings, "--entrypoint", "/app/ready", image, check=False,
               timeout=30)
    if str(done.returncode) != status:
        raise Failure(f"the health check ended with {done.returncode}, not {status}: {variables} {done.stderr}")


@contextlib.contextmanager
def server(reply):
    """Answers each connection like this, and leaves it open; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener, reply), daemon=True).start()
        yield listener.getsockname()[1]


def answer(listener, reply):
    taken = []
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.sendall(reply)
            taken.append(connection)
