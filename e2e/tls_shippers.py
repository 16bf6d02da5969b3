"""Syslog over TLS, both sides with certificates: rsyslog by its two drivers, and openssl's own client."""

from e2e.harness.certificates import Authority, shippers_bundle
from e2e.harness.machine import free_port
from e2e.harness.processes import run
from e2e.syslog_shippers import rsyslogd
from e2e.world import (
    ANY,
    EVENTS,
    SHORT_HOST,
    TEXT,
    require_row,
    require_texts,
    sample_text,
)

SECURE_PORT = str(free_port())


def make_certificates(folder):
    """An authority, a certificate for this machine's service and one for a shipper."""
    authority = Authority(folder)
    authority.sign("tls", "DNS:localhost,IP:127.0.0.1")
    authority.sign("client", "DNS:web-1.example")
    return folder


def secure_listener(folder, port=SECURE_PORT):
    """Only who shows a certificate of the authority may send."""
    return {**shippers_bundle(folder, "SECURE", PORT=port, MAXCONNECTIONS=100, TLS_CLIENTAUTH="need"),
            "SPRING_SSL_BUNDLE_PEM_SHIPPERS_TRUSTSTORE_CERTIFICATE": f"file:{folder / 'ca.crt'}"}


# Its own messages stay inside: it would open /dev/log, if missing, between closing a socket and the goodbye on it.
GLOBAL = """
global(workDirectory="{folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="{certificates}/ca.crt"
       defaultNetstreamDriverCertFile="{certificates}/client.crt"
       defaultNetstreamDriverKeyFile="{certificates}/client.key" processInternalMessages="on")
"""
DRIVER = ('streamDriver="{driver}" streamDriverMode="1" streamDriverAuthMode="x509/name"'
          ' streamDriverPermittedPeers="localhost"')
# A ruleset of their own: rsyslog's words about itself are not among the lines.
TLS = GLOBAL + """
module(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" file="{lines}" tag="shop:" severity="warning" facility="local3" addMetadata="off" ruleset="lines")
ruleset(name="lines") {{
  action(type="omfwd" target="127.0.0.1" port="{secure}" protocol="tcp" tcp_framing="octet-counted"
         template="RSYSLOG_SyslogProtocol23Format" queue.type="linkedList" action.resumeRetryCount="-1"
         """ + DRIVER + ")\n}}\n"


def rsyslog_tls(world, driver):
    with rsyslogd(world, TLS, driver=driver, secure=SECURE_PORT, certificates=world.work / "certificates"):
        world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host=SHORT_HOST,
                       app="shop", message=sample_text(), source="web-1.example", listener="secure")


def rsyslog_gtls(world):
    return rsyslog_tls(world, "gtls")


def rsyslog_ossl(world):
    return rsyslog_tls(world, "ossl")


def openssl(world, version):
    """It ends when its input does, without reading what it might be sent."""
    folder, lines = world.work / "certificates", world.work / "syslog-lines"
    lines.write_text("".join(f"<156>1 - host1 shop - - - {TEXT.format(n)}\n" for n in range(EVENTS)))
    with lines.open() as text:
        run("openssl", "s_client", "-quiet", "-no_ign_eof", version, "-connect", f"127.0.0.1:{SECURE_PORT}",
            "-verify_return_error", "-CAfile", folder / "ca.crt", "-cert", folder / "client.crt",
            "-key", folder / "client.key", stdin=text, timeout=120)
    world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host="host1", app="shop",
                       recent=ANY, message=sample_text(), source="web-1.example", listener="secure")


def openssl_13(world):
    return openssl(world, "-tls1_3")


def openssl_12(world):
    return openssl(world, "-tls1_2")
