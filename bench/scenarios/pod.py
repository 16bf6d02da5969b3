"""The chart's default pod: frozen in mid-stream within its limit, with plain connections, and with TLS."""

from bench.container import Image, Pod, pod_mib
from bench.scenarios import frozen
from e2e.harness.certificates import Authority, shippers_bundle
from e2e.harness.checks import wait_for
from e2e.harness.control_group import control_group
from e2e.harness.machine import free_port, is_free, raise_open_files
from e2e.harness.processes import end, program, start

TLS_CONNECTIONS = 400  # what the default heap has room for is said in its log
AFTERWARDS = 1_000_000
# Encrypts each connection. Small buffers, so that unsent events do not wait in the kernel.
RELAY = """
global
    maxconn 2000
    tune.rcvbuf.client 65536
    tune.sndbuf.server 65536
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen main
    bind 127.0.0.1:{port}
    server sluice 127.0.0.1:{secure} ssl verify none
"""


def run(bench):
    connections = bench.options.connections or frozen.CONNECTIONS
    raise_open_files(2 * connections + 100)
    image = Image(bench.work)
    image.train(bench.work, bench.postgres)
    bench.clear()
    measure(bench, image, "plain", "default.yaml", connections, {}, lambda: bench.service.port)
    folder = bench.work / "certificates"
    Authority(folder).sign("tls", "DNS:localhost")
    secure, port = shippers_bundle(folder, "MAIN"), free_port()
    relay = None

    def encrypted():
        nonlocal relay
        config = bench.work / "relay.cfg"
        config.write_text(RELAY.format(port=port, secure=bench.service.port))
        relay = start(program("haproxy"), "-db", "-f", config, log=bench.work / "relay.log")
        wait_for("the relay", lambda: not is_free(port))
        return port

    try:
        measure(bench, image, "TLS", "tls-secret.yaml", min(connections, TLS_CONNECTIONS), secure, encrypted)
    finally:
        end(relay)


def measure(bench, image, what, pod, connections, environment, port):
    """Warm, frozen, and busy again, which is when the compilers take most."""
    image.forget()
    limit = pod_mib(pod)
    with control_group("bench", limit) as group:
        bench.service = Pod(image, group, pod, bench.work, bench.postgres, environment)
        bench.service.start()
        try:
            shippers = port()
            flow(bench, shippers)
            frozen.frozen(bench, connections, shippers)
            bench.clear()
            flow(bench, shippers)
            bench.report.final(f"{what}: peak resident memory", bench.service.peak_mb(), "MB",
                               note=f"{connections} connections; files of the image included")
            if group:
                bench.report.final(f"{what}: peak of the control group", group.peak_mib(), "MiB", at_most=limit)
                bench.report.final(f"{what}: without files", group.anonymous_mib(), "MiB")
        finally:
            bench.stop_service()
    bench.clear()


def flow(bench, port):
    bench.shipped("rfc5424", AFTERWARDS, lambda file: bench.tools.send(port, file, 4))
    bench.clear()
