"""How a check waits, and how it fails."""

import contextlib
import time


class Failure(Exception):
    """It is not as it should be, or cannot be tried; the message says in words for the user what was expected."""


def require(what, condition, found=""):
    if not condition:
        raise Failure(f"{what}: {str(found)[-4000:]}")
    print(f"ok: {what}", flush=True)


def require_same(what, expected, got):
    if expected != got:
        raise Failure(f"{what}: expected {expected!r}, got {got!r}")


def wait_for(what, condition, seconds=60, pause=0.1):
    """Returns the first answer that is true; where nothing answers, it is asked again. `what` may be a function."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if answer := condition():
                return answer
        if time.monotonic() > deadline:
            raise Failure(f"{what() if callable(what) else what}: not within {seconds} s")
        time.sleep(pause)


def wait_for_count(count, wanted, patience, pause=0.1):
    """Waits until it has come so far, or no further for `patience` seconds; returns how far it came."""
    seen, changed = count(), time.monotonic()
    while seen < wanted and time.monotonic() < changed + patience:
        time.sleep(pause)
        now = count()
        if now != seen:
            seen, changed = now, time.monotonic()
    return seen
