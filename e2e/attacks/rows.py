"""Attacks by rows that the database refuses."""

import time

from scene import connect, push

POISON = 5


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
