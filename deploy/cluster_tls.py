"""TLS on a cluster: the certificate of a secret, shippers with certificates of their own, and the secret's renewal."""

import contextlib
import socket
import ssl
import time
import uuid

from deploy import cluster
from e2e.harness import certificates
from e2e.harness.checks import require, wait_for
from e2e.harness.processes import run

SERVER = f"sluice-main.{cluster.NAMESPACE}.svc"
RENEWAL_SECONDS = 180  # kubelet brings a changed secret into the pod within a minute or two


class Authority(certificates.Authority):
    """With a shipper's certificate."""

    def __init__(self, folder):
        super().__init__(folder)
        self.sign("web-1", "DNS:web-1.example")

    def to_secret(self):
        """A new certificate, as cert-manager would renew it."""
        self.sign("sluice", f"DNS:{SERVER}")
        cluster.secret("sluice-certificate", "kubernetes.io/tls",
                       **{key: (self.folder / file).read_text() for key, file in (
                           ("tls_crt", "sluice.crt"), ("tls_key", "sluice.key"), ("ca_crt", "ca.crt"))})

    def connect(self, address, certificate=True):
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        if certificate:
            context.load_cert_chain(self.folder / "web-1.crt", self.folder / "web-1.key")
        return context.wrap_socket(socket.create_connection(address, 10), server_hostname=SERVER)

    def serial(self, address):
        with self.connect(address) as shipper:
            return shipper.getpeercert()["serialNumber"]

    def s_client(self, address, text):
        folder = self.folder
        run("openssl", "s_client", "-quiet", "-no_ign_eof", "-connect", "{}:{}".format(*address), "-servername",
            SERVER, "-verify_hostname", SERVER, "-verify_return_error", "-CAfile", folder / "ca.crt", "-cert",
            folder / "web-1.crt", "-key", folder / "web-1.key", input=text, timeout=60)


def lines(mark, count):
    return "".join(f"<14>1 - host check - - - {mark} {number}\n" for number in range(count))


def rows(mark):
    return cluster.sql("select count(*), string_agg(distinct source, ' ') from log_event"
                       f" where message like '{mark} %'")


def check(folder, install):
    authority = Authority(folder)
    authority.to_secret()
    install()
    pod, = cluster.pods()
    address, marks = cluster.node_port("sluice-main"), [uuid.uuid4().hex[:8] for _ in range(3)]
    authority.s_client(address, lines(marks[0], 100))
    wait_for("rows", lambda: rows(marks[0]).startswith("100|"), 30)
    require("events over TLS have the certificate's name for their source", rows(marks[0]) == "100|web-1.example",
            rows(marks[0]))
    check_refusals(authority, address, pod, marks[1])
    check_renewal(authority, address, marks[2])
    after, = cluster.pods()
    require("it is the same pod, and was not restarted",
            cluster.name(after) == cluster.name(pod) and cluster.restarts(after) == 0, after)


def check_refusals(authority, address, pod, mark):
    with socket.create_connection(address, 10) as shipper:
        shipper.sendall(lines(mark, 1).encode())
        require("a shipper without TLS is refused", is_ended(shipper))
    with contextlib.suppress(ssl.SSLError, ConnectionError), authority.connect(address, certificate=False) as shipper:
        shipper.sendall(lines(mark, 1).encode())
        require("a shipper without a certificate is refused", is_ended(shipper))
    require("neither left a row", rows(mark) == "0|", rows(mark))
    for reason in ("tls_plaintext", "tls_certificate"):
        wait_for(f"{reason} is counted",
                 lambda reason=reason: cluster.metric(pod, "sluice_connections_rejected_total", reason=reason) == 1, 30)
    print("ok: both are counted with their reasons", flush=True)


def is_ended(shipper):
    """By an end or a reset; an alert in front of it is no answer."""
    try:
        return shipper.recv(1024) == b"" or is_ended(shipper)
    except (ssl.SSLError, ConnectionError):
        return True


def check_renewal(authority, address, mark):
    """A connection goes on while the certificate changes beneath it."""
    first, sent = authority.serial(address), 0
    with authority.connect(address) as shipper:
        authority.to_secret()
        started = time.monotonic()

        def is_renewed():
            nonlocal sent
            shipper.sendall(f"<14>1 - host check - - - {mark} {sent}\n".encode())
            sent += 1
            return authority.serial(address) != first

        wait_for("the renewed secret is in use", is_renewed, RENEWAL_SECONDS, 0.5)
        print(f"ok: the renewed secret is in use after {time.monotonic() - started:.0f} s", flush=True)
        shipper.sendall(lines(f"{mark} more", 100).encode())
    wait_for("rows", lambda: rows(mark).startswith(f"{sent + 100}|"), 30)
    print(f"ok: the connection that was open then went on, {sent + 100} events", flush=True)
