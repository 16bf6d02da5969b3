"""Docker's own log drivers: a container prints the lines, the engine ships them."""

import json
import shutil

from e2e.harness.checks import require_same
from e2e.harness.processes import run
from e2e.world import ANY, EVENTS, HOST, SAMPLE, TEXT, require_row, require_texts

IMAGE = "debian:bookworm-slim"
# Docker waits for the acknowledgement of each line, and what it still has 10 s after the end of the container is lost.
ACKNOWLEDGED_EVENTS = 100


def is_there():
    """Whether an engine answers and has the image; nothing is pulled."""
    return bool(shutil.which("docker")) and not run("docker", "image", "inspect", IMAGE, check=False).returncode


def ship(world, driver, events=EVENTS, **options):
    before, after = TEXT.split("{}")
    script = f"for n in $(seq 0 {events - 1}); do printf '%s%s%s\\n' '{before}' $n '{after}'; done"
    flags = [part for option, value in options.items() for part in ("--log-opt", f"{option.replace('_', '-')}={value}")]
    run("docker", "run", "--rm", "--name", "sluice-e2e", "--log-driver", driver, *flags, IMAGE, "sh", "-c", script,
        timeout=120)
    world.wait_for(events)
    require_texts(world, events)


def row(world, number, attributes, **expected):
    """A row whose attributes are these, among others that Docker makes up."""
    message = TEXT.format(number)
    checked = require_row(world, f"message = '{message}'", message=message, attributes=ANY, **expected)
    found = json.loads(world.sample(f"message = '{message}'")["attributes"])
    require_same("attributes", attributes, {name: found.get(name) for name in attributes})
    return checked + len(attributes)


def fluentd(world):
    ship(world, "fluentd", fluentd_address=f"127.0.0.1:{world.service.port}", tag="shop")
    return row(world, SAMPLE, {"fluent.tag": "shop"}, app="sluice-e2e")


def fluentd_acknowledged(world):
    before = world.acks("forward")
    ship(world, "fluentd", ACKNOWLEDGED_EVENTS, fluentd_address=f"127.0.0.1:{world.service.port}", tag="shop",
         fluentd_request_ack="true", fluentd_sub_second_precision="true")
    require_same("acknowledgements", ACKNOWLEDGED_EVENTS, world.acks("forward") - before)
    return row(world, 47, {"fluent.tag": "shop"}, app="sluice-e2e")


def gelf(world):
    ship(world, "gelf", gelf_address=f"tcp://127.0.0.1:{world.service.port}", tag="shop")
    return row(world, SAMPLE, {"_tag": "shop"}, severity="6", host=HOST, app="sluice-e2e")


def syslog(world):
    ship(world, "syslog", syslog_address=f"tcp://127.0.0.1:{world.service.port}", syslog_format="rfc5424micro",
         syslog_facility="local3", tag="shop")
    message = TEXT.format(SAMPLE)
    return require_row(world, f"message = '{message}'", severity="6", facility="19", host=HOST, app="shop", proc_id=ANY,
                       msg_id="shop", message=message)
