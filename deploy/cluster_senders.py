"""Shippers for deploy/check-cluster: each sends numbered events at a steady rate, through restarts of the service."""

import contextlib
import re
import socket
import threading
import time

RATE = 100  # events a second
FLUSH_SECONDS = 60


class Stream(threading.Thread):
    """Connects again whenever the connection is gone; a failure of its own is shown when it is joined."""

    def __init__(self, name, address):
        super().__init__(name=name, daemon=True)
        self.address = address
        self.sent, self.connections, self.running, self.failure, self.socket = 0, 0, True, None, None

    def run(self):
        try:
            started = time.monotonic()
            while self.running:
                self.send(f"{self.name} {self.sent}")
                self.sent += 1
                time.sleep(max(0.0, started + self.sent / RATE - time.monotonic()))
            self.finish()
        except Exception as failure:
            self.failure = failure

    def connect(self):
        self.leave()
        self.socket = socket.create_connection(self.address, 5)
        self.socket.settimeout(None)  # with one, Python waits also where it is told not to
        self.connections += 1

    def leave(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def end(self):
        self.running = False
        self.join(FLUSH_SECONDS + 10)
        if self.failure or self.is_alive():
            raise RuntimeError(f"{self.name} did not end: {self.failure!r}")


class Lines(Stream):
    """Syslog without acks. As rsyslog does, it looks whether the other side has ended before it writes."""

    def send(self, text):
        while True:
            try:
                if self.socket is None or self.is_closed():
                    self.connect()
                self.socket.sendall(f"<14>1 - host check - - - {text}\n".encode())
                return
            except OSError:
                self.leave()
                time.sleep(0.1)

    def is_closed(self):
        with contextlib.suppress(BlockingIOError):
            return self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        return False

    def finish(self):
        self.leave()


class Relp(Stream):
    """RELP: keeps each event until it is acknowledged, and sends it again on the next connection."""

    RESPONSE = re.compile(rb"(\d+) rsp \d+ 200 [^\n]*\n|\d+ (serverclose) 0\n|[^\n]*\n")

    def __init__(self, name, address):
        super().__init__(name, address)
        self.acked, self.waiting, self.number, self.answer = set(), {}, 0, b""

    def send(self, text):
        try:
            if self.socket is None:
                self.connect()
            self.frame(text)
            self.receive()
        except OSError:
            self.waiting[f"later {text}"] = text
            self.leave()
            time.sleep(0.1)

    def connect(self):
        super().connect()
        unacknowledged = dict.fromkeys(self.waiting.values())
        self.waiting, self.number, self.answer = {}, 1, b""
        offer = "relp_version=0\nrelp_software=check\ncommands=syslog"
        self.socket.sendall(f"1 open {len(offer)} {offer}\n".encode())
        for position, text in enumerate(unacknowledged):
            self.waiting[f"again {position}"] = text  # until it is on its way; a connection may end here, too
        for position, text in enumerate(unacknowledged):
            self.frame(text)
            del self.waiting[f"again {position}"]

    def frame(self, text):
        self.number += 1
        self.waiting[str(self.number).encode()] = text
        data = f"<14>1 - host check - - - {text}"
        self.socket.sendall(f"{self.number} syslog {len(data)} {data}\n".encode())

    def receive(self):
        """Takes the acks that are there."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self.socket.recv(65536, socket.MSG_DONTWAIT)
                self.answer += data
                closing = not data
                while found := self.RESPONSE.match(self.answer):
                    self.answer = self.answer[found.end():]
                    closing = closing or found[2] is not None
                    if found[1] in self.waiting:
                        self.acked.add(self.waiting.pop(found[1]))
                if closing:
                    self.leave()
                    return

    def finish(self):
        deadline = time.monotonic() + FLUSH_SECONDS
        while self.waiting and time.monotonic() < deadline:
            try:
                if self.socket is None:
                    self.connect()
                self.receive()
            except OSError:
                self.leave()
            time.sleep(0.2)
        self.leave()
