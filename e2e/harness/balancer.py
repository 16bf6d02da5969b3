"""HAProxy in front of several instances: connections to those that answer, the fewest first."""

import time

from e2e.harness.processes import program, start

DEFAULTS = """
global
    maxconn 2000
defaults
    mode tcp
    balance leastconn
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    log stdout format raw local0
    option tcplog
    retries 5
    option redispatch 1
    default-server check inter 200ms fall 1 rise 1
"""


def balancer(work, name, ports):
    """Starts one; `ports` has for each port of its own the lines of servers, by the name of the listener."""
    lines = [f"listen {listener}\n    bind 127.0.0.1:{port}\n" + "".join(f"    server {server}\n" for server in servers)
             for listener, (port, servers) in ports.items()]
    config = work / f"{name}.cfg"
    config.write_text(DEFAULTS + "".join(lines))
    running = start(program("haproxy"), "-db", "-f", config, log=work / f"{name}.log")
    time.sleep(1)
    return running
