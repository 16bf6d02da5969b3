"""Syslog over TLS, both sides with certificates: rsyslog by its two drivers, and openssl's own client."""

import subprocess

from harness.machine import free_port
from syslog_shippers import rsyslogd
from world import ANY, EVENTS, SHORT_HOST, TEXT, require, require_row, require_texts, run, sample_text

SECURE_PORT = str(free_port())


def make_certificates(folder):
    """An authority, a certificate for this machine's service and one for a shipper, as docs/tls.md makes them."""
    folder.mkdir()
    new = ("req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    run("openssl", *new, "-x509", "-days", "1", "-subj", "/CN=authority", "-keyout", folder / "ca.key",
        "-out", folder / "ca.crt")
    for name, alternative in (("tls", "DNS:localhost,IP:127.0.0.1"), ("client", "DNS:web-1.example")):
        request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        run("openssl", *new, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", request)
        run("openssl", "x509", "-req", "-days", "1", "-in", request, "-CA", folder / "ca.crt", "-CAkey",
            folder / "ca.key", "-CAcreateserial", "-extfile", extensions, "-out", folder / f"{name}.crt")
    return folder


def secure_listener(folder, port=SECURE_PORT):
    """Only whoever shows a certificate of the authority may send."""
    bundle, listener = "SPRING_SSL_BUNDLE_PEM_SHIPPERS", "SLUICE_LISTENERS_SECURE"
    return {f"{bundle}_KEYSTORE_CERTIFICATE": f"file:{folder / 'tls.crt'}",
            f"{bundle}_KEYSTORE_PRIVATEKEY": f"file:{folder / 'tls.key'}",
            f"{bundle}_TRUSTSTORE_CERTIFICATE": f"file:{folder / 'ca.crt'}",
            f"{listener}_PORT": str(port), f"{listener}_MAXCONNECTIONS": "100",
            f"{listener}_TLS_BUNDLE": "shippers", f"{listener}_TLS_CLIENTAUTH": "need"}


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
        done = subprocess.run(["openssl", "s_client", "-quiet", "-no_ign_eof", version, "-connect",
                               f"127.0.0.1:{SECURE_PORT}", "-verify_return_error", "-CAfile", folder / "ca.crt",
                               "-cert", folder / "client.crt", "-key", folder / "client.key"],
                              stdin=text, capture_output=True, text=True, timeout=120)
    require("exit status of openssl" + done.stderr[-500:] * (done.returncode != 0), 0, done.returncode)
    world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host="host1", app="shop",
                       recent=ANY, message=sample_text(), source="web-1.example", listener="secure")


def openssl_13(world):
    return openssl(world, "-tls1_3")


def openssl_12(world):
    return openssl(world, "-tls1_2")
