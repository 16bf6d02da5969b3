"""Attacks on framing: frames that do not go on, counts that are wrong, lines that do not end."""

import json
import time

from e2e.attacks.scene import connect, crowd, drip, push
from e2e.harness.checks import wait_for

FRAME = 262_100
GOOD = 10_000
OBJECTS = 5_000


def partial_frames(scene):
    """Most of a large frame on each of 80 connections, then a byte every half second."""
    start = f"{FRAME} <13>1 - slow app - - - ".encode()
    with crowd(scene.port, scene.many(80, 80), start + b"x" * 250_000, scene.until) as connections:
        drip(connections, b"x", 0.5, scene.until)


def slipping_count(scene):
    """Counted frames of which one has no priority: all others are stored all the same."""
    run = time.time_ns()
    frames = [f"<13>1 - slip app - - - slip {run} {n}" for n in range(GOOD)]
    frames.insert(100, "a message without PRI")
    data = b"".join(f"{len(frame)} {frame}".encode() for frame in frames)
    with connect(scene.port) as connection:
        push(connection, data, time.monotonic() + 60)
    wait_for(f"{GOOD} events beside one without a priority", lambda: scene.stored(f"slip {run} %") == GOOD)


def objects_without_end_of_line(scene):
    """JSON says itself where an object ends."""
    run = time.time_ns()
    data = b"".join(json.dumps({"message": f"endless {run} {n}"}).encode() for n in range(OBJECTS))
    with connect(scene.port) as connection:
        push(connection, data, time.monotonic() + 60)
    wait_for(f"{OBJECTS} objects without a line feed", lambda: scene.stored(f"endless {run} %") == OBJECTS)


def text_without_end_of_line(scene):
    """No byte that was read is dropped unsaid: it is stored, a dead letter, or the connection was closed for it."""
    run = time.time_ns()
    data = b"".join(f"<13>1 - line app - - - unending {run} {n}".encode() for n in range(GOOD))
    before = scene.database.number("SELECT coalesce(sum(octet_length(payload)), 0) FROM dead_letter")
    closed = scene.service.metric("sluice_connections_closed_total", reason="protocol_error")
    with connect(scene.port) as connection:
        push(connection, data, time.monotonic() + 60)

    def kept():
        stored = scene.database.number("SELECT coalesce(sum(octet_length(message)), 0) FROM log_event"
                                       f" WHERE message LIKE 'unending {run} %'")
        dead = scene.database.number("SELECT coalesce(sum(octet_length(payload)), 0) FROM dead_letter") - before
        texts = len(data) - GOOD * len("<13>1 - line app - - - ")
        return stored + dead >= texts or scene.service.metric(
            "sluice_connections_closed_total", reason="protocol_error") > closed

    wait_for(f"{len(data)} bytes without a line feed, stored or refused", kept)
