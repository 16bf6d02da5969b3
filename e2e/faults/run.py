#!/usr/bin/env python3
"""Faults on real parts, by a plan that a seed makes: instances, balancers, a primary and its standby, shippers.

`e2e/faults/run.py --short` brings ten faults, `e2e/faults/run.py` each fault three times, alone and beside another one;
`--minutes 120 --every 120 --load 40000` is the soak: a fault every two minutes beside a load of 40 000 events a second.
`--seed` repeats a plan, `--only NAME` brings one fault alone. After each fault every shipper must have an answer within
90 seconds. At the end everything that was acknowledged is stored, or a dead letter, and what has an id is there once;
memory, descriptors and threads have not grown. `--keep FOLDER` keeps logs, figures and their picture there.
"""

import argparse
import contextlib
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench import tools
from e2e.faults.figures import Figures
from e2e.faults.kinds import DATABASE, SERVICE
from e2e.faults.world import World, can_mount
from e2e.harness.checks import Failure
from e2e.harness.program import main, work_folder

SHORT = 10
LASTS = (1.0, 8.0)  # seconds, from a fault's begin to its end
BEGINS_SECONDS = 150  # and is mended: an owner waits for what a standing instance has locked, as all others do
LOAD_EVENTS = 1_000_000


class Step:
    """One fault, or one of each group at the same time."""

    def __init__(self, names, lasts):
        self.names, self.lasts = names, lasts

    def __str__(self):
        return " beside ".join(self.names)


def plan(random_numbers, arguments):
    """Each fault as often as the others, every third beside one of the other group; the seed decides the order."""
    names = [arguments.only] if arguments.only else [*SERVICE, *DATABASE]
    if arguments.minutes:
        count = max(1, round(arguments.minutes * 60 / arguments.every))
    else:
        count = arguments.faults or (SHORT if arguments.short else 3 * len(names))
    order = []
    while len(order) < count:
        order += random_numbers.sample(names, len(names))
    for number, name in enumerate(order[:count]):
        others = list(DATABASE if name in SERVICE else SERVICE)
        beside = number % 3 == 2 and not arguments.only
        yield Step([name, random_numbers.choice(others)] if beside else [name], random_numbers.uniform(*LASTS))


class Load(threading.Thread):
    """Events without acknowledgement at a rate, by the sender of bench; it begins anew when it is disconnected."""

    def __init__(self, work, port, rate):
        super().__init__(daemon=True)
        self.tools, self.port, self.rate, self.running = tools.Tools(work), port, rate, True

    def run(self):
        tools.build()
        file = self.tools.events_file("rfc5424", LOAD_EVENTS)
        while self.running:
            try:
                self.tools.send(self.port, file, 4, self.rate)
            except Failure:
                time.sleep(0.5)


def bring(world, step):
    """The service's fault begins first and ends last: an instance can start only when its database is there."""
    with contextlib.ExitStack() as faults:
        told = [faults.enter_context({**SERVICE, **DATABASE}[name](world))
                for name in sorted(step.names, key=lambda name: name in DATABASE)]
        time.sleep(step.lasts)
    return " ".join(filter(None, told))


def go(world, steps, figures, every):
    for number, step in enumerate(steps, 1):
        began = time.monotonic()
        figures.faults.append(began - figures.began)
        detail = bring(world, step)
        took = time.monotonic() - began
        if took > step.lasts + BEGINS_SECONDS:
            raise Failure(f"{step} took {took:.0f} s to begin and to be mended")
        answered = world.wait_for_answers()
        print(f"{number:>3}: {step}{f' ({detail})' if detail else ''}, {took:.1f} s;"
              f" each shipper answered {answered:.1f} s after it", flush=True)
        world.harvest()
        time.sleep(max(0.5, every - (time.monotonic() - began)) if every else 0.5)


def faults():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} faults")
    parser.add_argument("--faults", type=int, help="so many")
    parser.add_argument("--minutes", type=float, help="go on for so long")
    parser.add_argument("--every", type=float, default=0, help="seconds from one fault to the next")
    parser.add_argument("--load", type=int, default=0, help="events a second beside")
    parser.add_argument("--only", choices=[*SERVICE, *DATABASE], metavar="NAME", help="this fault alone")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", metavar="FOLDER", help="logs and figures go there; else where they are, on a failure")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    numbers = random.Random(arguments.seed)
    steps = list(plan(numbers, arguments))
    with work_folder("faults") as work, World(work, numbers, can_mount()) as world:
        figures = Figures(world, 10 if arguments.minutes else 2)
        load = Load(work, world.plain, arguments.load)
        kept = arguments.keep
        try:
            figures.start()
            if arguments.load:
                load.start()
            go(world, steps, figures, arguments.every)
            if not figures.is_alive() or (arguments.load and not load.is_alive()):
                raise Failure("the figures or the load ended by themselves")
            load.running = False
            figures.stop()
            world.settle()
            told = world.check()
            if arguments.minutes and (grown := figures.grown()):
                raise Failure(f"grown: {grown}")
        except BaseException:
            kept = kept or f"{work}-failed"
            print(world.tails(), file=sys.stderr, flush=True)
            raise
        finally:
            if kept:
                figures.write(kept)
                world.keep_logs(kept)
        print(f"passed: {len(steps)} steps; {told}", flush=True)


if __name__ == "__main__":
    main(faults)
