"""Shippers of syslog: rsyslog, logger, loggen, Python's own handler."""

import contextlib
import logging
import logging.handlers
import os
import socket
import tempfile
from pathlib import Path

from e2e.harness.checks import Failure, require_same
from e2e.harness.machine import tail
from e2e.harness.processes import program, run, running
from e2e.world import (
    ANY,
    EVENTS,
    HOST,
    SAMPLE,
    SHORT_HOST,
    TEXT,
    require_row,
    require_texts,
    sample_text,
)

RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" file="{lines}" tag="shop:" severity="warning" facility="local3" addMetadata="off")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" tcp_framing="{framing}"
       template="{template}" queue.type="linkedList" action.resumeRetryCount="-1")
"""


@contextlib.contextmanager
def rsyslogd(world, config_text, **values):
    folder = Path(tempfile.mkdtemp(dir=world.work))
    config = folder / "rsyslog.conf"
    config.write_text(config_text.format(folder=folder, lines=world.lines, port=world.service.port, **values))
    log = folder / "log"
    with running(program("rsyslogd"), "-n", "-f", config, "-i", folder / "pid", log=log):
        try:
            yield
        except Failure as failure:
            raise Failure(f"{failure}\n{tail(log)}") from failure


def rsyslog(world, framing, template):
    with rsyslogd(world, RSYSLOG, framing=framing, template=template):
        world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host=SHORT_HOST,
                       app="shop", message=sample_text())


RELP = """
global(workDirectory="{folder}" maxMessageSize="64k")
main_queue(queue.workerThreads="4" queue.workerThreadMinimumMessages="100" queue.dequeueBatchSize="128")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omrelp")
input(type="imfile" file="{lines}" tag="shop:" severity="warning" facility="local3" addMetadata="off")
action(type="omrelp" target="127.0.0.1" port="{port}" windowSize="128" template="RSYSLOG_SyslogProtocol23Format"
       action.resumeRetryCount="-1")
"""


def rsyslog_relp(world):
    with rsyslogd(world, RELP):
        world.wait_for(EVENTS)
        require_same("acknowledgements", EVENTS, world.acks("relp"))
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host=SHORT_HOST,
                       app="shop", message=sample_text())


def rsyslog_lines(world):
    return rsyslog(world, "traditional", "RSYSLOG_SyslogProtocol23Format")


def rsyslog_counted(world):
    return rsyslog(world, "octet-counted", "RSYSLOG_SyslogProtocol23Format")


def rsyslog_rfc3164(world):
    return rsyslog(world, "traditional", "RSYSLOG_TraditionalForwardFormat")


def logger(world, *options):
    run("logger", "--server", "127.0.0.1", "--port", world.service.port, "--tcp", "--priority", "local3.warning",
        "--tag", "shop", "--id=77", *options, "--file", world.lines, timeout=120)
    world.wait_for(EVENTS)
    require_texts(world)


def logger_rfc5424(world, *options):
    logger(world, "--rfc5424=notq", "--msgid", "ID7", "--sd-id", "order@32473", "--sd-param", 'no="12"', *options)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host=HOST, app="shop",
                       proc_id="77", msg_id="ID7", attributes='{"order@32473": {"no": "12"}}', message=sample_text())


def logger_rfc5424_counted(world):
    return logger_rfc5424(world, "--octet-count")


def logger_rfc3164(world):
    logger(world, "--rfc3164")
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host=SHORT_HOST,
                       app="shop", proc_id="77", message=sample_text())


def loggen(world, *options):
    """`LOGGEN_ROOT` is where the package was unpacked, when it could not be installed beside rsyslog."""
    prefix = os.environ.get("LOGGEN_ROOT", "") + "/usr"
    environment = {"SYSLOGNG_PREFIX": prefix, "LD_LIBRARY_PATH": f"{prefix}/lib/syslog-ng"}
    run(f"{prefix}/bin/loggen", "--stream", "--inet", *options, "--number", EVENTS, "--rate", 1_000_000,
        "--interval", 60, "--size", 300, "--quiet", "127.0.0.1", world.service.port, env=environment,
        timeout=120)
    world.wait_for(EVENTS)
    different = world.database.number("SELECT count(DISTINCT substring(message FROM 'seq: (\\d+)')) FROM log_event")
    require_same("different numbers", EVENTS, different)


def loggen_sample(world, **expected):
    where = f"message ~ 'seq: 0*{SAMPLE},'"
    message = world.sample(where)["message"]
    require_same("padding", True, message.endswith("PADD") or "PADDPADD" in message)
    return require_row(world, where, severity="6", facility="4", host="localhost", app="prg00000", proc_id="1234",
                       message=message, **expected)


def loggen_rfc3164(world):
    loggen(world)
    return loggen_sample(world)


def loggen_rfc5424_counted(world):
    loggen(world, "--syslog-proto", "--sdata", '[test name="value"]')
    return loggen_sample(world, attributes='{"test": {"name": "value"}}')


def python_handler(world):
    """Python ends each message with NUL and sends no header: the formatter makes it RFC 5424."""
    handler = logging.handlers.SysLogHandler(("127.0.0.1", world.service.port), "local3", socket.SOCK_STREAM)
    handler.setFormatter(logging.Formatter("1 - host1 %(name)s %(process)d - - %(message)s"))
    source = logging.Logger("shop")
    source.addHandler(handler)
    for number in range(EVENTS):
        source.warning(TEXT.format(number))
    handler.close()
    world.wait_for(EVENTS)
    require_texts(world)
    return require_row(world, f"message = '{sample_text()}'", severity="4", facility="19", host="host1", app="shop",
                       proc_id=ANY, message=sample_text())
