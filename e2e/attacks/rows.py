"""Attacks by rows that the database refuses."""

import json
import struct
import time
import zlib

from e2e.attacks.scene import connect, push
from e2e.harness.checks import Failure, wait_for

POISON = 5

# Of a few bytes, and of a megabyte and more once PostgreSQL has to print them; the last are beyond its numeric.
NUMBERS = ("1e400", "1e99999", "-1e131071", "1e-16383", "1e131072", "1e999999999", "1e-999999999", "1" + "0" * 400)


def own_sqlstate(scene):
    """A trigger refuses some rows with an SQLSTATE of its own: they alone are dead letters."""
    scene.database.rows("""CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.message LIKE 'poison %' THEN RAISE EXCEPTION 'refused' USING ERRCODE = 'ZZ001'; END IF;
        RETURN NEW; END $$""")
    try:
        scene.database.rows("CREATE TRIGGER refuse_poison BEFORE INSERT ON log_event"
                            " FOR EACH ROW EXECUTE FUNCTION refuse_poison()")
        before = scene.dead()
        with connect(scene.port) as connection:
            for n in range(POISON):
                push(connection, f"<13>1 - bad app - - - poison {n}\n".encode(), scene.until)
                time.sleep(0.2)
        wait_for(f"{POISON} dead letters", lambda: scene.dead() >= before + POISON)
        scene.rest()
    finally:
        scene.database.rows("DROP FUNCTION refuse_poison CASCADE")


def numbers(scene):
    """JSON whose numbers grow when they are read: all is stored, and all that is stored can be read."""
    lines = [f'{{"message":"number {n}","n":{number},"list":[{number}]}}' for n, number in enumerate(NUMBERS)]
    while scene.is_on():
        with connect(scene.port) as connection:
            push(connection, "".join(f"{line}\n" for line in lines).encode(), scene.until)
        with connect(scene.port) as connection:
            push(connection, "".join(gelf(line) for line in lines).encode(), scene.until)
        with connect(scene.port) as connection:
            push(connection, window(lines), scene.until)
        time.sleep(0.2)
    wait_for("the numbers are stored", lambda: number(scene, "count(DISTINCT message)") == len(NUMBERS))
    longest = number(scene, "max(length(attributes::text))")
    if longest > 10_000:
        raise Failure(f"attributes of {longest} characters")


def number(scene, figure):
    return scene.database.number(f"SELECT {figure} FROM log_event WHERE message LIKE 'number %'")


def gelf(line):
    number = line.split('"n":')[1].split(",")[0]
    return f'{{"version":"1.1","host":"h","short_message":{json.dumps(json.loads(line)["message"])},"_n":{number}}}\0'


def window(lines):
    """Of Lumberjack, compressed."""
    events = b"".join(b"2J" + struct.pack(">II", n + 1, len(line)) + line.encode() for n, line in enumerate(lines))
    packed = zlib.compress(events)
    return b"2W" + struct.pack(">I", len(lines)) + b"2C" + struct.pack(">I", len(packed)) + packed
