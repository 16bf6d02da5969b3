#!/usr/bin/env python3
"""Writes the JSON schemas that kubeconform reads: `helm/schemas.py FOLDER SWAGGER_JSON CRD_FILE...`.

Kubernetes' own kinds come from its OpenAPI specification, the others from the definitions of their operators. Both are
made strict: a field that does not exist is an error.
"""

import json
import re
import sys
from pathlib import Path

import yaml

OPEN = "x-kubernetes-preserve-unknown-fields"

REFERENCE = re.compile(r'"#/definitions/([^"]+)"')

# YAML 1.1 gives a lone "=" a type of its own, which no reader makes.
yaml.SafeLoader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_scalar)


def strict(schema):
    """The schema with no other fields than it names, and with the two types that are written as text or as number."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        return {"type": ["string", "integer"]}
    done = {key: strict(value) for key, value in schema.items()}
    named = isinstance(done.get("properties"), dict)
    if named and "additionalProperties" not in done and not schema.get(OPEN):
        done["additionalProperties"] = False
    return done


def write(folder, kind, group, version, schema):
    # kubeconform's own naming: the kind, the first word of the group, the version.
    parts = [kind, group.split(".")[0], version] if group else [kind, version]
    (folder / ("-".join(parts).lower() + ".json")).write_text(json.dumps(schema))


def references(schema):
    """The names of the definitions that a schema refers to."""
    return set(REFERENCE.findall(json.dumps(schema)))


def write_kubernetes(folder, specification):
    """kubeconform reads one file a kind, so each holds every definition that it needs."""
    definitions = json.loads(specification.read_text())["definitions"]
    kinds = {name: definition.get("x-kubernetes-group-version-kind", []) for name, definition in definitions.items()}
    definitions = {name: strict(definition) for name, definition in definitions.items()}
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {"type": ["string", "number"]}
    for name in definitions:
        needed, found = set(), {name}
        while found:
            needed |= found
            found = {other for one in found for other in references(definitions[one])} - needed
        schema = {"$ref": f"#/definitions/{name}", "definitions": {one: definitions[one] for one in sorted(needed)}}
        for kind in kinds[name]:
            write(folder, kind["kind"], kind["group"], kind["version"], schema)


def write_custom(folder, file):
    for document in yaml.safe_load_all(file.read_text()):
        if document and document.get("kind") == "CustomResourceDefinition":
            spec = document["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {"type": "object"}
                write(folder, spec["names"]["kind"], spec["group"], version["name"], schema)


def main():
    folder, specification, *custom = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    write_kubernetes(folder, specification)
    for file in custom:
        write_custom(folder, file)


if __name__ == "__main__":
    main()
