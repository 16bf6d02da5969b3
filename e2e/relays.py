"""rsyslog as a relay: takes lines on a local port, keeps them, and forwards them as a real shipper does."""

from e2e import tls_shippers
from e2e.harness.machine import free_port
from e2e.harness.processes import program, start
from e2e.harness.senders import Stream

RATE = 50  # events a second of a stream

RSYSLOG = tls_shippers.GLOBAL + """
module(load="imtcp")
module(load="omrelp")
"""

RSYSLOG_STREAM = """
ruleset(name="{name}" queue.type="linkedList") {{
  action(type="{module}" target="127.0.0.1" port="{target}" {options} template="RSYSLOG_SyslogProtocol23Format"
         action.resumeRetryCount="-1" action.resumeInterval="1")
}}
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="{name}")
"""


class ToRsyslog(Stream):
    """rsyslog takes it on a local port, keeps it, and forwards it."""

    def __init__(self, name, module, options, target, source="127.0.0.1"):
        self.port = free_port()
        super().__init__(name, ("127.0.0.1", self.port), RATE)
        self.module, self.options, self.target, self.shown = module, options, target, source

    def config(self):
        return RSYSLOG_STREAM.format(name=self.name, module=self.module, options=self.options, port=self.port,
                                     target=self.target)

    def send(self, text):
        if self.socket is None:
            self.connect()
        self.socket.sendall(f"<134>1 - host1 shop - - - {text}\n".encode())


def relp(name, target):
    return ToRsyslog(name, "omrelp", 'timeout="30"', target)


def plain(name, target):
    return ToRsyslog(name, "omfwd", 'protocol="tcp"', target)


def secure(name, target, driver):
    options = f'protocol="tcp" {tls_shippers.DRIVER.format(driver=driver)}'
    return ToRsyslog(name, "omfwd", options, target, "web-1.example")


def rsyslog(work, name, relays, certificates):
    """Starts one rsyslogd with these relays."""
    folder = work / f"rsyslog-{name}"
    folder.mkdir()
    config = folder / "rsyslog.conf"
    config.write_text(RSYSLOG.format(folder=folder, certificates=certificates)
                      + "".join(relay.config() for relay in relays))
    return start(program("rsyslogd"), "-n", "-f", config, "-i", folder / "pid", log=work / f"rsyslog-{name}.log")
