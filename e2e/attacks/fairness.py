"""How long shippers that behave wait beside a thousand connections that do not: `e2e/attacks/run.py --fair`.

The hostile ones run in a process of their own and come from an address of their own, as sources take turns. Each kind
is measured against the same shippers just before it. Run it on a machine that does nothing else: the figure just after
tells how busy it was. The shippers begin some seconds after the hostile ones, as a JVM interprets what it never did
before.
"""

import multiprocessing
import struct
import time

import msgpack

from e2e.attacks import connections, detection, forward, frames, headers, lumberjack, texts
from e2e.attacks import scene as scenes
from e2e.attacks.shippers import Fleet
from e2e.harness.checks import wait_for

HOSTILE, HOSTILE_ADDRESS = 1000, "127.0.0.66"
EACH = 7  # shippers of a kind: about twenty
IDLE_SECONDS, WARM_UP_SECONDS, SECONDS = 4, 4, 8
FACTOR, FLOOR = 5, 0.1
HELD, FRAME = 60_000, 200_000


def begun(start):
    """Most of a long frame on each connection, then a byte now and then."""
    def attack(scene):
        with scenes.crowd(scene.port, HOSTILE, start + b"x" * HELD, scene.until) as crowd:
            scenes.drip(crowd, b"x", 0.5, scene.until)
    return attack


def half_handshakes(scene):
    """The first bytes of a TLS handshake, and no more."""
    with scenes.crowd(scene.secure_port, HOSTILE, bytes.fromhex("16030100ff0100"), scene.until):
        scene.rest()


def floods(scene):
    """Lines as fast as they are taken."""
    with scenes.crowd(scene.port, HOSTILE, b"<13>1 - flood app - - - x\n", scene.until) as crowd:
        scenes.drip(crowd, b"<13>1 - flood app - - - x\n" * 40, 0.05, scene.until)


KINDS = {
    "syslog: most of a frame": begun(f"{FRAME} <13>1 - slow app - - - ".encode()),
    "text: most of a line": begun(b"<13>1 - slow app - - - "),
    "JSON: most of an object": begun(b'{"message":"'),
    "RELP: most of a message": begun(f"1 open 14 relp_version=0\n2 syslog {FRAME} <13>1 - a b - - - ".encode()),
    "Lumberjack: most of an event": begun(b"2W" + struct.pack(">I", 1) + b"2J" + struct.pack(">II", 1, FRAME)),
    "Forward: most of a chunk": begun(b"\x92" + msgpack.packb("shop") + b"\xc6" + struct.pack(">I", FRAME)),
    "TLS: most of a hello": half_handshakes,
    "syslog: floods": floods,
    "Forward: giant ids": forward.giant_ids_alone,
    "Forward: a gzip member a byte": forward.gzip_member_a_byte,
    "Forward: empty chunks": forward.empty_chunks,
    "Forward: wrong keys": headers.keyed,
    "Lumberjack: empty windows, compressed": lumberjack.empty_windows,
    "Lumberjack: compressed frames begun": lumberjack.begun_frames,
    "detection: nested start": detection.nested_start,
    "detection: blank lines": detection.blank_lines,
    "frames: most of a large one": frames.partial_frames,
    "connections: reset at once": connections.connect_and_reset,
    "connections: headers of proxies": headers.proxy_headers_alone,
    "http: headers without end": connections.http_headers,
    "tls: key updates": connections.key_updates,
    "tls: whole handshakes": connections.handshakes,
    "texts: bearer": texts.bearer,
    "texts: access keys": texts.access_keys,
    "texts: expression": texts.expression,
}


def hostile(kind, scene):
    scenes.address = HOSTILE_ADDRESS
    scene.until = time.monotonic() + scene.seconds
    KINDS[kind](scene)


def ship(world, name, seconds):
    fleet = Fleet(f"{name}-{time.time_ns()}", world.service.port, EACH).start()
    time.sleep(seconds)
    fleet.stop()
    return fleet


def measure(world, kind):
    """Returns a line of figures, and what was unfair."""
    world.restart_when_gone()
    scene = world.scene(WARM_UP_SECONDS + SECONDS, database=None)
    wait_for("nothing in flight", lambda: world.service.metric("sluice_inflight_bytes") == 0, 120)
    idle = ship(world, "idle", IDLE_SECONDS).p99()
    scene.hostile = HOSTILE
    crowd = multiprocessing.get_context("fork").Process(target=hostile, args=(kind, scene), daemon=True)
    crowd.start()
    try:
        time.sleep(WARM_UP_SECONDS)
        fleet = ship(world, "beside", SECONDS)
    finally:
        crowd.join(SECONDS + 60)
        if crowd.is_alive():
            crowd.kill()
    after = ship(world, "idle", IDLE_SECONDS).p99()
    beside, limit = fleet.p99(), max(FLOOR, FACTOR * idle)
    failures = [*fleet.failures(), *world.kept(fleet)]
    if beside > limit:
        failures.append(f"p99 {beside:.3f} s, limit {limit:.3f} s")
    return (f"{len(fleet.acknowledged()):>6} acked, p99 {idle:.3f} s alone, {beside:.3f} s beside,"
            f" {after:.3f} s after"), failures
