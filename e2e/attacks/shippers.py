"""Shippers that behave: each sends numbered events, one after the other, and notes when each is acknowledged."""

import json
import socket
import struct
import threading
import time

import msgpack

PAUSE_SECONDS = 0.02
ANSWER_SECONDS = 120
FINISH_SECONDS = 120


class Shipper(threading.Thread):
    """Waits for the answer to each event; after a lost connection it sends the event again on the next one."""

    def __init__(self, name, port):
        super().__init__(name=name, daemon=True)
        self.port, self.socket = port, None
        self.running, self.reconnects, self.failure = True, 0, None
        self.answers = []  # (id, when it was first sent, when it was acknowledged)

    def run(self):
        try:
            number = 0
            while self.running:
                self.deliver(f"good {self.name} {number}")
                number += 1
                time.sleep(PAUSE_SECONDS)
        except Exception as failure:  # shown at the end
            self.failure = failure

    def deliver(self, event):
        began = time.monotonic()
        while True:
            try:
                if self.socket is None:
                    self.socket = socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS)
                    self.open()
                self.exchange(event)
                self.answers.append((event, began, time.monotonic()))
                return
            except OSError:
                self.socket = None
                self.reconnects += 1
                if not self.running and time.monotonic() > began + FINISH_SECONDS:
                    raise
                time.sleep(0.1)

    def open(self):
        """What comes before the first event."""

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionResetError("the service closed the connection")
            data += more
        return data


class Relp(Shipper):

    def open(self):
        self.transaction = 0
        self.ask("open", "relp_version=0\nrelp_software=attack\ncommands=syslog")

    def exchange(self, event):
        self.ask("syslog", f"<13>1 - good shop - - - {event}")

    def ask(self, command, text):
        self.transaction += 1
        data = text.encode()
        self.socket.sendall(f"{self.transaction} {command} {len(data)} ".encode() + data + b"\n")
        number, answer = self.header(), self.header()
        body = self.read(int(self.header()) + 1)
        if (int(number), answer) != (self.transaction, "rsp") or not body.startswith(b"200"):
            raise AssertionError(f"RELP: asked {self.transaction} {command}, answered {number} {answer} {body[:60]!r}")

    def header(self):
        text = b""
        while not text.endswith((b" ", b"\n")):
            text += self.read(1)
        return text.strip().decode()


class Lumberjack(Shipper):

    def exchange(self, event):
        body = json.dumps({"message": event}).encode()
        self.socket.sendall(b"2W" + struct.pack(">I", 1) + b"2J" + struct.pack(">II", 1, len(body)) + body)
        while True:  # zero says that it is at work
            answer = self.read(6)
            if answer == b"2A" + struct.pack(">I", 1):
                return
            if answer != b"2A" + struct.pack(">I", 0):
                raise AssertionError(f"Lumberjack: expected an ack of 1, got {answer!r}")


class Forward(Shipper):

    def open(self):
        self.unpacker = msgpack.Unpacker()

    def exchange(self, event):
        self.socket.sendall(msgpack.packb(["shop", [[int(time.time()), {"message": event}]], {"chunk": event}]))
        while True:
            self.unpacker.feed(self.read(1))
            for answer in self.unpacker:
                if answer != {"ack": event}:
                    raise AssertionError(f"Forward: expected an ack of {event}, got {answer!r}")
                return


KINDS = {"relp": Relp, "lumberjack": Lumberjack, "forward": Forward}


class Fleet:
    """Some shippers of each kind."""

    def __init__(self, name, port, each):
        self.shippers = [kind(f"{name}-{protocol}-{n}", port) for protocol, kind in KINDS.items() for n in range(each)]

    def start(self):
        self.began = time.monotonic()
        for shipper in self.shippers:
            shipper.start()
        return self

    def stop(self):
        for shipper in self.shippers:
            shipper.running = False
        for shipper in self.shippers:
            shipper.join(ANSWER_SECONDS + FINISH_SECONDS)
        self.ended = time.monotonic()

    def failures(self):
        return [f"{shipper.name}: {shipper.failure!r}" if shipper.failure else f"{shipper.name} waits for an answer"
                for shipper in self.shippers if shipper.failure or shipper.is_alive()]

    def acknowledged(self):
        return [event for shipper in self.shippers for event, _, _ in shipper.answers]

    def p99(self):
        waits = sorted(until - since for shipper in self.shippers for _, since, until in shipper.answers)
        return waits[len(waits) * 99 // 100] if waits else float("inf")

    def longest_gap(self):
        """The longest that any of them went without an answer."""
        gaps = []
        for shipper in self.shippers:
            moments = [self.began, *(until for _, _, until in shipper.answers), self.ended]
            gaps += [later - earlier for earlier, later in zip(moments, moments[1:])]
        return max(gaps)

    def reconnects(self):
        return sum(shipper.reconnects for shipper in self.shippers)
