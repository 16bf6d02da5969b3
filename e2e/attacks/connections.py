"""Attacks by connections themselves."""

import contextlib
import socket
import ssl
import struct
import subprocess
import time

from e2e.attacks.scene import connect, crowd
from e2e.harness.checks import Failure

HEADER_BYTES = 7_700


def connect_and_reset(scene):
    """Connections that are reset as soon as they are there, as fast as it goes."""
    def attack():
        while scene.is_on():
            with contextlib.suppress(OSError):
                connection = connect(scene.port, 1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

    scene.threads(4, attack)


def http_headers(scene):
    """Connections to the HTTP port that send most of a header, and no more."""
    header = b"GET /actuator/health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * HEADER_BYTES
    with crowd(scene.http_port, scene.many(1000, 10_000), header, scene.until + 10):
        scene.rest()


def key_updates(scene):
    """TLS 1.3: a client that asks for new keys again and again, and reads no answer."""
    folder = scene.certificates
    command = ["openssl", "s_client", "-quiet", "-tls1_3", "-connect", f"127.0.0.1:{scene.secure_port}",
               "-CAfile", folder / "ca.crt", "-cert", folder / "client.crt", "-key", folder / "client.key"]
    command.remove("-quiet")  # with it the letters are data
    clients = [subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for _ in range(min(4, scene.many(2, 4)))]
    try:
        time.sleep(1)
        while scene.is_on():
            for client in clients:
                with contextlib.suppress(OSError):
                    client.stdin.write(b"K\n")
                    client.stdin.flush()
    finally:
        for client in clients:
            client.kill()
            client.wait()


def handshakes(scene):
    """Whole TLS handshakes with a client's certificate, one after the other, and nothing after them."""
    folder = scene.certificates
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    context.check_hostname = False
    context.load_cert_chain(folder / "client.crt", folder / "client.key")
    done = []

    def attack():
        while scene.is_on():
            with contextlib.suppress(OSError), context.wrap_socket(connect(scene.secure_port)):
                done.append(1)

    scene.threads(min(16, scene.many(8, 16)), attack)
    if not done:
        raise Failure("there was no handshake")
