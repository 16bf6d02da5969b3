"""The books in bytes: what was read is in an event, in a dead letter, or counted as discarded, but for the framing.

Streams whose framing is known to the byte are sent while nobody else sends, good ones and broken ones of each protocol.
"""

import contextlib
import json
import socket
import struct
import time

import msgpack

from e2e.attacks.scene import connect
from e2e.harness.checks import Failure, wait_for

OVERSIZE = 600_000
GARBAGE = b"\xff" * 100
SETTLE_SECONDS = 60


class Stream:
    """Bytes of one protocol, and how many of them are framing; events are as long as `event` says."""

    def __init__(self, name, protocol, data, framing, event_bytes):
        self.name, self.protocol, self.data, self.framing, self.event_bytes = name, protocol, data, framing, event_bytes


def streams(run):
    """In each of them the messages are `books <run> <four digits>`, so that events are equally long."""
    texts = [f"books {run} {n:04}" for n in range(200)]
    syslog = [f"<13>1 - good shop - - - {text}".encode() for text in texts]
    objects = [json.dumps({"message": text}).encode() for text in texts]
    one = len(syslog[0])
    yield Stream("syslog, lines", "syslog", b"".join(line + b"\n" for line in syslog), 200, one)
    yield Stream("syslog, counted", "syslog", b"".join(b"%d %s" % (one, line) for line in syslog), 200 * 3, one)
    yield Stream("syslog, a line too long", "syslog",
                 syslog[0] + b"\n" + b"<13>1 - a b - - - " + b"x" * OVERSIZE + b"\n", 2, one)
    yield Stream("syslog, ended within a frame", "syslog",
                 b"%d %s" % (one, syslog[0]) + b"90 <13>1 - a b - - - x", 3 + 3, one)
    yield Stream("JSON, lines", "json", b"".join(each + b"\n" for each in objects), 200, len(objects[0]))
    yield Stream("JSON, nothing between", "json", b"".join(objects), 0, len(objects[0]))
    yield Stream("GELF", "gelf", b"".join(each + b"\0" for each in objects), 200, len(objects[0]))
    opened, closed = b"1 open 14 relp_version=0\n", b"3 close 0\n"
    message = b"2 syslog %d " % one
    yield Stream("RELP, garbage after the end", "relp", opened + message + syslog[0] + b"\n" + closed + GARBAGE,
                 len(opened) + len(message) + 1 + len(closed), one)
    window = b"2W" + struct.pack(">I", 1)
    event = b"2J" + struct.pack(">II", 1, len(objects[0]))
    yield Stream("Lumberjack, garbage", "lumberjack", window + event + objects[0] + GARBAGE, len(window + event),
                 len(objects[0]))
    yield Stream("Lumberjack, ended within a frame", "lumberjack", window + event + objects[0] + window + event + b"{",
                 len(window + event) + len(window), len(objects[0]))
    chunk = msgpack.packb(["shop", [[1700000000, {"message": texts[0]}]]])
    yield Stream("Forward, garbage", "forward", chunk + GARBAGE, 0, len(chunk))


class Books:
    """What the meters and the tables say now."""

    def __init__(self, world, stream, run):
        service, database = world.service, world.database
        self.received = service.metric("sluice_received_bytes_total", protocol=stream.protocol)
        self.discarded = service.metric("sluice_discarded_bytes_total")
        self.dead = database.number("SELECT coalesce(sum(octet_length(payload)), 0) FROM dead_letter")
        self.events = database.number(f"SELECT count(*) FROM log_event WHERE message LIKE 'books {run} %'")

    def missing_since(self, before, stream):
        events = (self.events - before.events) * stream.event_bytes
        kept = events + self.dead - before.dead + self.discarded - before.discarded + stream.framing
        return int(self.received - before.received - kept)


def send(world, stream):
    """Sends it, ends, and waits for the service's end."""
    with connect(world.service.port, SETTLE_SECONDS) as connection, contextlib.suppress(OSError):
        connection.sendall(stream.data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


def unbalanced(world, stream, run, before):
    """Whether something is missing yet, and what."""
    now = Books(world, stream, run)
    received, missing = now.received - before.received, now.missing_since(before, stream)
    return not received or missing, (f"{stream.name}: {received:.0f} bytes received of {len(stream.data)}, {missing} of"
                                     " them nowhere")


def wait_until_balanced(world, stream, run, before):
    def now():
        return unbalanced(world, stream, run, before)
    wait_for(lambda: now()[1], lambda: not now()[0], SETTLE_SECONDS, 0.2)


def balance(world):
    """Returns a line of figures, and which streams do not balance."""
    failures, total, run = [], 0, f"{time.time_ns() % 10**6:06}"
    for stream in streams(run):
        before = Books(world, stream, run)
        send(world, stream)
        try:
            wait_until_balanced(world, stream, run, before)
        except Failure as failure:
            failures.append(str(failure))
        total += len(stream.data)
    return f"{total} bytes in {len(list(streams(run)))} streams", failures
