#!/usr/bin/env python3
"""What was true of each call of a run, read back from its journal: "mingdi journal show FILE | truth.py" prints CALLS.csv.

Arrival, place and priority as they were told; delay, time on scene and handover as the difference of two reports. Of calls that
one unit served to the end; any other stops it. Policies must not change a line of it.
"""
import json
import sys

OFFERED, PLACE, INCIDENT, MISSION = {}, {}, {}, {}


def seconds(microseconds):
    return f"{microseconds // 1000000}.{microseconds % 1000000:06d}"


def take(event):
    kind = event["event"]
    if kind == "call_offered":
        OFFERED[event["call"]] = event
    elif kind == "call_located":
        PLACE[event["call"]] = event["point"]
    elif kind == "incident_opened":
        INCIDENT[event["incident"]] = event
    elif kind == "unit_assigned":
        MISSION[event["mission"]] = {"incident": event["incident"]}
    elif kind == "mission_progressed":
        MISSION[event["mission"]][event["state"]] = event["occurred_at"]
    elif kind == "mission_ended":
        MISSION[event["mission"]][event["reason"]] = event["occurred_at"]


def main():
    for line in sys.stdin:
        for event in json.loads(line)["events"]:
            take(event)
    served = {}
    for mission in MISSION.values():
        if "completed" in mission:
            if mission["incident"] in served:
                sys.exit(f"truth: two units completed incident {mission['incident']}")
            served[mission["incident"]] = mission
    rows = []
    for number, incident in INCIDENT.items():
        mission, call = served.pop(number, None), incident["call"]
        if mission is None:
            sys.exit(f"truth: nobody completed incident {number}")
        transport = "at_facility" in mission
        left = mission["left_scene"] if transport else mission["completed"]
        handover = mission["completed"] - mission["at_facility"] if transport else 0
        point = PLACE[call]
        rows.append((OFFERED[call]["external"],
                     f"{OFFERED[call]['external']},{incident['priority']},{point[0]:.7f},{point[1]:.7f},"
                     f"{seconds(OFFERED[call]['occurred_at'])},{seconds(incident['triaged_at'] - OFFERED[call]['occurred_at'])},"
                     f"{seconds(left - mission['on_scene'])},{int(transport)},{seconds(handover)}"))
    if len(rows) != len(OFFERED):
        sys.exit(f"truth: {len(OFFERED)} calls, {len(rows)} incidents")
    print("call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s")
    for _, row in sorted(rows):
        print(row)


main()
