#!/usr/bin/env python3
"""The last lines of the demonstration: a few figures of report.json, each with the half-width of its 95 % interval.

usage: headline.py report.json
"""
import json
import sys

FIGURES = [  # name in the report, what to call it, factor, unit
    ("calls_per_day", "calls a day", 1, ""),
    ("mean_response_s", "mean response", 1 / 60, "min"),
    ("within_target", "within the target of their priority", 100, "%"),
    ("busy", "units busy, of their time on duty", 100, "%"),
    ("transported", "taken to a hospital", 100, "%"),
]


def estimates(node, found):
    """Every {"mean", "ci95_half"} of the report by its name; the outermost of a name counts."""
    deeper = []
    for name, value in node.items():
        if isinstance(value, dict):
            if "mean" in value and "ci95_half" in value:
                found.setdefault(name, value)
            else:
                deeper.append(value)
    for value in deeper:
        estimates(value, found)
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = estimates(json.load(file), {})
    print("\nGothenburg, 30 simulated days, three times (mean, and half of the 95 % interval):")
    for name, title, factor, unit in FIGURES:
        value = found.get(name)
        if value and value["mean"] is not None:
            half = value["ci95_half"]
            spread = f" +- {half * factor:.2f}" if half is not None else ""
            print(f"  {title + ':':40} {value['mean'] * factor:8.2f}{spread} {unit}".rstrip())


main()
