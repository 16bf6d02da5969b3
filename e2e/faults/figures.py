"""What is measured while the faults go on, as a table and as a picture, and what must be flat in it."""

import contextlib
import csv
import os
import statistics
import threading
import time
from pathlib import Path

from e2e.harness.checks import Failure
from e2e.harness.machine import resident_mb

HIGH, WIDE, LEFT = 90, 760, 150
SLACK = {"memory MB": 1.25, "descriptors": 1.5, "threads": 1.25}  # what a later quarter of the run may have more


class Figures(threading.Thread):
    """A row each few seconds: of one instance, which may be restarted, and of the database."""

    def __init__(self, world, seconds):
        super().__init__(daemon=True)
        self.world, self.seconds, self.stopped = world, seconds, threading.Event()
        self.rows, self.faults, self.began = [], [], time.monotonic()

    def run(self):
        while not self.stopped.wait(self.seconds):
            row = {"seconds": round(time.monotonic() - self.began)}
            for source in (self.instance, self.database, self.shippers):
                with contextlib.suppress(Failure, OSError, ValueError, AttributeError):
                    row.update(source())  # what stands still or is away has no figure
            self.rows.append(row)

    def instance(self):
        one = self.world.instances[0]
        pid = one.process.pid
        process = Path(f"/proc/{pid}")
        return {"memory MB": round(resident_mb(pid)), "descriptors": len(os.listdir(process / "fd")),
                "threads": len(os.listdir(process / "task"))}

    def database(self):
        sizes = self.world.owner("SELECT pg_total_relation_size('ingest_batch') / 1000000,"
                                 " pg_total_relation_size('ingest_delivery') / 1000000,"
                                 " (SELECT count(*) FROM pg_inherits WHERE inhparent = 'log_event'::regclass)")[0]
        return dict(zip(("ledger of batches MB", "ledger of deliveries MB", "partitions"), map(int, sizes)))

    def shippers(self):
        since = time.monotonic() - self.seconds
        waits = sorted(until - began for shipper in self.world.fleet.shippers
                       for _, began, until in shipper.answers[-1000:] if until >= since)
        return {"longest wait of 99 % ms": round(1000 * waits[len(waits) * 99 // 100])} if waits else {}

    def stop(self):
        self.stopped.set()
        self.join(30)

    def columns(self):
        return list(dict.fromkeys(column for row in self.rows for column in row))

    def write(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "figures.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, self.columns())
            table.writeheader()
            table.writerows(self.rows)
        (folder / "figures.svg").write_text(picture(self.rows, self.columns()[1:], self.faults))

    def grown(self):
        """What grew from the second quarter of the run to the last one by more than it may."""
        found = []
        for column, most in SLACK.items():
            values = [row[column] for row in self.rows if column in row]
            quarter = len(values) // 4
            if quarter < 10:
                return []  # too short to tell
            early = statistics.median(values[quarter:2 * quarter])
            late = statistics.median(values[-quarter:])
            if late > most * early:
                found.append(f"{column}: {early:.0f} became {late:.0f}")
        return found


def picture(rows, columns, faults):
    """One line above the other over one axis of time, with a stroke at each fault."""
    last = max((row["seconds"] for row in rows), default=1) or 1
    parts = []
    for place, column in enumerate(columns):
        points = [(row["seconds"], row[column]) for row in rows if column in row]
        top = max((value for _, value in points), default=0) or 1
        base = (place + 1) * HIGH - 15
        line = " ".join(f"{LEFT + WIDE * x / last:.1f},{base - (HIGH - 30) * y / top:.1f}" for x, y in points)
        parts += [f'<text x="4" y="{base - 40}">{column}</text>', f'<text x="4" y="{base - 24}">up to {top}</text>',
                  f'<path class="axis" d="M{LEFT} {base}h{WIDE}"/>', f'<polyline points="{line}"/>']
    strokes = "".join(f'<path class="fault" d="M{LEFT + WIDE * at / last:.1f} 0V{len(columns) * HIGH}"/>'
                      for at in faults)
    height = len(columns) * HIGH + 20
    style = ("text{font:12px sans-serif;fill:#555}polyline{fill:none;stroke:#06c;stroke-width:1.2}"
             ".axis{stroke:#999}.fault{stroke:#c00;stroke-width:.6;opacity:.35}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 10} {height}"><style>{style}</style>'
            f'<rect width="100%" height="100%" fill="#fff"/>{strokes}{"".join(parts)}'
            f'<text x="{LEFT}" y="{height - 5}">0</text>'
            f'<text x="{LEFT + WIDE - 60}" y="{height - 5}">{last} s</text></svg>\n')
