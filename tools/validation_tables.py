#!/usr/bin/env python3
"""The tables of docs/validation.md, made from the report.json of runs, and the same comparisons as checks.

usage: validation_tables.py figures REPORT REFERENCE400 [--ten FIGURES10] [--many REPORT] [--check]
       validation_tables.py theory REPORT SCENARIO [--check]
       validation_tables.py response REPORT
       validation_tables.py queue REPORT SCENARIO [--check]
       validation_tables.py trace CALLS.csv TRACE.csv.gz [--within S] [--check]
       validation_tables.py write DOCUMENT NAME=FILE...

Prints a table in Markdown; with --check the exit status is 1 when a line is outside its bound. "write" puts the files between
the lines "<!-- NAME -->" and "<!-- end -->" of the document. Only the Python standard library is used.

Bounds are Bonferroni's: all lines of a table together raise a false alarm in 1 of 100 seeds, so that a fixed seed either passes
for good or points at a difference. Nothing is tuned to a seed.
"""
import argparse
import csv
import gzip
import json
import math
import re
import statistics
import sys

FALSE_ALARMS = 0.01  # of a whole table
NORMAL = statistics.NormalDist()
SECONDS_A_DAY = 86400

# ---- small statistics ----


def normal_bound(lines):
    """How many standard errors a line may be off, either way."""
    return NORMAL.inv_cdf(1 - FALSE_ALARMS / lines / 2)


def student_tail(x, degrees):
    """P(T > x), by Simpson's rule over the angle: x = sqrt(degrees) tan(angle)."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi)
    low, high, steps = math.atan(x / math.sqrt(degrees)), math.pi / 2, 2000
    width = (high - low) / steps
    weights = (1 if i in (0, steps) else 4 if i % 2 else 2 for i in range(steps + 1))
    return scale * width / 3 * sum(w * math.cos(low + i * width) ** (degrees - 1) for i, w in enumerate(weights))


def student_quantile(share, degrees):
    low, high = 0.0, 1000.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, degrees) > 1 - share else (low, middle)
    return low


def student_bound(lines, replications):
    """How many 95 % half widths a line may be off, either way."""
    degrees = replications - 1
    return student_quantile(1 - FALSE_ALARMS / lines / 2, degrees) / student_quantile(0.975, degrees)


# ---- tables ----


class Table:
    def __init__(self, *titles):
        self.rows = [titles, ["---"] + ["---:"] * (len(titles) - 1)]
        self.outside = []

    def add(self, *cells, inside=True):
        self.rows.append(cells)
        if not inside:
            self.outside.append(cells[0])

    def finish(self, check):
        for row in self.rows:
            print("| " + " | ".join(map(str, row)) + " |")
        if self.outside:
            print("outside: " + "; ".join(self.outside), file=sys.stderr)
        return 1 if check and self.outside else 0


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def sheet(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def digits(half_width):
    """So many that the half width shows two figures."""
    return 3 if half_width <= 0 else min(6, max(0, 1 - math.floor(math.log10(half_width))))


def plus_minus(mean, half_width):
    if half_width is None:
        return f"{mean:.4g}"
    places = digits(half_width)
    return f"{mean:.{places}f} ± {half_width:.{places}f}"


# ---- the figures of an independent program ----

GROUPS = {"all": "all", "p1": "critical", "p2": "severe", "p3": "urgent"}
FIGURES = {  # theirs: ours, and what ours is multiplied by
    "calls a day": ("calls_per_day", 1),
    "mean response s": ("response_mean_s", 1),
    "median response s": ("response_median_s", 1),
    "p90 response s": ("response_p90_s", 1),
    "within target %": ("within_target", 100),
    "mean queue delay s (all calls)": ("queue_delay_all_s", 1),
    "mean queue delay s (queued calls)": ("queue_delay_queued_s", 1),
    "queued %": ("queued", 100),
    "bumped %": ("lost_unit", 100),
    "bumps per 100 calls": ("diversions_per_100", 1),
    "mean last trip to call s": ("trip_s", 1),
    "mean trip to hospital s": ("transport_trip_s", 1),
    "mean service s": ("service_s", 1),
    "answered from the queue %": ("reached_freed", 100),
    "answered while returning %": ("reached_returning", 100),
    "answered by diverted %": ("reached_diverted", 100),
}
SYSTEM = {
    "utilisation (busy) %": ("busy", 100),
    "returning %": ("returning", 100),
    "idle at station %": ("at_post", 100),
    "going to call %": ("to_scene", 100),
    "at call %": ("at_scene", 100),
    "going to hospital %": ("to_facility", 100),
    "at hospital %": ("at_facility", 100),
    "dispatches a day": ("dispatches_per_day", 1),
    "dispatches from station %": ("dispatches_from_post", 100),
    "dispatches while returning %": ("dispatches_returning", 100),
    "dispatches on becoming free %": ("dispatches_freed", 100),
    "dispatches diverted (redispatch) %": ("dispatches_diverted", 100),
    "calls in system (time mean)": ("calls_in_system", 1),
    "queue length (time mean)": ("queue_length", 1),
}
PRODUCTS = {"lambda*W": "service_s", "lambda*Wq": "queue_delay_all_s"}  # with the calls a second


def our_figure(report, name):
    """(mean, 95 % half width or None) of what the independent program calls by that name."""
    kind, _, figure = name.partition(" ")
    if kind in GROUPS:
        ours, factor = FIGURES[figure]
        estimate = report["figures"][GROUPS[kind]][ours]
    elif kind == "hosp":
        number, _, what = figure.partition(" ")
        if what != "share of transports %":
            raise KeyError(name)
        factor, estimate = 100, next(f["share"] for f in report["facilities"] if f["id"] == number)
    elif figure in PRODUCTS:
        # The means' product: beside the mean of products it lacks a covariance below 1 part in 10,000.
        a, b = report["figures"]["all"]["calls_per_day"], report["figures"]["all"][PRODUCTS[figure]]
        return a["mean"] * b["mean"] / SECONDS_A_DAY, None
    else:
        ours, factor = SYSTEM[figure]
        estimate = report["system"][ours]
    half = estimate["ci95_half"]
    return estimate["mean"] * factor, None if half is None else half * factor


class Difference:
    """Ours beside theirs. The deviation between replications is taken from their 400: known to 3.5 %, so that a normal bound
    serves however few ours are."""

    def __init__(self, mean, replications, theirs, half_width):
        self.deviation = half_width * math.sqrt(400) / student_quantile(0.975, 399)
        self.half_width = 1.96 * self.deviation * math.sqrt(1 / replications + 1 / 400)
        self.off = mean - theirs
        if self.half_width > 0:
            self.ratio = self.off / self.half_width
        else:  # what never happens, such as a diversion where none is allowed
            self.ratio = 0.0 if self.off == 0 else math.inf

    def inside(self, lines):
        return abs(self.ratio) * 1.96 <= normal_bound(lines)


def compare_figures(args):
    report, many = load(args.report), load(args.many) if args.many else None
    theirs, ten = sheet(args.reference), {row["figure"]: row for row in sheet(args.ten)} if args.ten else None
    replications = report["run"]["replications"]
    table = Table("figure", *(["theirs, 10"] if ten else []), "theirs, 400", f"ours, {replications}", "off, half widths",
                  *([f"ours, {many['run']['replications']}", "off, half widths"] if many else []))
    for row in theirs:
        name, mean, half = row["figure"], float(row["mean"]), float(row["halfwidth95"])
        cells, inside = [name], True
        if ten:
            cells.append(plus_minus(float(ten[name]["mean"]), float(ten[name]["halfwidth95"])))
        cells.append(plus_minus(mean, half))
        for run in (report, many) if many else (report,):
            ours, our_half = our_figure(run, name)
            difference = Difference(ours, run["run"]["replications"], mean, half)
            places = digits(difference.half_width)
            cells += [f"{ours:.{places}f}" if our_half is None else plus_minus(ours, our_half), f"{difference.ratio:+.2f}"]
            inside = inside and difference.inside(len(theirs))
        table.add(*cells, inside=inside)
    if len(theirs) < 70:
        table.outside.append("the reference has fewer figures than it should")
    print(f"bound for {len(theirs)} figures: {normal_bound(len(theirs)) / 1.96:.2f} half widths", file=sys.stderr)
    return table.finish(args.check)


# ---- what inputs and theory demand ----


class Given:
    """A distribution of service.csv: its mean and deviation."""

    def __init__(self, text):
        match = re.fullmatch(r"\s*(\w+)\((.*)\)\s*", text)
        name, numbers = match[1], [self.seconds(part) for part in match[2].split(",")]
        self.text, self.name = text, name
        if name == "constant":
            self.mean, self.deviation = numbers[0], 0.0
        elif name == "exponential":
            self.mean = self.deviation = numbers[0]
        elif name == "normal":
            self.mean, self.deviation = numbers
        elif name == "bernoulli":
            self.mean, self.deviation = numbers[0], math.sqrt(numbers[0] * (1 - numbers[0]))
        elif name == "weibull":
            first, second = (math.gamma(1 + k / numbers[0]) for k in (1, 2))
            self.mean, self.deviation = numbers[1] * first, numbers[1] * math.sqrt(second - first**2)
        else:
            raise SystemExit(f"validation_tables: no mean is known here for {text}")

    @staticmethod
    def seconds(text):
        match = re.search(r"([-+.\deE]+)\s*(s|min|h)?\s*$", text)
        return float(match[1]) * {None: 1, "s": 1, "min": 60, "h": 3600}[match[2]]


def read_scenario(folder):
    service = {}
    for row in sheet(f"{folder}/service.csv"):
        if row["priority"] != "*":
            raise SystemExit("validation_tables: service.csv tells a quantity by priority; that is not worked out here")
        service[row["quantity"]] = Given(row["distribution"])
    rates = sheet(f"{folder}/rate.csv")
    if len(rates) != 1 or any(rates[0][key] != "*" for key in ("day", "hour", "priority")):
        raise SystemExit("validation_tables: rate.csv is not one rate; that is not worked out here")
    shares = {row["priority"]: float(row["share"]) for row in sheet(f"{folder}/priorities.csv")}
    total = sum(shares.values())
    return service, float(rates[0]["calls_per_day"]), {p: s / total for p, s in shares.items() if s > 0}, \
        len(sheet(f"{folder}/units.csv"))


class Theory:
    def __init__(self, report, folder):
        self.report, self.system, self.all = report, report["system"], report["figures"]["all"]
        self.service, self.rate, self.shares, self.units = read_scenario(folder)
        self.days = report["run"]["days"] * report["run"]["replications"]
        self.per_day = self.mean("calls_per_day")

    def mean(self, figure, group="all"):
        return self.report["figures"][group][figure]["mean"]

    def inputs(self):
        """(what, expected, measured, standard error that the inputs imply, scale and unit)"""
        calls, rate, transport = self.per_day * self.days, self.rate, self.service["transport"]
        yield "calls a day", rate, self.per_day, math.sqrt(rate / self.days), 1, ""
        for priority, share in self.shares.items():
            yield f"calls a day, {priority}", rate * share, self.mean("calls_per_day", priority), math.sqrt(
                rate * share / self.days), 1, ""
        for priority, share in self.shares.items():
            yield f"share of calls, {priority}", share, self.mean("calls_per_day", priority) / self.per_day, math.sqrt(
                share * (1 - share) / calls), 100, " %"
        yield "transported", transport.mean, self.mean("transported"), transport.deviation / math.sqrt(calls), 100, " %"
        for title, interval, given in (("time on scene, transported", "scene", "on_scene"),
                                       ("time on scene, treated there", "scene_treated", "on_scene"),
                                       ("handover", "handover", "handover")):
            group = self.report["intervals"][interval]["all"]
            distribution = self.service[given]
            yield f"mean {title}", distribution.mean, group["mean_s"]["mean"], distribution.deviation / math.sqrt(
                group["n"]), 1, " s"
            if distribution.name == "exponential":  # the quantile q of n samples has variance q (1 - q) / n / density^2
                for q, key in ((0.5, "p50_s"), (0.9, "p90_s"), (0.99, "p99_s")):
                    yield f"{round(q * 100)}th percentile of {title}", -distribution.mean * math.log(1 - q), \
                        group[key]["mean"], distribution.mean * math.sqrt(q / (1 - q) / group["n"]), 1, " s"
        for title, place, given, chance in (("at a call", "at_scene", "on_scene", 1),
                                            ("at a hospital", "at_facility", "handover", transport.mean)):
            distribution, scale = self.service[given], 1 / self.units / SECONDS_A_DAY
            square = distribution.mean**2 + distribution.deviation**2  # compound Poisson: variance = rate x E[X^2]
            yield f"units {title}", rate * chance * distribution.mean * scale, self.system[place]["mean"], math.sqrt(
                rate * chance * square / self.days) * scale, 100, " %"

    def balances(self):
        """(what, by the clock, from the calls, what they may differ by: edges of the window)"""
        rate_s, get = self.per_day / SECONDS_A_DAY, self.mean
        delay = self.service["delay"].mean
        share = {name: self.system[name]["mean"] for name in ("busy", "to_scene", "to_facility", "returning", "at_post",
                                                              "out_of_service")}
        yield "calls in the system = λ W (Little)", self.system["calls_in_system"]["mean"], rate_s * get("service_s"), 1e-3
        yield "length of the queue = λ Wq (Little)", self.system["queue_length"]["mean"], rate_s * get("queue_delay_all_s"), 2e-2
        yield "utilisation = λ (W − Wq − delay) / units", share["busy"], rate_s * (
            get("service_s") - get("queue_delay_all_s") - delay) / self.units, 1e-3
        yield "going to calls = λ (response − Wq − delay) / units", share["to_scene"], rate_s * (
            get("response_mean_s") - get("queue_delay_all_s") - delay) / self.units, 1e-3
        yield "going to hospital = λ × transported × trip / units", share["to_facility"], rate_s * get("transported") * get(
            "transport_trip_s") / self.units, 1e-3
        yield "dispatches a day = calls + diversions", self.system["dispatches_per_day"]["mean"], self.per_day * (
            1 + get("diversions_per_100") / 100), 1e-3
        yield "busy + returning + at post + out of service = 1", share["busy"] + share["returning"] + share[
            "at_post"] + share["out_of_service"], 1, 1e-5
        hours = [sum(e["mean"] for e in unit["hours_per_day"].values()) for unit in self.report["units"]]
        yield "hours a day of each unit = 24", statistics.mean(hours), 24, 1e-5
        hours_busy = sum(e["mean"] for unit in self.report["units"] for activity, e in unit["hours_per_day"].items()
                         if activity in ("to_scene", "at_scene", "to_facility", "at_facility"))
        yield "utilisation = hours of the units", share["busy"], hours_busy / 24 / self.units, 1e-4
        given = delay + self.service["on_scene"].mean + self.service["transport"].mean * (
            self.service["handover"].mean + get("transport_trip_s"))
        yield "service time = response + on scene + transported × (trip + handover)", get("service_s"), get(
            "response_mean_s") + given - delay, 5e-3
        certain = [p for p in self.shares if get("diversions_per_100", p) == 0]
        for p in certain:  # of a call that keeps its unit
            yield f"response = delay + queue + trip, {p}", get("response_mean_s", p), delay + get(
                "queue_delay_all_s", p) + get("trip_s", p), 1e-5

    def busy_seconds(self):
        """Of units, for a call."""
        return self.mean("service_s") - self.mean("queue_delay_all_s") - self.service["delay"].mean


def check_theory(args):
    theory = Theory(load(args.report), args.scenario)
    table = Table("what the inputs give", "expected", "measured", "off, standard errors")
    lines = list(theory.inputs())
    bound = normal_bound(len(lines))
    for what, expected, measured, error, scale, unit in lines:
        z = (measured - expected) / error if error > 0 else 0.0 if math.isclose(measured, expected) else math.inf
        places = digits(error * scale)
        table.add(what, f"{expected * scale:.{places}f}{unit}", f"{measured * scale:.{places}f}{unit}", f"{z:+.2f}",
                  inside=abs(z) <= bound)
    failed = table.finish(args.check)
    print(f"bound for {len(lines)} lines: {bound:.2f} standard errors", file=sys.stderr)
    print()
    table = Table("two ways to one figure", "by the clock (left side)", "from the calls (right side)", "off, parts in 1,000",
                  "allowed")
    for what, left, right, allowed in theory.balances():
        off = left / right - 1 if right else left
        table.add(what, f"{left:.6g}", f"{right:.6g}", f"{off * 1000:+.3f}", f"{allowed * 1000:g}", inside=abs(off) <= allowed)
    failed = table.finish(args.check) or failed
    print()
    load_offered = theory.rate * theory.busy_seconds() / SECONDS_A_DAY
    print(f"Offered load {load_offered:.2f} of {theory.units} units; Erlang's C formula for that load: "
          f"{100 * erlang_c(theory.units, load_offered):.2f} % of calls wait; measured {100 * theory.mean('queued'):.2f} %.")
    return failed


# ---- an exact queue ----


def erlang_c(servers, load_offered):
    """Share of arrivals that wait in M/M/c (Erlang 1917), by the recursion of Erlang B."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load_offered * blocked / (n + load_offered * blocked)
    return blocked / (1 - load_offered / servers * (1 - blocked))


def check_queue(args):
    """M/M/c with priorities that do not interrupt (Cobham 1954): nobody travels, the time on scene is exponential."""
    report = load(args.report)
    theory = Theory(report, args.scenario)
    mean_s, units = theory.service["on_scene"].mean, theory.units
    rate_s = theory.rate / SECONDS_A_DAY
    use = rate_s * mean_s / units
    waiting = erlang_c(units, use * units)
    rows = [("calls a day", "calls_per_day", "all", theory.rate), ("share that waits", "queued", "all", waiting),
            ("mean wait of all, s", "queue_delay_all_s", "all", waiting * mean_s / units / (1 - use)),
            ("mean wait of those that wait, s", "queue_delay_queued_s", "all", mean_s / units / (1 - use))]
    below = 0.0
    for priority, share in theory.shares.items():  # in their order: most urgent first
        upto = below + use * share
        rows.append((f"mean wait, {priority}, s", "queue_delay_all_s", priority,
                     waiting * mean_s / units / ((1 - below) * (1 - upto))))
        rows.append((f"share that waits, {priority}", "queued", priority, waiting))
        below = upto
    estimates = [(what, report["figures"][group][name], expected) for what, name, group, expected in rows]
    estimates += [("utilisation", report["system"]["busy"], use),
                  ("calls in the system", report["system"]["calls_in_system"], use * units + waiting * use / (1 - use)),
                  ("length of the queue", report["system"]["queue_length"], waiting * use / (1 - use))]
    table = Table("figure", "formula", "measured", "off, half widths")
    bound = student_bound(len(estimates), report["run"]["replications"])
    for what, estimate, expected in estimates:
        off = (estimate["mean"] - expected) / estimate["ci95_half"]
        half = estimate["ci95_half"]
        table.add(what, f"{expected:.{digits(half)}f}", plus_minus(estimate["mean"], half), f"{off:+.2f}",
                  inside=abs(off) <= bound)
    print(f"bound for {len(estimates)} figures: {bound:.2f} half widths", file=sys.stderr)
    return table.finish(args.check)


# ---- response by priority ----


def show_response(args):
    report = load(args.report)
    table = Table("figure", *report["figures"].keys())
    for title, name, scale in (("calls a day", "calls_per_day", 1), ("mean response, s", "response_mean_s", 1),
                               ("median response, s", "response_median_s", 1), ("90th percentile, s", "response_p90_s", 1),
                               ("within target, %", "within_target", 100), ("queued, %", "queued", 100),
                               ("mean queue delay over all, s", "queue_delay_all_s", 1),
                               ("lost their unit to another call, %", "lost_unit", 100),
                               ("reached by a diverted unit, %", "reached_diverted", 100),
                               ("mean trip of the unit that arrived, s", "trip_s", 1),
                               ("mean service time, s", "service_s", 1)):
        cells = [group[name] for group in report["figures"].values()]
        table.add(title, *(plus_minus(e["mean"] * scale, e["ci95_half"] and e["ci95_half"] * scale) for e in cells))
    return table.finish(False)


# ---- call by call ----


def compare_trace(args):
    ours = {int(row["call"]): row for row in sheet(args.calls)}
    theirs = sheet(args.trace)
    table = Table("of each call", "calls", "equal", "largest difference, s")
    pairs = [(ours.get(int(row["call"])), row) for row in theirs]
    missing = sum(o is None for o, _ in pairs) + len(ours) - len(set(ours) & {int(row["call"]) for row in theirs})
    pairs = [(o, t) for o, t in pairs if o is not None]
    for our_name, their_name in (("unit", "ambulance"), ("facility", "hospital"), ("diversions", "bumps")):
        equal = sum((o[our_name] or "0") == (t[their_name] or "0") for o, t in pairs)
        table.add(our_name, len(theirs), equal, "", inside=equal == len(theirs))
    for name in ("queued_s", "response_s", "service_s"):
        off = [abs(float(o[name] or "nan") - float(t[name] or "nan")) for o, t in pairs]
        equal, worst = sum(value <= args.within for value in off), max(off, default=math.nan)
        table.add(f"{name} within {args.within:g} s", len(theirs), equal, f"{worst:.4f}", inside=equal == len(theirs))
    if missing or not theirs:
        table.outside.append(f"{missing} calls are on one side only")
    return table.finish(args.check)


# ---- into the document ----


def write_document(args):
    with open(args.document, encoding="utf-8") as file:
        text = file.read()
    for pair in args.tables:
        name, _, path = pair.partition("=")
        with open(path, encoding="utf-8") as file:
            body = file.read().strip("\n")
        pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
        text, count = pattern.subn(lambda match, body=body: f"{match[1]}{body}\n{match[2]}", text)
        if count != 1:
            print(f"validation_tables: {args.document} has {count} places for {name}, not one", file=sys.stderr)
            return 1
    with open(args.document, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)

    def verb(name, act, *names, check=True):
        made = verbs.add_parser(name)
        made.set_defaults(act=act)
        for argument in names:
            made.add_argument(argument)
        if check:
            made.add_argument("--check", action="store_true")
        return made

    made = verb("figures", compare_figures, "report", "reference")
    made.add_argument("--ten")
    made.add_argument("--many")
    verb("theory", check_theory, "report", "scenario")
    verb("response", show_response, "report", check=False)
    verb("queue", check_queue, "report", "scenario")
    verb("trace", compare_trace, "calls", "trace").add_argument("--within", type=float, default=1.0)
    verb("write", write_document, "document", check=False).add_argument("tables", nargs="+")
    args = parser.parse_args()
    try:
        return args.act(args)
    except (OSError, json.JSONDecodeError) as why:
        raise SystemExit(f"validation_tables: {why}") from why
    except KeyError as why:
        raise SystemExit(f"validation_tables: a file lacks the field {why}; is it what its place on the line asks for?") from why


sys.exit(main())
