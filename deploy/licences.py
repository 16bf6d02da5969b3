#!/usr/bin/env python3
"""Checks that docs/licences.md is what the SBOM in target/sluice.jar says; `deploy/licences.py update` writes it."""

import io
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.checks import Failure
from e2e.harness.program import ROOT, main

PAGE = ROOT / "docs" / "licences.md"
# Of a component with several, one of these is enough: its owner leaves the choice.
# RE2/J calls the three-clause BSD licence of Go by the name of Go.
ALLOWED = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0", "Go License", "MIT", "MIT-0"}
# What Spring Boot's packaging adds: it lays the jar out in layers.
PACKAGING = "spring-boot-jarmode-tools-"
HEAD = """# Licences of what is in the jar

Written by `deploy/licences.py update` from the SBOM, which is in the jar itself (`META-INF/sbom/application.cdx.json`,
CycloneDX) with every version. The SBOM also names what the development database needs; that is not in the jar.

| component | licences |
|---|---|
"""


def licences(component):
    found = [entry.get("expression") or entry["license"].get("id") or entry["license"].get("name")
             for entry in component.get("licenses", [])]
    return sorted(found)


def read(jar):
    """The components whose files are in the jar."""
    with zipfile.ZipFile(jar) as archive:
        sbom = json.load(io.BytesIO(archive.read("META-INF/sbom/application.cdx.json")))
        files = {Path(name).name for name in archive.namelist() if name.startswith("BOOT-INF/lib/") and name[-1] != "/"}
    components, known = {}, set()
    for component in sbom["components"]:
        start = f"{component['name']}-{component['version']}"
        mine = {file for file in files if file in (f"{start}.jar",) or file.startswith(f"{start}-")}
        known |= mine
        if mine:
            components[f"{component['group']}:{component['name']}"] = licences(component)
    return components, {file for file in files - known if not file.startswith(PACKAGING)}


def check():
    components, unknown = read(ROOT / "target" / "sluice.jar")
    rows = "".join(f"| {name} | {', '.join(found)} |\n" for name, found in sorted(components.items()))
    if sys.argv[1:] == ["update"]:
        PAGE.write_text(HEAD + rows)
    refused = [f"{name}: {found}" for name, found in components.items() if not ALLOWED & set(found)]
    problems = [f"not in the SBOM: {file}" for file in unknown] + [f"licence not allowed: {one}" for one in refused]
    if PAGE.read_text() != HEAD + rows:
        problems.append("docs/licences.md is out of date: run deploy/licences.py update")
    if problems:
        raise Failure("\n".join(problems))
    print(f"{len(components)} components, each with an allowed licence", flush=True)


if __name__ == "__main__":
    main(check)
