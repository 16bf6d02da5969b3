"""One connection in each protocol, with acknowledgements and without, in turn, beside RFC 5424."""

from dataclasses import dataclass

BASE = "rfc5424"
GOAL = 0.7


@dataclass(frozen=True)
class Case:
    """One way to send: the protocol, its file, and how much is on its way."""

    name: str
    form: str
    protocol: str = ""  # none: the file as it is
    each: int = 1  # events a delivery
    window: int = 0  # deliveries on their way; 0 does not wait
    beside: str = ""  # the case without acknowledgements
    goal: bool = True  # whether the window is meant to hide the commit's latency

    def send(self, bench, events):
        port, tools = bench.service.port, bench.tools
        if not self.protocol:
            return bench.send(self.form, events, 1)
        return bench.shipped(self.form, events,
                             lambda file: tools.ship(port, self.protocol, file, self.each, self.window))


# Windows: omrelp's own and a larger one; Filebeat's bulk_max_size and pipelining; chunks of 1000 events, a few in
# flight.
# RELP and Lumberjack always answer; without a window the sender does not wait for it.
CASES = (
    Case(BASE, "rfc5424"),
    Case("json", "json"),
    Case("gelf", "gelf"),
    Case("relp_no_waiting", "rfc5424", "relp"),
    Case("relp_window_128", "rfc5424", "relp", window=128, beside="relp_no_waiting", goal=False),
    Case("relp_window_2048", "rfc5424", "relp", window=2048, beside="relp_no_waiting"),
    Case("lumberjack_no_waiting", "json", "lumberjack", each=2048),
    Case("lumberjack_2_windows_of_2048", "json", "lumberjack", each=2048, window=2, beside="lumberjack_no_waiting"),
    Case("lumberjack_4_windows_of_2048", "json", "lumberjack", each=2048, window=4, beside="lumberjack_no_waiting"),
    Case("forward_no_acks", "forward", "forward", each=1000),
    Case("forward_acks_8_chunks_of_1000", "forward", "forward", each=1000, window=8, beside="forward_no_acks"),
)


def run(bench):
    bench.start_service()
    for case in CASES:
        case.send(bench, max(bench.options.warmup // len(CASES), 1000))
        bench.clear()
    for number in range(1, bench.options.rounds + 1):
        rates, cpu = {}, {}
        for case in CASES if number % 2 else reversed(CASES):
            measured = case.send(bench, bench.options.events)
            rates[case.name] = measured.rate
            cpu[f"{case.name}_cpu"] = measured.per_million(measured.service_cpu)
            bench.clear()
        ratios = {f"{case.name}_ratio": rates[case.name] / rates[case.beside or BASE] for case in CASES}
        bench.report.round(number, **rates, **cpu, **ratios)
    summarise(bench.report)


def summarise(report):
    for case in CASES:
        report.final(case.name, report.median(case.name), "1/s", note="median, one connection")
        report.final("  CPU of the service", report.median(f"{case.name}_cpu"), "s/million")
        ratio = report.median(f"{case.name}_ratio")
        if case.beside:
            report.final(f"  ratio to {case.beside}", ratio, "", at_least=GOAL if case.goal else None)
        elif case.name != BASE:
            report.final(f"  ratio to {BASE}", ratio, "")
