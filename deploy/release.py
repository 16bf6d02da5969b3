#!/usr/bin/env python3
"""Makes a release from a tag into an empty folder; docs/release.md says what it needs and what it makes.

    deploy/release.py v0.1.0 FOLDER [--registry registry.example.com/sluice]
        [--chart-registry oci://registry.example.com/charts] [--platforms linux/amd64,linux/arm64]
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import struct
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy import oci_archive
from deploy.release_source import changes, git, mistakes
from e2e.harness.checks import Failure
from e2e.harness.processes import run
from e2e.harness.program import ROOT, main

# Machines as ELF numbers them, and what the jar must have for each.
NATIVES = {"libnetty_transport_native_epoll_x86_64.so": 62, "libnetty_transport_native_epoll_aarch_64.so": 183,
           "aircompressor/linux-amd64/libzstd.so": 62, "aircompressor/linux-aarch64/libzstd.so": 183}


def settings():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tag")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--registry", help="push the image there, both platforms under one name")
    parser.add_argument("--chart-registry", help="push the chart there")
    parser.add_argument("--platforms", default="linux/amd64,linux/arm64")
    parser.add_argument("--jar", type=Path, help="one that is built already, of the same commit")
    parser.add_argument("--image", help="the same, for an image of one platform")
    return parser.parse_args()


class Release:
    def __init__(self, chosen):
        self.chosen = chosen
        self.folder = chosen.folder.resolve()
        self.version = chosen.tag.removeprefix("v")
        self.commit = git("rev-parse", "HEAD")
        self.name = f"sluice-{self.version}"

    def make(self):
        self.make_jar()
        self.make_sql()
        self.make_notes()
        self.make_chart()
        for platform in self.chosen.platforms.split(","):
            self.make_image(platform)
        self.make_checksums()
        self.sign_checksums()
        # What is published stays published: nothing is before all of it is made, checked and signed.
        if self.chosen.registry:
            self.push_image()
        if self.chosen.chart_registry:
            run(helm(), "push", self.folder / f"{self.name}.tgz", self.chosen.chart_registry)
        for file in sorted(self.folder.iterdir()):
            print(f"{file.stat().st_size:12,d}  {file.name}", flush=True)

    def make_jar(self):
        jar = self.folder / f"{self.name}.jar"
        if not self.chosen.jar:
            # The time of the commit in place of today's: who builds the tag again gets the same entries.
            time = git("show", "--no-patch", "--format=%cI", "HEAD")
            print("building the jar", flush=True)
            run("mvn", "-B", "-q", "-DskipTests", f"-Drevision={self.commit}",
                f"-Dproject.build.outputTimestamp={time}", "clean", "package", cwd=ROOT)
        shutil.copy(self.chosen.jar or ROOT / "target" / "sluice.jar", jar)
        with zipfile.ZipFile(jar) as content:
            written = content.read("META-INF/build-info.properties").decode()
            stated = tuple(re.findall(r"^build\.(?:revision|version)=(\S+)", written, re.MULTILINE))
            if sorted(stated) != sorted((self.version, self.commit)):
                raise Failure(f"The jar is of {stated}, not of {(self.version, self.commit)}")
            check_natives(content)
            (self.folder / f"{self.name}.cdx.json").write_bytes(content.read("META-INF/sbom/application.cdx.json"))

    def make_sql(self):
        """The tables, for those whose administrators make them: the same bytes for the same files."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for file in sorted((ROOT / "src/main/resources/db/migration").glob("*.sql")):
                entry = tarfile.TarInfo(f"{self.name}-sql/{file.name}")
                entry.size = file.stat().st_size
                archive.addfile(entry, io.BytesIO(file.read_bytes()))
        (self.folder / f"{self.name}-sql.tar.gz").write_bytes(gzip.compress(packed.getvalue(), mtime=0))

    def make_notes(self):
        (self.folder / f"{self.name}-notes.md").write_text(f"# Sluice {self.version}\n\n{changes(self.version)}")

    def make_chart(self):
        # Another name than that of the jar: `sluice-0.1.0.tgz`.
        run(helm(), "package", ROOT / "helm/sluice", "--destination", self.folder)

    def make_image(self, platform):
        image = self.chosen.image or f"{self.name}:{platform.replace('/', '-')}"
        if not self.chosen.image:
            print(f"building the image for {platform}", flush=True)
            # A builder in a container keeps what it builds to itself unless it is told to load it.
            run("docker", "buildx", "build", "--load", "--platform", platform, "--tag", image,
                *self.build_arguments(), ROOT)
        found = json.loads(run("docker", "image", "inspect", image).stdout)[0]
        labels = found["Config"]["Labels"]
        stated = (f"{found['Os']}/{found['Architecture']}", labels["org.opencontainers.image.version"],
                  labels["org.opencontainers.image.revision"])
        if stated != (platform, self.version, self.commit):
            raise Failure(f"The image {image} is {stated}, not {(platform, self.version, self.commit)}")
        with tempfile.NamedTemporaryFile(suffix=".tar") as saved:
            run("docker", "save", "--output", saved.name, image)
            target = self.folder / f"{self.name}-{platform.replace('/', '-')}.oci.tar"
            print(platform, oci_archive.convert(saved.name, target, self.version), flush=True)

    def push_image(self):
        """Both platforms by one build; its digest is what is signed."""
        with tempfile.NamedTemporaryFile(suffix=".json") as written:
            run("docker", "buildx", "build", "--platform", self.chosen.platforms, "--tag",
                f"{self.chosen.registry}:{self.version}", *self.build_arguments(), "--metadata-file", written.name,
                "--push", ROOT)
            digest = json.loads(Path(written.name).read_text())["containerimage.digest"]
        if shutil.which("cosign"):
            image = f"{self.chosen.registry}@{digest}"
            cosign("sign", image)
            cosign("attest", "--type", "cyclonedx", "--predicate", self.folder / f"{self.name}.cdx.json", image)

    def build_arguments(self):
        return "--build-arg", f"VERSION={self.version}", "--build-arg", f"REVISION={self.commit}"

    def make_checksums(self):
        lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
                 for file in sorted(self.folder.iterdir())]
        (self.folder / "SHA256SUMS").write_text("".join(lines))

    def sign_checksums(self):
        """They name every file."""
        sums = self.folder / "SHA256SUMS"
        if shutil.which("cosign"):
            cosign("sign-blob", "--bundle", f"{sums}.sigstore.json", sums)
        else:
            print("Not signed: there is no cosign here.", flush=True)


def helm():
    found = os.environ.get("HELM", shutil.which("helm", path=f"{os.environ['PATH']}:{ROOT / 'target/helm/bin'}"))
    if not found:
        raise Failure("There is no helm here: install it, or name one in HELM")
    return found


def cosign(command, *arguments):
    key = ["--key", os.environ["COSIGN_KEY"]] if "COSIGN_KEY" in os.environ else []
    run("cosign", command, "--yes", *key, *arguments)


def check_natives(jar):
    """What runs on one platform alone is there for both."""
    found = {}
    for name in jar.namelist():
        if "netty-transport-native-epoll" in name or "/aircompressor-" in name:
            with zipfile.ZipFile(io.BytesIO(jar.read(name))) as library:
                for entry in library.namelist():
                    if entry.endswith(".so"):
                        machine = struct.unpack_from("<H", library.read(entry), 18)[0]
                        found[entry.removeprefix("META-INF/native/")] = machine
    wrong = {name: found.get(name) for name, machine in NATIVES.items() if found.get(name) != machine}
    if wrong:
        raise Failure(f"The jar lacks native code: {wrong}")


def release():
    chosen = settings()
    found = mistakes(chosen.tag)
    if chosen.folder.exists() and any(chosen.folder.iterdir()):
        found.append(f"{chosen.folder} is not empty")
    if found:
        raise Failure("no release is made.\n" + "\n".join(found))
    chosen.folder.mkdir(parents=True, exist_ok=True)
    Release(chosen).make()


if __name__ == "__main__":
    main(release)
