"""What all scenarios share: a running database, a service, events sent and counted."""

import time
from dataclasses import dataclass

from e2e.harness.checks import Failure, wait_for_count
from e2e.harness.service import HEAP, Service

POLL_SECONDS = 0.02
STALL_SECONDS = 60
TABLES = "log_event, dead_letter, ingest_batch, ingest_delivery"
# The event's number, which the generators put in as process id; in a column or, if that is not mapped, an attribute.
NUMBER = "coalesce(proc_id, attributes->>'procid', attributes->>'_procid')"


@dataclass(frozen=True)
class Measured:
    """One stretch of work: from its first byte until its last event was committed."""

    events: int
    seconds: float
    service_cpu: float
    postgres_cpu: float

    @property
    def rate(self):
        return self.events / self.seconds

    def per_million(self, cpu):
        return cpu / self.events * 1e6


class Bench:
    def __init__(self, work, options, postgres, tools, report):
        self.work, self.options = work, options
        self.postgres, self.tools, self.report = postgres, tools, report
        self.database = postgres.connect()
        self.service = None

    def start_service(self, environment=None, heap=HEAP):
        self.service = Service(self.work, self.postgres, environment, self.options.lanes, heap)
        self.service.start()

    def stop_service(self):
        if self.service:
            self.service.stop()
            self.service = None

    def warm_up(self, form="rfc5424", connections=4):
        self.send(form, self.options.warmup, connections)
        self.clear()

    def clear(self):
        """Every stretch of work starts from empty tables, just after a checkpoint."""
        self.database.rows(f"TRUNCATE {TABLES}")
        self.database.rows("CHECKPOINT")

    def send(self, form, events, connections, rate=0):
        """Sends events from another process and waits until all are committed."""
        return self.shipped(form, events, lambda file: self.tools.send(self.service.port, file, connections, rate))

    def shipped(self, form, events, send):
        """The same, with whatever sends the file."""
        file = self.tools.events_file(form, events)
        before = self.cpu()
        try:
            sent = send(file)
        except Failure:
            self.service.check_alive()  # says more, if that is the cause
            raise
        measured = self.measured(events, sent["first"], before)
        self.verify(events)
        return measured

    def cpu(self):
        return self.service.cpu_seconds(), self.postgres.cpu_seconds()

    def measured(self, events, first, before):
        """Waits for the events and sums up; `first` in epoch seconds, `before` from `cpu`."""
        last = self.wait_until_stored(events)
        service, postgres = self.cpu()
        return Measured(events, last - first, service - before[0], postgres - before[1])

    def stored(self):
        """Events committed according to the ledger: cheap enough to ask often."""
        self.service.check_alive()
        return self.database.number("SELECT coalesce(sum(events), 0) FROM ingest_batch")

    def wait_until_stored(self, events):
        """Returns the time (epoch seconds) at which that many were committed."""
        stored = wait_for_count(self.stored, events, STALL_SECONDS, POLL_SECONDS)
        if stored < events:
            raise Failure(f"{stored} of {events} events stored, and no more in {STALL_SECONDS} s;"
                          f" dead letters: {self.dead_letters()}")
        return time.time()

    def dead_letters(self):
        return dict(self.database.rows("SELECT reason, count(*) FROM dead_letter GROUP BY reason"))

    def verify(self, events):
        """Every event is in the table exactly once, or the figures are worth nothing."""
        rows, different = map(int, self.database.rows(f"SELECT count(*), count(DISTINCT {NUMBER}) FROM log_event")[0])
        if (rows, different) != (events, events):
            raise Failure(f"{events} events sent, {rows} rows stored, {different} different;"
                          f" dead letters: {self.dead_letters()}")
