"""A control group that bounds the memory of a process, as a container does; version 1 or 2, where we may make one."""

import contextlib
import os
from pathlib import Path

V1 = Path("/sys/fs/cgroup/memory")
V2 = Path("/sys/fs/cgroup")
FILES = {  # of version 1, and of version 2
    "limit": ("memory.limit_in_bytes", "memory.max"),
    "peak": ("memory.max_usage_in_bytes", "memory.peak"),
    "processes": ("cgroup.procs", "cgroup.procs"),
}


class ControlGroup:
    """`command` puts what it begins with into the group; without rights to make one it is None, see `control_group`."""

    def __init__(self, folder, version):
        self.folder, self.version = folder, version

    def file(self, name):
        return self.folder / FILES[name][self.version - 1]

    def command(self, *command):
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', self.file("processes"), *command]

    def peak_mib(self):
        """The most it held at once, pages of files included, which the kernel takes back before it kills."""
        return int(self.file("peak").read_text()) / (1 << 20)

    def anonymous_mib(self):
        """What it holds now that no file holds."""
        key = {1: "total_rss", 2: "anon"}[self.version]
        stat = dict(line.split() for line in (self.folder / "memory.stat").read_text().splitlines())
        return int(stat[key]) / (1 << 20)


@contextlib.contextmanager
def control_group(name, mib):
    """A group with this limit, or None where this process may not make one."""
    group = None
    try:
        version = 1 if V1.is_dir() else 2
        group = ControlGroup((V1 if version == 1 else V2) / f"sluice-{name}-{os.getpid()}", version)
        group.folder.mkdir()
        group.file("limit").write_text(str(mib << 20))
    except OSError as error:
        print(f"note: no control group, so nothing enforces {mib} MiB ({error})", flush=True)
        with contextlib.suppress(OSError):
            group.folder.rmdir()
        group = None
    try:
        yield group
    finally:
        if group:
            group.folder.rmdir()


def leave_page_cache(file):
    """What is read of it from now on counts in the group of its reader, as in a container that comes to a node."""
    with open(file, "rb") as opened:
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
