"""Events a second until committed, beside a lean COPY of the same rows into the same table, in turn."""

GOALS = {
    "rfc5424": {"ratio": 0.75, "cpu": 1.5},
    "json": {"ratio": 0.65, "cpu": None},
}
CONNECTIONS = 4


def run(bench, form):
    bench.start_service()
    bench.warm_up(form, CONNECTIONS)
    rows = bench.postgres.home / f"{form}.rows"
    for number in range(1, bench.options.rounds + 1):
        service = bench.send(form, bench.options.events, CONNECTIONS)
        if number == 1:
            export(bench.database, rows)
        bench.clear()
        limit, limit_cpu = load(bench, rows)
        bench.clear()
        bench.report.round(
            number, service_per_s=service.rate, limit_per_s=limit, ratio=service.rate / limit,
            service_cpu_s_per_million=service.per_million(service.service_cpu),
            postgres_cpu_s_per_million=service.per_million(service.postgres_cpu),
            postgres_cpu_s_per_million_at_limit=limit_cpu, peak_rss_mb=bench.service.peak_mb())
    summarise(bench, GOALS[form])


def columns(database):
    return database.rows("SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
                         " FROM information_schema.columns WHERE table_name = 'log_event'")[0][0]


def export(database, file):
    """The rows as the service wrote them, in COPY's binary format; the server writes the file itself."""
    database.rows(f"COPY (SELECT {columns(database)} FROM log_event) TO '{file}' (FORMAT binary)")


def load(bench, rows):
    before = bench.postgres.cpu_seconds()
    statement = f"COPY log_event ({columns(bench.database)}) FROM STDIN (FORMAT binary)"
    loaded = bench.tools.load(bench.postgres, rows, statement, bench.options.lanes)
    cpu = bench.postgres.cpu_seconds() - before
    bench.verify(loaded["rows"])
    return loaded["rows"] / (loaded["last"] - loaded["first"]), cpu / loaded["rows"] * 1e6


def summarise(bench, goals):
    report, lanes = bench.report, bench.options.lanes
    report.final("events until committed", report.median("service_per_s"), "1/s", note="median")
    report.final("limit: lean binary COPY", report.median("limit_per_s"), "1/s", note=f"median, {lanes} connections")
    report.final("ratio to the limit", report.median("ratio"), "", at_least=goals["ratio"],
                 note="median of the rounds' ratios")
    report.final("CPU of the service", report.median("service_cpu_s_per_million"), "s/million", at_most=goals["cpu"])
    report.final("CPU of PostgreSQL", report.median("postgres_cpu_s_per_million"), "s/million")
    report.final("CPU of PostgreSQL at the limit", report.median("postgres_cpu_s_per_million_at_limit"), "s/million")
    report.final("peak resident memory", bench.service.peak_mb(), "MB", at_most=200)
