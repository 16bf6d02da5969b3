"""Shippers that send numbered events at a steady rate, through restarts of the service and of its database."""

import collections
import contextlib
import re
import socket
import threading
import time

import msgpack

from e2e.harness.checks import Failure

FLUSH_SECONDS = 90


class Stream(threading.Thread):
    """Sends until it is told to stop, and then until all is gone; connects again when the connection is closed."""

    has_ids = False  # with them what comes again is known, and stored once
    acked = None  # when each event was acknowledged, of a protocol that acknowledges

    def __init__(self, name, address, rate, source="127.0.0.1"):
        super().__init__(name=name, daemon=True)
        self.address, self.rate, self.source = address, rate, source
        self.sent, self.connections, self.running, self.failure, self.socket = 0, 0, True, None, None
        self.sends = []  # when each left, and from which port, if that is ours

    def run(self):
        try:
            started = time.monotonic()
            while self.running:
                self.send(f"{self.name} {self.sent}")
                self.sends.append((time.monotonic(), self.local_port()))
                self.sent += 1
                time.sleep(max(0.0, started + self.sent / self.rate - time.monotonic()))
            self.finish()
        except Exception as failure:  # shown when it is ended
            self.failure = failure

    def connect(self):
        self.leave()
        self.socket = socket.create_connection(self.address, 5, self.source and (self.source, 0))
        self.socket.settimeout(None)  # with one, Python waits also where it is told not to
        self.connections += 1

    def leave(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def local_port(self):
        return None

    def finish(self):
        self.leave()

    def end(self):
        self.running = False
        self.join(FLUSH_SECONDS + 10)
        if self.failure or self.is_alive():
            raise Failure(f"{self.name} did not end: {self.failure!r}")


class Lines(Stream):
    """Syslog without acks. As rsyslog does, it looks whether the other side has ended before it writes."""

    def send(self, text):
        while True:
            try:
                if self.socket is None or self.is_closed():
                    self.connect()
                self.socket.sendall(f"<134>1 - host1 shop - - - {text}\n".encode())
                return
            except OSError:
                self.leave()
                time.sleep(0.1)

    def is_closed(self):
        with contextlib.suppress(BlockingIOError):
            return self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        return False

    def local_port(self):
        return self.socket.getsockname()[1]


class Acknowledged(Stream):
    """Keeps each event until it is acknowledged, and sends it again on the next connection."""

    def __init__(self, name, address, rate, source="127.0.0.1"):
        super().__init__(name, address, rate, source)
        self.waiting, self.acked = collections.OrderedDict(), {}

    def answered(self, text):
        self.acked.setdefault(text, time.monotonic())

    def finish(self):
        deadline = time.monotonic() + FLUSH_SECONDS
        while self.waiting and time.monotonic() < deadline:
            time.sleep(0.1)
            self.exchange(None)
        self.leave()


class Forward(Acknowledged):
    """Each text is the id of a chunk, for which the server answers once."""

    has_ids = True

    @staticmethod
    def messages(text):
        return [text]

    def send(self, text):
        entries = [[int(time.time()), {"message": message}] for message in self.messages(text)]
        self.waiting[text] = msgpack.packb(["shop", entries, {"chunk": text}])
        self.exchange(text)

    def exchange(self, text):
        try:
            if self.socket is None:
                self.connect()
                self.answers = msgpack.Unpacker()
                self.socket.sendall(b"".join(self.waiting.values()))
            elif text:
                self.socket.sendall(self.waiting[text])
            self.receive()
        except OSError:
            self.leave()

    def connect(self):
        super().connect()
        self.socket.settimeout(5)

    def receive(self):
        """Takes the acks that are there; at the end of the stream the connection is left."""
        self.socket.setblocking(False)
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    self.leave()
                    return
                self.answers.feed(data)
                for answer in self.answers:
                    if self.waiting.pop(answer["ack"], None):
                        self.answered(answer["ack"])
        except BlockingIOError:
            self.socket.settimeout(5)


class Relp(Acknowledged):

    RESPONSE = re.compile(rb"(\d+) rsp \d+ 200 [^\n]*\n|\d+ (serverclose) 0\n|[^\n]*\n")
    number, answer = 0, b""

    def send(self, text):
        self.exchange(text)

    def exchange(self, text):
        try:
            if self.socket is None:
                self.connect()
            if text:
                self.frame(text)
            self.receive()
        except OSError:
            if text:
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
                        self.answered(self.waiting.pop(found[1]))
                if closing:
                    self.leave()
                    return
