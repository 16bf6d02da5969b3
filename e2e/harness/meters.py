"""Prometheus' text, as the service and a pod of it write it."""

import re

SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """A list of (name, labels, value)."""
    matches = filter(None, map(SAMPLE.match, text.splitlines()))
    return [(match["name"], dict(LABEL.findall(match["labels"] or "")), float(match["value"])) for match in matches]


def total(samples, name, **labels):
    """The sum of the samples with this name and these labels, 0 when there is none."""
    return sum(value for sample, found, value in samples if sample == name and labels.items() <= found.items())
