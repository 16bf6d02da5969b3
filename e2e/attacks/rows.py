"""Attacks by rows that the database refuses."""

import json
import struct
import time
import zlib

from scene import connect, push

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
        failure = scene.wait_for(f"{POISON} dead letters", lambda: scene.dead() >= before + POISON)
        scene.rest()
        return failure
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
    failure = scene.wait_for("the numbers are stored", lambda: distinct(scene) == len(NUMBERS))
    sizes = scene.database.rows("SELECT max(length(attributes::text)) FROM log_event WHERE message LIKE 'number %'")
    longest = int(sizes[0][0])
    return failure or (f"attributes of {longest} characters" if longest > 10_000 else None)


def distinct(scene):
    return int(scene.database.rows("SELECT count(DISTINCT message) FROM log_event WHERE message LIKE 'number %'")[0][0])


def gelf(line):
    number = line.split('"n":')[1].split(",")[0]
    return f'{{"version":"1.1","host":"h","short_message":{json.dumps(json.loads(line)["message"])},"_n":{number}}}\0'


def window(lines):
    """Of Lumberjack, compressed."""
    events = b"".join(b"2J" + struct.pack(">II", n + 1, len(line)) + line.encode() for n, line in enumerate(lines))
    packed = zlib.compress(events)
    return b"2W" + struct.pack(">I", len(lines)) + b"2C" + struct.pack(">I", len(packed)) + packed
