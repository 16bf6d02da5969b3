"""Shippers of Forward whose chunks are told apart in the tables, and what has to be there of them at the end."""

from e2e.harness.checks import require_same
from e2e.harness.senders import Forward

SHIPPERS = 4
CHUNK_EVENTS = 25
CHUNKS_A_SECOND = 40


class ChunkShipper(Forward):
    """Sends chunks of some events each."""

    @staticmethod
    def messages(text):
        return [f"{text}/{n}" for n in range(CHUNK_EVENTS)]


def start_shippers(name, port):
    shippers = [ChunkShipper(f"{name}-{n}", ("127.0.0.1", port), CHUNKS_A_SECOND) for n in range(SHIPPERS)]
    for shipper in shippers:
        shipper.start()
    return shippers


def end_shippers(shippers):
    for shipper in shippers:
        shipper.running = False
    for shipper in shippers:
        shipper.end()


def check_stored_once(name, postgres, shippers, tables=("log_event",)):
    """What was acknowledged is in these tables, and no chunk is there twice or in part."""
    acked = set().union(*(shipper.acked for shipper in shippers))
    every = " union all ".join(f"select message from {table}" for table in tables)
    rows = postgres.execute("select split_part(message, '/', 1), count(*)::text, count(distinct message)::text"
                            f" from ({every}) every group by 1")
    require_same("chunks without an answer", 0, sum(len(shipper.waiting) for shipper in shippers))
    require_same("chunks that are stored more than once, or in part", [],
                 [row for row in rows if row[1:] != [str(CHUNK_EVENTS)] * 2])
    require_same("chunks that are acknowledged and missing", set(), acked - {row[0] for row in rows})
    require_same("dead letters", [["0"]], postgres.execute("select count(*)::text from dead_letter"))
    print(f"ok: {name}: {len(acked) * CHUNK_EVENTS} events acknowledged, all stored once", flush=True)
