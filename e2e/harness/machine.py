"""What the kernel knows about processes: CPU time, resident memory, children, ports, open files."""

import contextlib
import os
import random
import resource
import socket
from pathlib import Path

from e2e.harness.checks import Failure

PORTS = list(range(10_000, 32_000))  # below those of connections, as Linux comes; each is given once
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    """A port that nothing listens on, and that the kernel gives to no connection: a restarted server finds it free."""
    port = next(port for port in random.sample(PORTS, 100) if is_free(port))
    PORTS.remove(port)
    return port


def is_free(port):
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def raise_open_files(needed):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Failure(f"the limit of open files is {hard}, this scenario needs {needed}: raise `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stat_fields(pid):
    """The fields of /proc/PID/stat after the command name: index 0 is the state, field 3 of proc(5)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def own_cpu_seconds(pid):
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICK


def reaped_cpu_seconds(pid):
    """CPU time of the children that have ended and were waited for, and of theirs."""
    fields = stat_fields(pid)
    return (int(fields[13]) + int(fields[14])) / TICK


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if int(stat_fields(entry)[1]) == pid:
                    found.append(int(entry))
            except OSError:
                continue  # ended while we looked
    return found


def tree_cpu_seconds(pid):
    """CPU time of a process and all its children, living or ended.

    A child that ends between two reads would be counted twice or not at all: then the sum is taken again.
    """
    while True:
        reaped = reaped_cpu_seconds(pid)
        try:
            living = sum(own_cpu_seconds(child) + reaped_cpu_seconds(child) for child in children(pid))
        except OSError:
            continue
        if reaped_cpu_seconds(pid) == reaped:
            return own_cpu_seconds(pid) + reaped + living


def resident_mb(pid, field="VmRSS"):
    """Resident memory in MB (10^6 bytes); field VmHWM is its peak since the process started."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise Failure(f"/proc/{pid}/status has no {field}")


def tail(file, lines=40):
    return "\n".join(Path(file).read_text(errors="replace").splitlines()[-lines:])
