"""Attacks on what comes before a first event: the header of a proxy, and the greeting of Forward with a shared key."""

import contextlib
import hashlib
import itertools
import socket
import struct
import time

import msgpack

from e2e.attacks.scene import connect, crowd, drip
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import free_port

SHARED_KEY = "a key of the attacks"
PROXY_PORT, KEYED_PORT = free_port(), free_port()

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ADDRESSES = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2") + struct.pack(">HH", 1000, 2000)
LINE = b"<13>1 - proxied app - - - proxied\n"

# The service that is attacked listens on these, too.
LISTENERS = {
    "SLUICE_LISTENERS_PROXIED_PORT": str(PROXY_PORT),
    "SLUICE_LISTENERS_PROXIED_PROXYPROTOCOL": "required",
    "SLUICE_LISTENERS_PROXIED_MAXCONNECTIONS": "1000",
    "SLUICE_LISTENERS_KEYED_PORT": str(KEYED_PORT),
    "SLUICE_LISTENERS_KEYED_PROTOCOL": "forward",
    "SLUICE_LISTENERS_KEYED_FORWARD_SHAREDKEY": SHARED_KEY,
    "SLUICE_LISTENERS_KEYED_MAXCONNECTIONS": "1000",
}


def header(body=ADDRESSES, command=0x21, family=0x11, length=None):
    return SIGNATURE + struct.pack(">BBH", command, family, len(body) if length is None else length) + body


def value(kind, content, length=None):
    return struct.pack(">BH", kind, len(content) if length is None else length) + content


def nested(depth):
    """TLS values that hold TLS values."""
    content = b""
    for _ in range(depth):
        content = value(0x20, struct.pack(">BI", 1, 0) + content)
    return content


TAKEN = (
    header(), header(command=0x20), header(b"", command=0x20, family=0), header(b"", family=0),
    header(bytes(216), family=0x31), header(ADDRESSES + value(0x04, bytes(1000))), header(ADDRESSES + nested(1)),
    header(ADDRESSES + nested(120)), header(ADDRESSES + b"\x01\x00"),
    header(ADDRESSES + value(1, b"ok") * 10 + b"\x02"),
)
REFUSED = (
    header(length=65_535) + bytes(2_000), header(b"", length=11), header(ADDRESSES[:5]), header(family=0xFF),
    header(command=0x2F), header(command=0x11), header(ADDRESSES + value(1, b"x", 60_000)),
    header(ADDRESSES + value(0x20, b"\1")), b"PROXY TCP4 " + b"1" * 2_000, b"PROXY \r\n" * 50,
)


def exchange(port, data):
    """Whether the service closes it; what it sends is read."""
    with connect(port, 2) as connection, contextlib.suppress(OSError):
        connection.sendall(data)
        while connection.recv(4_096):
            pass
        return True
    return False


def proxy_headers(scene):
    """Headers in order are taken, while there are others of every shape, and many that never end."""
    before = scene.stored("proxied")
    for taken in TAKEN:
        with connect(PROXY_PORT) as connection:
            connection.sendall(taken + LINE)
    proxy_headers_alone(scene)
    wait_for("headers in order are taken", lambda: scene.stored("proxied") - before >= len(TAKEN))
    stored = scene.stored("proxied") - before
    if stored != len(TAKEN):
        raise Failure(f"of {len(TAKEN)} headers that are in order {stored} were taken")


def proxy_headers_alone(scene):
    """Those that are not in order."""
    shapes = itertools.cycle(REFUSED)

    def attack():
        while scene.is_on():
            exchange(PROXY_PORT, next(shapes) + LINE)

    half = SIGNATURE + b"\x21\x11\x04\x00"
    with crowd(PROXY_PORT, scene.many(300, 900), half, scene.until) as begun:
        works = iter([lambda: drip(begun, b"\x01", 0.5, scene.until)] + [attack] * 4)
        scene.threads(5, lambda: next(works)())


def ping(nonce, key, salt=b"salt"):
    digest = hashlib.sha512(salt + b"shop" + nonce + key.encode()).hexdigest()
    return msgpack.packb(["PING", "shop", salt, digest, "", ""])


def nonce_of(connection):
    unpacker = msgpack.Unpacker()
    while True:
        more = connection.recv(1_024)
        if not more:
            raise ConnectionResetError("closed before it greeted")
        unpacker.feed(more)
        for greeting in unpacker:
            return greeting[1]["nonce"]


def keyed(scene):
    """Wrong keys as fast as it goes, greetings that are never answered, and answers that are none."""
    event = msgpack.packb(["shop", [[int(time.time()), {"message": "keyed"}]], {"chunk": "keyed"}])
    tried, let_in = [], []

    def guess():
        for salt in itertools.cycle((b"salt", b"", bytes(7_000))):
            if not scene.is_on():
                return
            with contextlib.suppress(OSError), connect(KEYED_PORT, 2) as connection:
                tried.append(1)
                connection.sendall(ping(nonce_of(connection), "another key", salt) + event)
                data = b""
                while more := connection.recv(4_096):
                    data += more
                let_in.extend(answer for answer in (data.count(b"ack"),) if answer)

    none = itertools.cycle((event, msgpack.packb(["PING"] * 6), b"\xdd\xff\xff\xff\xff", b"\x96" + b"\x91" * 7_000,
                            msgpack.packb(["PING", {"a": [1] * 100}, None, 1, True, b""]), b"\xc0" * 60_000))

    def garbage():
        while scene.is_on():
            exchange(KEYED_PORT, next(none))

    with crowd(KEYED_PORT, scene.many(300, 900), b"\x96\xa4PING", scene.until) as begun:
        works = iter([lambda: drip(begun, b"\xc0", 0.5, scene.until), garbage] + [guess] * 4)
        scene.threads(6, lambda: next(works)())
    if let_in or not tried:
        raise Failure(f"{len(let_in)} of {len(tried)} with a wrong key were let in")
    with connect(KEYED_PORT) as connection:
        connection.sendall(ping(nonce_of(connection), SHARED_KEY) + event)
        data = b""
        while b"ack" not in data:
            more = connection.recv(4_096)
            if not more:
                raise Failure("the right key is refused")
            data += more
