"""Attacks on the telling of the protocol, which looks at what has come so far."""

from e2e.attacks.scene import crowd, drip


def nested_start(scene):
    """The start of an object that stays undecided, then a byte every half second."""
    with crowd(scene.port, scene.many(4, 4), b'{"a":[{}' + b",{}" * 15_000, scene.until) as connections:
        drip(connections, b",", 0.5, scene.until)


def blank_lines(scene):
    """A brace and nothing but line feeds, then four more a second."""
    with crowd(scene.port, scene.many(4, 4), b"{" + b"\n" * 64_000, scene.until) as connections:
        drip(connections, b"\n", 0.25, scene.until)
