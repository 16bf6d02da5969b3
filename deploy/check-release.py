#!/usr/bin/env python3
"""Makes a release of a clone into an empty folder, out of the jar and the image that are there already, and looks at
what is in it; then that the script refuses what is none. Needs target/sluice.jar, helm, and the image that
check-image.py builds.
"""

import hashlib
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.release_source import versions
from e2e.harness.checks import require
from e2e.harness.processes import run
from e2e.harness.program import ROOT, main

IMAGE = "sluice:check"
VERSION = versions("")["pom.xml"]
COSIGN = '#!/bin/sh\necho "$@" >>"${0%/*}/asked"\nfor file; do :; done\necho signed >"$file.sigstore.json"\n'


class Clone:
    """A repository of its own, at the same commit and with one tag, whatever tags are here already."""

    def __init__(self, work):
        self.root, self.work = work / "clone", work
        run("git", "clone", "--quiet", "--shared", "--no-tags", ROOT, self.root)
        self.git("tag", f"v{VERSION}")

    def git(self, *arguments):
        run("git", "-C", self.root, "-c", "user.name=check", "-c", "user.email=check@localhost", *arguments)

    def release(self, folder, tag=f"v{VERSION}", jar=ROOT / "target" / "sluice.jar"):
        path = f"{self.work / 'bin'}:{ROOT / 'target/helm/bin'}:{os.environ['PATH']}"
        return run("deploy/release.py", tag, folder, "--platforms", "linux/amd64", "--jar", jar, "--image", IMAGE,
                   check=False, cwd=self.root, env={"PATH": path})

    def require_refused(self, what, words, tag=f"v{VERSION}"):
        folder = self.work / "refused"
        done = self.release(folder, tag)
        require(f"refused: {what}", done.returncode == 1 and words in done.stderr and not folder.exists(), done.stderr)

    def edit(self, name, old, new):
        file = self.root / name
        text = file.read_text()
        require(f"{name} has {old}", old in text)
        file.write_text(text.replace(old, new))


def check_content(clone, folder):
    done = clone.release(folder)
    require("a release is made", done.returncode == 0, done.stderr)
    print(done.stdout, end="", flush=True)
    name = f"sluice-{VERSION}"
    names = {file.name for file in folder.iterdir()}
    made = {".jar", ".cdx.json", ".tgz", "-sql.tar.gz", "-notes.md", "-linux-amd64.oci.tar"}
    wanted = {"SHA256SUMS", "SHA256SUMS.sigstore.json", *(f"{name}{part}" for part in made)}
    require("all of it", names == wanted, names)
    require("checksums", "FAILED" not in run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=folder).stdout)
    asked = (clone.work / "bin" / "asked").read_text()
    require("cosign is asked to sign the checksums", "sign-blob" in asked and "SHA256SUMS" in asked, asked)
    sbom = json.loads((folder / f"{name}.cdx.json").read_text())
    require("the SBOM is CycloneDX and of this version", sbom["bomFormat"] == "CycloneDX"
            and sbom["metadata"]["component"]["version"] == VERSION)
    with tarfile.open(folder / f"{name}-sql.tar.gz") as archive:
        expected = sorted(file.name for file in (ROOT / "src/main/resources/db/migration").iterdir())
        require("the SQL", [Path(entry).name for entry in archive.getnames()] == expected, archive.getnames())
    with tarfile.open(folder / f"{name}.tgz") as archive:
        chart = archive.extractfile("sluice/Chart.yaml").read().decode()
        schema = "sluice/values.schema.json" in archive.getnames()
        require("the chart", schema and f"version: {VERSION}" in chart, chart)
    notes = (folder / f"{name}-notes.md").read_text()
    require("notes, upgrading first", notes.startswith(f"# Sluice {VERSION}\n\n### Upgrading\n"), notes[:200])
    check_image(folder / f"{name}-linux-amd64.oci.tar")


def check_image(path):
    """Each blob of the archive is what its name says, and the layers are those of the image's configuration."""
    with tarfile.open(path) as archive:
        blobs = {}
        for entry in archive:
            content = archive.extractfile(entry).read()
            if entry.name.startswith("blobs/sha256/"):
                digest = entry.name.rpartition("/")[2]
                require_digest(digest, content)
                blobs[f"sha256:{digest}"] = content
            elif entry.name == "index.json":
                index = json.loads(content)
    manifest = json.loads(blobs[index["manifests"][0]["digest"]])
    settings = json.loads(blobs[manifest["config"]["digest"]])
    require("the image is an OCI archive with all of its layers",
            all(layer["digest"] in blobs for layer in manifest["layers"])
            and len(manifest["layers"]) == len(settings["rootfs"]["diff_ids"])
            and index["manifests"][0]["platform"] == {"architecture": "amd64", "os": "linux"})


def require_digest(digest, content):
    if hashlib.sha256(content).hexdigest() != digest:
        require(f"the digest of {digest}", False)


def check_refusals(clone, folder):
    clone.require_refused("a tag that does not exist", "There is no tag v9.9.9", tag="v9.9.9")
    clone.edit("pom.xml", f"<version>{VERSION}</version>", "<version>9.9.9</version>")
    clone.require_refused("a tree with changes", " M pom.xml")
    clone.git("commit", "--quiet", "--all", "--message", "Another version")
    clone.require_refused("a tag of another commit", f"v{VERSION} is not what is checked out here")
    clone.git("tag", "--force", f"v{VERSION}")
    clone.require_refused("files that do not agree", f"pom.xml has 9.9.9, not {VERSION}")
    clone.git("tag", "v9.9.9")
    clone.require_refused("a chart and a changelog of before", "CHANGELOG.md has none, not 9.9.9", tag="v9.9.9")
    clone.edit("pom.xml", "<version>9.9.9</version>", f"<version>{VERSION}</version>")
    clone.git("commit", "--quiet", "--all", "--message", "The same version at another commit")
    clone.git("tag", "--force", f"v{VERSION}")
    done = clone.release(clone.work / "other")
    require("refused: a jar of another commit", "The jar is of" in done.stderr, done.stderr)
    done = clone.release(folder)
    require("refused: a folder that is not empty", "is not empty" in done.stderr, done.stderr)


def check_all():
    changed = run("git", "-C", ROOT, "status", "--porcelain").stdout
    require("the tree is as it was committed, so that jar and image are of the commit", not changed, changed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "bin").mkdir()
        (work / "bin" / "cosign").write_text(COSIGN)
        (work / "bin" / "cosign").chmod(0o755)
        clone = Clone(work)
        check_content(clone, work / "release")
        check_refusals(clone, work / "release")


if __name__ == "__main__":
    main(check_all)
