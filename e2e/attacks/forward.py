"""Attacks by Fluent Forward."""

import contextlib
import gzip
import itertools
import threading
import time

import msgpack

from e2e.attacks.scene import connect, crowd, push

ID_BYTES = 150_000
MEMBERS = 60_000


def giant_ids(scene):
    """Chunk ids of 150 KB, while the table is locked and no answer can go out."""
    locker = scene.postgres.connect()
    try:
        locker.rows("BEGIN")
        locker.rows("LOCK TABLE log_event IN ACCESS EXCLUSIVE MODE")
        giant_ids_alone(scene)
    finally:
        locker.rows("ROLLBACK")
        locker.close()


def giant_ids_alone(scene):
    """The same, and nothing is locked."""
    message = msgpack.packb(["shop", [[int(time.time()), {"message": "giant id"}]], {"chunk": "i" * ID_BYTES}])
    with crowd(scene.port, scene.many(150, 1500), message, scene.until):
        scene.rest()


def gzip_member_a_byte(scene):
    """Compressed entries, each byte of them a gzip member of its own."""
    entries = b"".join(msgpack.packb([int(time.time()), {"message": f"member {n}"}]) for n in range(MEMBERS // 25))
    chunk = msgpack.packb(["shop", b"".join(gzip.compress(bytes([b])) for b in entries),
                           {"compressed": "gzip", "chunk": "members"}])

    def attack():
        while scene.is_on():
            with connect(scene.port) as connection:
                push(connection, chunk, scene.until)
                connection.settimeout(max(1.0, scene.until - time.monotonic()))
                connection.recv(100)

    scene.threads(scene.many(2, 2), attack)


def empty_chunks(scene):
    """Chunks without an entry, with and without an id, plain and compressed, as fast as they are taken."""
    plain = [msgpack.packb(["shop", [], {"chunk": f"empty {n}"}]) for n in range(20_000)]
    bare = [msgpack.packb(["shop", []])] * 20_000
    packed = [msgpack.packb(["shop", gzip.compress(b""), {"compressed": "gzip", "chunk": f"gzip {n}"}])
              for n in range(5_000)]
    kinds = itertools.cycle([b"".join(plain), b"".join(packed), b"".join(bare)])

    def attack():
        flood = next(kinds)
        while scene.is_on():
            with contextlib.suppress(OSError), connect(scene.port) as connection:
                reader = threading.Thread(target=drain, args=(connection,), daemon=True)
                reader.start()
                while push(connection, flood, scene.until) and scene.is_on():
                    pass

    scene.threads(min(30, scene.many(6, 30)), attack)


def drain(connection):
    """Reads what comes, or the service would wait with its answers."""
    with contextlib.suppress(OSError):
        while connection.recv(65_536):
            pass
