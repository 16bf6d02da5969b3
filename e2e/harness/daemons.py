"""Daemons of Debian: those that are installed, or unpacked beside the others where they cannot be."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from e2e.harness.processes import run
from e2e.harness.program import ROOT

UNPACKED = ROOT / "target" / "e2e" / "daemons"
PACKAGES = {
    "rsyslogd": ("rsyslog", "libestr0", "libfastjson4", "liblognorm5", "rsyslog-pgsql"),
    "syslog-ng": ("syslog-ng-core", "libivykis0", "libnet1", "libwrap0", "libpcre3", "syslog-ng-mod-sql", "libdbi1"),
}


@dataclass(frozen=True)
class Daemon:
    """Its path, the environment that it needs, and where its packages were unpacked."""

    path: str
    environment: dict
    folder: Path

    def command(self, *arguments):
        """All modules are unpacked: what is installed need not have each of them."""
        if self.path.endswith("rsyslogd"):
            return [self.path, *arguments, "-M", self.holds("imtcp.so")]
        return [self.path, *arguments, f"--module-path={self.holds('libafsocket.so')}"]

    def holds(self, file):
        """The unpacked folder in which that file is."""
        return next(self.folder.rglob(file)).parent


def daemon(name):
    """The one of that name in PACKAGES; it is fetched when it is asked for the first time."""
    folder = UNPACKED / name
    if not folder.exists():
        folder.mkdir(parents=True)
        run("apt-get", "-qq", "download", *PACKAGES[name], cwd=folder)
        for package in folder.glob("*.deb"):
            run("dpkg-deb", "-x", package, folder)
    environment = {**os.environ, "TZ": "UTC"}
    installed = shutil.which(name, path="/usr/sbin:" + os.environ["PATH"])
    if installed:
        return Daemon(installed, environment, folder)
    libraries = ":".join(sorted({str(path.parent) for path in folder.rglob("*.so*")}))
    return Daemon(str(folder / "usr/sbin" / name), {**environment, "LD_LIBRARY_PATH": libraries}, folder)
