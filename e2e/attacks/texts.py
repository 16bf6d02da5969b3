"""Attacks by texts that make rules work much."""

import time

from e2e.attacks.scene import connect, push

LINE = 128 * 1024
PAUSE_SECONDS = 0.25

# Every attack runs with these rules.
RULES = {
    "SLUICE_PIPELINE_PROCESSORS_0_NAME": "secrets",
    "SLUICE_PIPELINE_PROCESSORS_0_REDACT_PATTERNS": "email, card, bearer, aws",
    "SLUICE_PIPELINE_PROCESSORS_0_REDACT_EXPRESSIONS_0": r"pin=(\d+)(?:.* end)?",
}


def lines(scene, word):
    line = b"<13>1 - text app - - - " + word * (LINE // len(word)) + b"\n"

    def attack():
        with connect(scene.port) as connection:
            while scene.is_on():
                push(connection, line, scene.until)
                time.sleep(PAUSE_SECONDS)

    scene.threads(scene.many(2, 2), attack)


def bearer(scene):
    """Lines of 128 KB for the pattern `bearer`."""
    lines(scene, b"bearer")


def access_keys(scene):
    """Lines of 128 KB for the pattern `aws`."""
    lines(scene, b"AKIAIOSFODNN7EXAMPLE/")


def expression(scene):
    """Lines of 128 KB for an expression whose match looks further than it reaches."""
    lines(scene, b"pin=1 ")
