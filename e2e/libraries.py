"""Libraries that ship from within a program: of npm, of Debian's Python, and that of the Beats."""

import shutil

from e2e.harness.checks import Failure, require_same
from e2e.harness.machine import free_port
from e2e.harness.postgres import CACHE
from e2e.harness.processes import run
from e2e.harness.program import ROOT
from e2e.world import EVENTS, SAMPLE, TEXT, require_row, require_texts, sample_text

HERE = ROOT / "e2e"
KEY = "between us"
KEYED_PORT = str(free_port())
PACKAGES = ("fluent-logger@3.4.1", "lumberjack-client@1.0.3", "lumberjack-protocol@1.0.7", "gelf-pro@1.4.0")


def node(script, *arguments):
    """Runs one of the scripts here with the folder of the packages, how many events, and their text."""
    modules = CACHE / "node" / "node_modules"
    if not all((modules / package.split("@")[0]).exists() for package in PACKAGES):
        run("npm", "install", "--silent", "--prefix", modules.parent, *PACKAGES)
    run("node", HERE / script, modules, EVENTS, TEXT, *arguments, timeout=120)


def acknowledged(world, windows, ship):
    """Ships, waits for the events, and requires that so many windows were acknowledged."""
    before = world.acks("lumberjack")
    ship()
    world.wait_for(EVENTS)
    require_same("acknowledgements", windows, world.acks("lumberjack") - before)
    require_texts(world)


def require_forward_row(world, tag, **expected):
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", host="host1", message=sample_text(),
                       attributes=f'{{"fluent.tag": "{tag}"}}', **expected)


def fluent_logger_node(world):
    """With acks and a shared key, which needs a listener of its own: the server speaks first."""
    node("fluent-logger.js", KEYED_PORT, KEY)
    world.wait_for(EVENTS)
    return require_forward_row(world, "shop.orders", listener="keyed")


def fluent_logger_python(world):
    """Debian's python3-fluent-logger: one message each, no acks."""
    try:
        from fluent import sender
    except ImportError as missing:
        raise Failure(f"python3-fluent-logger is not installed: {missing}") from missing
    shop = sender.FluentSender("shop", host="127.0.0.1", port=world.service.port, nanosecond_precision=True)
    for number in range(EVENTS):
        record = {"message": TEXT.format(number), "level": "warn", "host": "host1"}
        if not shop.emit("orders", record):
            raise Failure(f"not sent: {shop.last_error}")
    shop.close()
    world.wait_for(EVENTS)
    return require_forward_row(world, "shop.orders")


def lumberjack_client(world):
    """Half of the events in one compressed window, the others each in its own; it reads no acks, so the script does."""
    windows = 1 + EVENTS // 2
    acknowledged(world, windows, lambda: node("lumberjack-client.js", world.service.port))
    return require_row(world, f"message = '{sample_text()}'", severity="4", host="host1", message=sample_text(),
                       attributes='{"log": {"level": "warn"}, "host": {"name": "host1"}, "order": {"id": "o-7"}}')


def lumberjack_protocol(world):
    """Version 1 by TLS, which it insists on: the script ends it in front of the service."""
    key, certificate = world.work / "key.pem", world.work / "certificate.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
        "-keyout", key, "-out", certificate)
    acknowledged(world, EVENTS // 100, lambda: node("lumberjack-protocol.js", world.service.port, key, certificate))
    return require_row(world, f"message = '{sample_text()}'", severity="4", host="host1", message=sample_text(),
                       attributes='{"order": "o-7"}')


def gelf_pro(world):
    """A connection an event: that is how it sends."""
    node("gelf-pro.js", world.service.port)
    world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", host="host1", message=sample_text(),
                       attributes='{"version": "1.1", "_order_id": "o-7", "full_message": "in full"}')


def go_lumber(world, mode):
    """The library that Filebeat ships with, waiting for each window or with several on their way."""
    if not shutil.which("go"):
        raise Failure("go is not installed")
    program = CACHE / "go-lumber"
    run("go", "build", "-o", program, cwd=HERE / "go-lumber")
    address = f"127.0.0.1:{world.service.port}"
    acknowledged(world, EVENTS // 50, lambda: run(program, address, mode, EVENTS, TEXT, timeout=120))
    return require_row(world, f"message = '{sample_text()}'", severity="4", host="host1", message=sample_text(),
                       attributes=f'{{"log": {{"level": "warn", "offset": {SAMPLE}}}, "host": {{"name": "host1"}}}}')


def go_lumber_sync(world):
    return go_lumber(world, "sync")


def go_lumber_async(world):
    return go_lumber(world, "async")
