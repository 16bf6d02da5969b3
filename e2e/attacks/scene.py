"""What an attack gets, and the pieces that most of them are made of."""

import contextlib
import socket
import threading
import time


class Scene:
    """One attack: where to connect, how long it lasts, how many there are, and what is remembered of it."""

    def __init__(self, service, postgres, database, seconds, long, secure_port, certificates):
        self.service, self.postgres, self.database = service, postgres, database
        self.port, self.http_port, self.secure_port = service.port, service.http_port, secure_port
        self.seconds, self.long, self.certificates = seconds, long, certificates
        self.until = time.monotonic() + seconds
        self.hostile = None  # how many connections, where that is given

    def many(self, short, long):
        return self.hostile or (long if self.long else short)

    def rest(self):
        """Waits until the attack is over."""
        time.sleep(max(0.0, self.until - time.monotonic()))

    def is_on(self):
        return time.monotonic() < self.until

    def threads(self, count, work):
        """Runs `work` in so many threads; what the service does to their connections is no failure."""
        def run():
            with contextlib.suppress(OSError):
                work()
        running = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(self.seconds + 60)

    def stored(self, like):
        return self.database.number(f"SELECT count(*) FROM log_event WHERE message LIKE '{like}'")

    def dead(self):
        return self.database.number("SELECT count(*) FROM dead_letter")


address = "127.0.0.1"  # where connections come from


def connect(port, timeout=10.0):
    return socket.create_connection(("127.0.0.1", port), timeout, (address, 0))


def push(connection, data, until):
    """Sends what the service takes; it may take nothing for long, or close."""
    connection.settimeout(0.5)
    view = memoryview(data)
    while len(view) and time.monotonic() < until:
        try:
            view = view[connection.send(view):]
        except TimeoutError:
            continue
        except OSError:
            return False
    return not len(view)


@contextlib.contextmanager
def crowd(port, count, data, until):
    """So many connections, each of which has sent `data`, as far as the service lets them."""
    connections = []
    try:
        for _ in range(count):
            with contextlib.suppress(OSError):
                connection = connect(port)
                connections.append(connection)
                connection.settimeout(0.2)
                connection.sendall(data)
            if time.monotonic() > until:
                break
        yield connections
    finally:
        for connection in connections:
            connection.close()


def drip(connections, data, pause, until):
    """A piece to each connection again and again; those that are closed are left out."""
    alive = list(connections)
    while time.monotonic() < until:
        for connection in list(alive):
            try:
                connection.send(data)
            except TimeoutError:
                continue
            except OSError:
                alive.remove(connection)
        time.sleep(pause)
    return len(alive)
