"""What every check needs: the service and its database, and what is required of the rows."""

import socket
import time

from e2e.harness.checks import Failure, require_same, wait_for_count

EVENTS = 10_000
SAMPLE = 4711
STALL_SECONDS = 20
TEXT = 'event {} with "quotes", [brackets] and äöü €'
COLUMNS = ("severity", "facility", "host", "app", "proc_id", "msg_id", "message", "attributes", "source", "listener")
HOST = socket.gethostname()
SHORT_HOST = HOST.split(".")[0]
ANY = object()


class World:
    """What every check needs: the service, its database, a folder and a file of lines."""

    def __init__(self, work, postgres, service):
        self.work, self.service = work, service
        self.database = postgres.connect()
        self.lines = work / "lines"
        self.lines.write_text("".join(TEXT.format(n) + "\n" for n in range(EVENTS)))

    def clear(self):
        self.database.rows("TRUNCATE log_event, dead_letter, ingest_batch, ingest_delivery")

    def stored(self):
        self.service.check_alive()
        return self.database.number("SELECT count(*) FROM log_event")

    def wait_for(self, events):
        """Waits until that many rows are there, then a moment more, so that a surplus shows, too."""
        wait_for_count(self.stored, events, STALL_SECONDS)
        time.sleep(0.5)
        dead = self.database.rows("SELECT reason, count(*) FROM dead_letter GROUP BY reason")
        if self.stored() != events:
            raise Failure(f"rows: expected {events}, got {self.stored()}; the service says {self.counters()}")
        require_same("dead letters", [], dead)

    def acks(self, protocol):
        return int(self.service.metric("sluice_acks_sent_total", protocol=protocol))

    def counters(self):
        """What the service itself counted: where events went, when some are missing."""
        wanted = ("sluice_connections", "sluice_received", "sluice_events", "sluice_inflight", "sluice_bottleneck")
        return {f"{name}{list(labels.values())}": value for name, labels, value in self.service.metrics()
                if name.startswith(wanted) and value}

    def sample(self, where):
        fields = ", ".join(f"coalesce({column}::text, '(null)')" for column in COLUMNS)
        rows = self.database.rows(f"SELECT {fields}, abs(extract(epoch FROM received_at - event_at)) < 120"
                                  f" FROM log_event WHERE {where}")
        require_same("sample rows", 1, len(rows))
        return dict(zip((*COLUMNS, "recent"), rows[0]))


def require_row(world, where, **expected):
    """Compares every column; what is not named must be null."""
    row = world.sample(where)
    expected = {"source": "127.0.0.1", "listener": "main", "recent": "t", **expected}
    for column in (*COLUMNS, "recent"):
        if (wanted := expected.get(column, "(null)")) is not ANY:
            require_same(column, wanted, row[column])
    return len(COLUMNS) + 1


def require_texts(world, events=EVENTS):
    """Each of the lines is there once, whole."""
    numbers = world.database.number(r"SELECT count(DISTINCT message) FROM log_event WHERE message ~ '^event \d+ with'")
    require_same("different messages", events, numbers)


def sample_text():
    return TEXT.format(SAMPLE)
