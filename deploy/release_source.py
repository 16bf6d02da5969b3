"""What a release is made from: a tag, a tree that is that tag's, and files that agree about the version."""

import re
import xml.etree.ElementTree as xml

import yaml

from e2e.harness.processes import run
from e2e.harness.program import ROOT

POM = "{http://maven.apache.org/POM/4.0.0}"


def git(*arguments, check=True):
    return run("git", "-C", ROOT, *arguments, check=check).stdout.rstrip()


def mistakes(tag):
    """Everything that speaks against the release, each in a sentence."""
    found = []
    commit = git("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}", check=False)
    if not commit:
        found.append(f"There is no tag {tag}: git tag --annotate {tag}")
    elif commit != git("rev-parse", "HEAD"):
        found.append(f"{tag} is not what is checked out here: git switch --detach {tag}")
    changed = git("status", "--porcelain")
    if changed:
        found.append(f"The tree is not as it was committed:\n{changed}")
    version = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?", tag):
        found.append(f"{tag} is not of the form v1.2.3")
    found += [f"{place} has {stated or 'none'}, not {version}" for place, stated in versions(version).items()
              if stated != version]
    return found


def versions(version):
    chart = yaml.safe_load((ROOT / "helm" / "sluice" / "Chart.yaml").read_text())
    dockerfile = re.search(r"^ARG VERSION=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return {"pom.xml": xml.parse(ROOT / "pom.xml").getroot().findtext(f"{POM}version"),
            "The version of helm/sluice/Chart.yaml": chart["version"],
            "The appVersion of helm/sluice/Chart.yaml": chart["appVersion"],
            "Dockerfile": dockerfile and dockerfile[1],
            "CHANGELOG.md": version if changes(version) else None}


def changes(version):
    """The section of the changelog, with what upgrading takes in front."""
    section = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)", (ROOT / "CHANGELOG.md").read_text(),
                        re.MULTILINE | re.DOTALL)
    if not section:
        return None
    parts = re.split(r"^(?=### )", section[1].strip(), flags=re.MULTILINE)
    parts.sort(key=lambda part: not part.startswith("### Upgrading"))
    return "\n".join(part.strip() + "\n" for part in parts)
