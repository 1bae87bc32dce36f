#!/usr/bin/env python3
"""Makes C tables and documentation from schema/indicators.toml.

    generate_indicators.py --schema DIR --c OUT_DIR       indicator_types.h and indicator_tables.h
    generate_indicators.py --schema DIR --docs FILE       the page about indicators
    generate_indicators.py --schema DIR --check-docs FILE fails if that page is stale
"""
import argparse
import pathlib
import sys
import tomllib

STAGES = ["call_offered", "call_answered", "place_known", "triaged", "incident_opened", "arrest_recognised",
          "compressions_begun", "unit_assigned", "unit_notified", "unit_acknowledged", "unit_departed", "on_scene",
          "at_patient", "left_scene", "at_facility", "handed_over", "available", "back_at_post"]
POPULATIONS = ["calls", "incidents", "arrests", "missions", "transports", "treated", "returns"]
STATISTICS = ["within", "beyond", "mean", "p50", "p90", "within_target", "satisfaction", "protocol_used", "deviation",
              "reprioritised"]
SECONDS = ["mean", "p50", "p90"]
RATIOS = ["satisfaction", "protocol_used", "deviation", "reprioritised"]  # of incidents, whatever the interval
PRIORITIES = ["critical", "severe", "urgent", "non_urgent"]
NOTE = "/* Made from schema/indicators.toml by schema/generate_indicators.py at build time. Do not edit. */"


def check(table):
    names = [i["name"] for i in table["interval"]]
    wrong = []
    for i in table["interval"]:
        unit_stages = i["population"] not in ("calls", "incidents", "arrests")
        if i["from"] not in STAGES or i["to"] not in STAGES or STAGES.index(i["from"]) >= STAGES.index(i["to"]):
            wrong.append(f"interval {i['name']}: from and to must be stages in their order")
        elif unit_stages and STAGES.index(i["from"]) < STAGES.index("unit_assigned"):
            wrong.append(f"interval {i['name']}: a mission begins with unit_assigned")
        if i["population"] not in POPULATIONS:
            wrong.append(f"interval {i['name']}: unknown population {i['population']}")
    for i in table["indicator"]:
        if i["interval"] not in names:
            wrong.append(f"indicator {i['name']}: unknown interval {i['interval']}")
        if i["statistic"] not in STATISTICS or i["better"] not in ("high", "low") or i["version"] < 1:
            wrong.append(f"indicator {i['name']}: unknown statistic, direction or version")
        if ("limit_s" in i) != (i["statistic"] in ("within", "beyond")):
            wrong.append(f"indicator {i['name']}: limit_s belongs to within and beyond")
        if i.get("priority", PRIORITIES[0]) not in PRIORITIES:
            wrong.append(f"indicator {i['name']}: unknown priority {i['priority']}")
    for kind in ("interval", "indicator"):
        all_names = [i["name"] for i in table[kind]]
        wrong += [f"{kind} {n} stands twice" for n in set(all_names) if all_names.count(n) > 1]
    if wrong:
        sys.exit("indicators.toml: " + "\nindicators.toml: ".join(wrong))


def enum(name, values):
    upper = name.upper()
    lines = [f"enum {name} {{"] + [f"    {upper}_{v.upper()}," for v in values]
    return "\n".join(lines + [f"    {upper}_COUNT,", "};", ""])


def generate_types(table):
    return "\n".join([NOTE, "#ifndef MINGDI_GENERATED_INDICATOR_TYPES_H", "#define MINGDI_GENERATED_INDICATOR_TYPES_H", "",
                      enum("population", POPULATIONS), enum("statistic", STATISTICS),
                      enum("interval", [i["name"] for i in table["interval"]]),
                      enum("indicator", [i["name"] for i in table["indicator"]]), "#endif", ""])


def generate_tables(table):
    out = [NOTE, "const struct interval_definition INTERVALS[INTERVAL_COUNT] = {"]
    for i in table["interval"]:
        out.append(f'    {{ "{i["name"]}", "{i["title"]}", "{i["zh"]}", STAGE_{i["from"].upper()}, STAGE_{i["to"].upper()}, '
                   f'POPULATION_{i["population"].upper()} }},')
    out += ["};", "const struct indicator_definition INDICATORS[INDICATOR_COUNT] = {"]
    for i in table["indicator"]:
        priority = "PRIORITY_" + i["priority"].upper() if "priority" in i else "PRIORITY_COUNT"
        out.append(f'    {{ "{i["name"]}", "{i["title"]}", "{i["zh"]}", "{i["who"]}", {i["version"]}, '
                   f'INTERVAL_{i["interval"].upper()}, STATISTIC_{i["statistic"].upper()}, {float(i.get("limit_s", 0))}, '
                   f'{"true" if "target" in i else "false"}, {float(i.get("target", 0))}, '
                   f'{"true" if i["better"] == "high" else "false"}, {priority} }},')
    return "\n".join(out + ["};", ""])


def told(i):
    if "target" not in i:
        return ""
    sign = "≥" if i["better"] == "high" else "≤"
    return f"{sign} {i['target']} s" if i["statistic"] in SECONDS else f"{sign} {i['target'] * 100:g} %"


def generate_docs(table):
    out = ["# Indicators", "",
           "Made from `schema/indicators.toml` by `schema/generate_indicators.py`; a test fails when it is stale.",
           "Every indicator is told with its sample size and the share of missing data, by district and by priority; "
           "percentiles are",
           "exact over the samples (linear between order statistics, R type 7).", "",
           "`afterwards` is how many of the sample were worked on paper while the server was gone and entered when it was back",
           "([paper](paper.md)): they count by their own times, hour and district. What nobody noted is missing. A form does not",
           "tell whether the priority was changed on the way, nor by which protocol was asked: such a case counts as not changed",
           "and as asked by none.", "", "## Intervals", "",
           "| interval | 中文 | from | to | of |", "|---|---|---|---|---|"]
    out += [f"| `{i['name']}`: {i['title']} | {i['zh']} | {i['from']} | {i['to']} | {i['population']} |"
            for i in table["interval"]]
    out += ["",
            "`calls`: every call, but for those given up before an answer. `incidents`: incidents that a unit reached, by the "
            "first unit on scene. `arrests`: incidents in whose triage a cardiac arrest was recognised.",
            "`missions`: completed missions; `transports` of them took a patient away, `treated` took nobody, after "
            "`returns` the unit reached its post.", "", "## Indicators", "",
            "| indicator | version | 中文 | what | target | who |", "|---|---|---|---|---|---|"]
    for i in table["indicator"]:
        limit = f" {i['limit_s']} s" if "limit_s" in i else ""
        of = "" if i["statistic"] in RATIOS else f" of `{i['interval']}`"
        only = f", {i['priority']} only" if "priority" in i else ""
        out.append(f"| `{i['name']}`: {i['title']} | {i['version']} | {i['zh']} | "
                   f"{i['statistic']}{limit}{of}{only} | {told(i)} | {i['who']} |")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--c", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--check-docs", type=pathlib.Path)
    arguments = parser.parse_args()
    table = tomllib.loads((arguments.schema / "indicators.toml").read_text(encoding="utf-8"))
    check(table)
    if arguments.c:
        arguments.c.mkdir(parents=True, exist_ok=True)
        (arguments.c / "indicator_types.h").write_text(generate_types(table), encoding="utf-8")
        (arguments.c / "indicator_tables.h").write_text(generate_tables(table), encoding="utf-8")
    if arguments.docs:
        arguments.docs.write_text(generate_docs(table), encoding="utf-8")
    if arguments.check_docs and arguments.check_docs.read_text(encoding="utf-8") != generate_docs(table):
        sys.exit(f"{arguments.check_docs} is stale: run schema/generate_indicators.py --schema schema "
                 f"--docs {arguments.check_docs}")


main()
