"""Figures: a readable table on stdout, one JSON line each in results/."""

import json
import math
import statistics
import time


def percentile(values, percent):
    """Nearest rank: a value that was measured, not one in between."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def readable(value):
    if value is None:
        return "-"
    if isinstance(value, float) and abs(value) < 100:
        return f"{value:.2f}"
    return f"{value:,.0f}"


class Report:
    def __init__(self, folder, facts):
        folder.mkdir(exist_ok=True)
        self.file = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.jsonl"
        self.facts = facts
        self.scenario = None
        self.rounds, self.finals = {}, []

    def begin(self, scenario):
        self.scenario = scenario
        self.rounds, self.finals = {}, []
        print(f"\n== {scenario}", flush=True)

    def round(self, number, **values):
        """The figures of one round, as one line; their medians are asked for with `median`."""
        for figure, value in values.items():
            self.rounds.setdefault(figure, []).append(value)
            self.write(figure=figure, value=value, round=number)
        print(f"round {number}: " + ", ".join(f"{name.replace('_', ' ')} {readable(value)}"
                                              for name, value in values.items()), flush=True)

    def median(self, figure):
        return statistics.median(self.rounds[figure])

    def final(self, figure, value, unit, at_most=None, at_least=None, note=""):
        """A result of the scenario, with its goal where there is one."""
        if isinstance(value, float) and not math.isfinite(value):
            value = None
        goal, met = "", ""
        if at_most is not None:
            goal, met = f"<= {readable(at_most)}", value is not None and value <= at_most
        if at_least is not None:
            goal, met = f">= {readable(at_least)}", value is not None and value >= at_least
        verdict = {True: "met", False: "MISSED", "": ""}[met]
        self.finals.append((figure, readable(value), unit, goal, verdict, note))
        self.write(figure=figure, value=value, unit=unit, goal=goal, met=None if met == "" else met, note=note)

    def write(self, **line):
        with self.file.open("a") as out:
            out.write(json.dumps({"scenario": self.scenario, **line, **self.facts}) + "\n")

    def end(self):
        head = ("figure", "value", "unit", "goal", "", "")
        widths = [max(len(row[i]) for row in [head, *self.finals]) for i in range(5)]
        for row in [head, *self.finals]:
            cells = [f"{cell:>{width}}" if i == 1 else f"{cell:<{width}}" for i, (cell, width) in
                     enumerate(zip(row, widths))]
            print("  ".join([*cells, row[5]]).rstrip(), flush=True)
