"""The faults: each a block that begins it and mends it. Those of one group never come at the same time."""

import contextlib
import os
import random
import resource
import signal
import ssl
import threading
import time

from e2e.faults.world import LOCK_SECONDS, REFUSED
from e2e.harness.certificates import Authority
from e2e.harness.checks import Failure, wait_for
from e2e.harness.machine import tail
from e2e.harness.postgres import NAME

SERVICE, DATABASE = {}, {}
HOUR, DAY = 3600, 86400
CLOCKS = ("+2h", "-2h", "+30d", "-2d")


def fault(group):
    def add(function):
        group[function.__name__.replace("_", " ")] = contextlib.contextmanager(function)
        return function
    return add


def target(world):
    return world.random.choice(world.instances)


@contextlib.contextmanager
def standing_still(process):
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@fault(SERVICE)
def instance_killed(world):
    instance = target(world)
    instance.process.kill()
    instance.process.wait()
    yield instance.name
    instance.start()


@fault(SERVICE)
def instance_restarted(world):
    """And away for a while, as when the replicas become fewer."""
    instance = target(world)
    said = instance.log.stat().st_size
    instance.stop()
    if instance.process.returncode not in (0, 1):  # 1: what it had read could not be stored in time, and it said so
        raise Failure(f"exit status {instance.process.returncode}\n{tail(instance.log)}")
    if instance.process.returncode == 1 and b"could not be stored" not in instance.log.read_bytes()[said:]:
        raise Failure(f"exit status 1 without a reason\n{tail(instance.log)}")
    yield instance.name
    instance.start()


@fault(SERVICE)
def instance_stands_still(world):
    instance = target(world)
    with standing_still(instance.process):
        yield instance.name


@fault(SERVICE)
def descriptors_short(world):
    """It may open no file and accept nobody."""
    instance = target(world)
    pid = instance.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
    yield f"{instance.name}, {used}"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@fault(SERVICE)
def clock_of_an_instance(world):
    instance = target(world)
    moved = world.random.choice(CLOCKS)
    number, unit = int(moved[:-1]), {"h": HOUR, "d": DAY}[moved[-1]]
    set_clock(instance, number * unit)
    yield f"{instance.name}, {moved}"
    set_clock(instance, 0)


def set_clock(instance, seconds):
    new = instance.clock.with_suffix(".new")
    new.write_text(f"{seconds:+d}\n")
    new.rename(instance.clock)


@fault(SERVICE)
def balancer_killed(world):
    """Every connection of the shippers is reset."""
    world.front.kill()
    world.front.wait()
    yield ""
    world.start_front()


@fault(SERVICE)
def balancer_stands_still(world):
    """Nothing goes through in any direction, and nobody is told."""
    with standing_still(world.front):
        yield ""


@fault(SERVICE)
def certificate_renewed(world):
    Authority(world.certificates).sign("tls", "DNS:localhost,IP:127.0.0.1")
    yield ""
    wait_for("every instance shows the new certificate", lambda: all(map(shows_the_new, world.instances)))


def shows_the_new(instance):
    shown = ssl.get_server_certificate(("127.0.0.1", instance.secure_port), timeout=5)
    return shown.split() == (instance.certificates / "tls.crt").read_text().split()


@fault(DATABASE)
def server_killed(world):
    world.pair.primary.kill()
    yield ""
    world.pair.primary.begin()
    world.pair.set_synchronous()


@fault(DATABASE)
def server_stands_still(world):
    world.pair.primary.freeze()
    yield ""
    world.pair.primary.resume()


@fault(DATABASE)
def standby_promoted(world):
    """The primary stands still, and takes writes again when the standby has taken its place."""
    old = world.pair.primary
    old.freeze()
    time.sleep(1)
    world.pair.standby.promote()
    world.pair.swap()
    yield ""
    old.resume()
    time.sleep(2)
    old.kill()
    world.pair.start(synchronous=True)


@fault(DATABASE)
def way_to_the_database_stands_still(world):
    with standing_still(world.back):
        yield "a, c"


@fault(DATABASE)
def way_to_the_database_cut(world):
    world.back.kill()
    world.back.wait()
    yield "a, c"
    world.start_back()


@fault(DATABASE)
def sessions_ended(world):
    """Again and again, at any moment of a transaction."""
    stopped, ended = threading.Event(), []
    numbers = random.Random(world.random.random())  # its own, or where the thread is decides what comes next

    def again():
        while not stopped.wait(numbers.uniform(0.05, 0.5)):
            with contextlib.suppress(Failure):
                ended.extend(world.owner(ENDED))
    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    try:
        yield ""
    finally:
        stopped.set()
        thread.join()
    if not ended:
        raise Failure("no session was ended")


ENDED = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
         f" AND datname = '{NAME}' AND application_name <> 'sluice-harness'")


@fault(DATABASE)
def connections_used_up(world):
    taken = []
    with contextlib.suppress(Failure):
        while True:
            taken.append(world.pair.primary.connect())
    if taken:
        taken[0].rows(ENDED)
        with contextlib.suppress(Failure):
            while True:
                taken.append(world.pair.primary.connect())
    try:
        yield f"{len(taken)}"
    finally:
        for connection in taken:
            connection.close()
    if not taken:
        raise Failure("no connection could be taken")


@fault(DATABASE)
def table_locked(world):
    with contextlib.closing(world.pair.primary.connect()) as owner:
        owner.rows(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        owner.rows("BEGIN")
        owner.rows("LOCK TABLE log_event IN ACCESS EXCLUSIVE MODE")
        yield ""
        owner.rows("ROLLBACK")


@fault(DATABASE)
def table_vacuumed_full(world):
    world.alter("VACUUM FULL log_event")
    world.alter("VACUUM FULL ingest_batch")
    world.alter("VACUUM FULL ingest_delivery")
    yield ""


@fault(DATABASE)
def column_added(world):
    world.alter("ALTER TABLE log_event ADD COLUMN tenant text NOT NULL DEFAULT 'nobody'")
    yield ""
    world.alter("ALTER TABLE log_event DROP COLUMN tenant")


@fault(DATABASE)
def rows_refused(world):
    """Those whose number ends in 7; they become dead letters."""
    world.owner("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF new.message LIKE '%{REFUSED}' AND new.proc_id IS NULL"
                " THEN RAISE 'refused' USING ERRCODE = '22000'; END IF; RETURN new; END $$")
    world.alter("CREATE TRIGGER refuse BEFORE INSERT ON log_event FOR EACH ROW EXECUTE FUNCTION refuse()")
    yield ""
    world.alter("DROP TRIGGER refuse ON log_event")


@fault(DATABASE)
def disk_full(world):
    """Of both servers, which stop by it, or refuse."""
    if not world.is_mounted:
        yield "left out: the data have no file system of their own"
        return
    balloon = world.work / "pair" / "balloon"
    fill(balloon)
    yield ""
    balloon.unlink()
    for node in world.pair.nodes():
        if node.server.poll() is not None:
            node.begin()
    wait_for("the primary takes writes", lambda: is_writable(world))
    world.pair.set_synchronous()


def fill(balloon):
    """Others take and give of what is free meanwhile."""
    size, piece = 0, 1 << 30
    with balloon.open("wb") as file:
        while piece >= 4096:
            try:
                os.posix_fallocate(file.fileno(), size, piece)
                size += piece
            except OSError:
                piece //= 2


def is_writable(world):
    with contextlib.suppress(Failure):
        world.owner("CREATE TEMPORARY TABLE written AS SELECT 1")
        return True
    return False

