"""A connection to PostgreSQL by way of libpq, which the loader needs anyhow: no Python driver to install."""

import ctypes
import ctypes.util

from e2e.harness.checks import Failure

CONNECTION_OK = 0
GOOD_RESULTS = (1, 2)  # PGRES_COMMAND_OK, PGRES_TUPLES_OK


def load_libpq():
    name = ctypes.util.find_library("pq")
    if not name:
        raise Failure("libpq is missing: install libpq-dev")
    library = ctypes.CDLL(name)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures = {
        "PQconnectdb": (pointer, [text]), "PQstatus": (number, [pointer]), "PQerrorMessage": (text, [pointer]),
        "PQexec": (pointer, [pointer, text]), "PQresultStatus": (number, [pointer]), "PQntuples": (number, [pointer]),
        "PQnfields": (number, [pointer]), "PQgetvalue": (text, [pointer, number, number]), "PQclear": (None, [pointer]),
        "PQfinish": (None, [pointer]),
    }
    for function, (result, arguments) in signatures.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


class Database:
    def __init__(self, conninfo):
        self.libpq = load_libpq()
        self.connection = self.libpq.PQconnectdb(conninfo.encode())
        if self.libpq.PQstatus(self.connection) != CONNECTION_OK:
            message = self.error()
            self.close()
            raise Failure(message)

    def error(self):
        return self.libpq.PQerrorMessage(self.connection).decode().strip()

    def rows(self, sql):
        result = self.libpq.PQexec(self.connection, sql.encode())
        try:
            if self.libpq.PQresultStatus(result) not in GOOD_RESULTS:
                raise Failure(f"{sql}: {self.error()}")
            columns = range(self.libpq.PQnfields(result))
            return [[self.libpq.PQgetvalue(result, row, column).decode() for column in columns]
                    for row in range(self.libpq.PQntuples(result))]
        finally:
            self.libpq.PQclear(result)

    def number(self, sql):
        return int(self.rows(sql)[0][0])

    def close(self):
        self.libpq.PQfinish(self.connection)
