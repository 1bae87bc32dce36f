#!/usr/bin/env python3
"""A second simulator of the rules in docs/validation.md, written apart from the first and sharing nothing with it: plain Python,
plain Dijkstra, floating seconds, no core. Slow and short, to be held against "mingdi simulate --calls" call by call.

usage: second_simulator.py MODEL REDISPATCH CALLS.csv[.gz] > ANSWERS.csv
       second_simulator.py --draw MODEL COUNT GAP_S SEED > CALLS.csv

MODEL is a JEMSS model folder; REDISPATCH a file of its misc/redispatch. Answers: call,hospital,ambulance,bumps,queued_s,
response_s,service_s. --draw makes calls around nodes, as dense in time as asked, so that units run out and are diverted.
"""
import bisect
import csv
import glob
import gzip
import heapq
import math
import random
import sys

DAY = 86400.0
NAMES = {"highPriority": 1, "medPriority": 2, "lowPriority": 3}


def section(path, first):
    """Rows of the table whose heading begins with that column, until an empty row."""
    rows, heading = [], None
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if heading is None:
                if row and row[0] == first:
                    heading = row
            elif not row or row[0] == "":
                break
            else:
                rows.append(dict(zip(heading, row)))
    return rows


def only(pattern):
    return sorted(glob.glob(pattern))[0]


class Place:
    def __init__(self, node, off_km):
        self.node, self.off_km = node, off_km


class City:
    def __init__(self, model):
        self.map = section(only(f"{model}/maps/*.csv"), "xMin")[0]
        self.scale = float(self.map["xScale"]), float(self.map["yScale"])
        self.nodes = [(float(r["x"]), float(r["y"]), float(r["offRoadAccess"]) != 0)
                      for r in section(f"{model}/travel/roads/nodes.csv", "index")]
        self.open_nodes = [i for i, node in enumerate(self.nodes) if node[2]]
        travel = only(f"{model}/travel/travel/*.csv")
        self.speed = {int(r["travelModeIndex"]): float(r["offRoadSpeed"]) / DAY for r in section(travel, "travelModeIndex")}
        self.mode_of = {NAMES[r["priority"]]: int(r["travelModeIndex"]) for r in section(travel, "travelSetIndex")}
        self.into = {mode: [[] for _ in self.nodes] for mode in self.speed}
        for r in section(f"{model}/travel/roads/arcs.csv", "index"):
            for mode, into in self.into.items():
                into[int(float(r["toNode"])) - 1].append((int(float(r["fromNode"])) - 1, float(r[f"mode_{mode}"]) * DAY))
        self.trees = {}

    def place(self, x, y):
        sx, sy = self.scale
        square, node = min((((self.nodes[i][0] - x) * sx)**2 + ((self.nodes[i][1] - y) * sy)**2, i) for i in self.open_nodes)
        return Place(node, math.sqrt(square))

    def tree(self, target, mode, wanted=None):
        """Seconds to the target and the node after each; as far as wanted asks, or everywhere, which is kept."""
        if wanted is None and (target, mode) in self.trees:
            return self.trees[target, mode]
        left, after, done, heap = {target: 0.0}, {target: None}, set(), [(0.0, target)]
        missing = set(wanted) if wanted is not None else None
        while heap and missing != set():
            far, node = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            if missing is not None:
                missing.discard(node)
            for before, seconds in self.into[mode][node]:
                if far + seconds < left.get(before, math.inf):
                    left[before], after[before] = far + seconds, node
                    heapq.heappush(heap, (far + seconds, before))
        if wanted is None:
            self.trees[target, mode] = left, after
        return left, after


class Unit:
    def __init__(self, number, place):
        self.number, self.home, self.at = number, place, place  # at: where it stands, or None on a trip
        self.state, self.call, self.trip, self.ends = "idle", None, None, math.inf

    def ahead(self, now, speed, mode):
        """The node from which it could set out, and how long until it is there."""
        if self.at is not None:
            return self.at.node, self.at.off_km / speed[mode]
        nodes, times, old_mode = self.trip
        i = bisect.bisect_left(times, now)
        if i < len(nodes):
            return nodes[i], times[i] - now
        return nodes[-1], (now - times[-1]) * speed[old_mode] / speed[mode]

    def go(self, city, now, target, mode, tree):
        left, after = tree
        node, lead = self.ahead(now, city.speed, mode)
        start, nodes, times = node, [], []
        while node is not None:
            nodes.append(node)
            times.append(now + lead + left[start] - left[node])
            node = after[node]
        self.trip, self.at = (nodes, times, mode), None
        self.ends = times[-1] + target.off_km / city.speed[mode]


class Service:
    def __init__(self, model, redispatch, calls):
        self.city = City(model)
        stations = [self.city.place(float(r["x"]), float(r["y"])) for r in section(only(f"{model}/stations/*.csv"), "index")]
        self.hospitals = [self.city.place(float(r["x"]), float(r["y"]))
                          for r in section(only(f"{model}/hospitals/*.csv"), "index")]
        self.units = [Unit(i + 1, stations[int(r["stationIndex"]) - 1])
                      for i, r in enumerate(section(only(f"{model}/ambulances/*.csv"), "index"))]
        allowed = section(redispatch, "allowRedispatch")[0]["allowRedispatch"] == "1"
        self.diverts = {(NAMES[r["fromCallPriority"]], NAMES[r["toCallPriority"]])
                        for r in section(redispatch, "fromCallPriority") if allowed and r["allowRedispatch"] == "1"}
        self.low = self.city.mode_of[3]
        self.queue, self.events, self.count = [], [], 0
        self.calls = calls
        for call in calls:
            call.place = self.city.place(call.x, call.y)
            self.schedule(call.arrival + call.delay, self.consider, call)

    def schedule(self, at, act, *what):
        self.count += 1
        heapq.heappush(self.events, (at, self.count, act, what))

    def run(self):
        while self.events:
            now, _, act, what = heapq.heappop(self.events)
            act(now, *what)

    def consider(self, now, call):
        mode, city = self.city.mode_of[call.priority], self.city
        candidates = [u for u in self.units if u.state in ("idle", "returning")
                      or (u.state == "going" and (u.call.priority, call.priority) in self.diverts)]
        if not candidates:
            heapq.heappush(self.queue, (call.priority, call.arrival, call.number, now, call))
            return
        leads = {u.number: u.ahead(now, city.speed, mode) for u in candidates}
        tree = city.tree(call.place.node, mode, {node for node, _ in leads.values()})
        best = min(candidates, key=lambda u: (leads[u.number][1] + tree[0].get(leads[u.number][0], math.inf), u.number))
        left_behind = best.call if best.state == "going" else None
        self.send(now, best, call, tree)
        if left_behind is not None:
            left_behind.bumps += 1
            self.consider(now, left_behind)

    def send(self, now, unit, call, tree=None):
        mode = self.city.mode_of[call.priority]
        if tree is None:
            tree = self.city.tree(call.place.node, mode, {unit.ahead(now, self.city.speed, mode)[0]})
        unit.go(self.city, now, call.place, mode, tree)
        unit.state, unit.call, call.unit = "going", call, unit.number
        self.schedule(unit.ends, self.arrive, unit, unit.trip)

    def arrive(self, now, unit, trip):
        if unit.trip is not trip:
            return  # it was sent elsewhere before it came there
        unit.at, unit.trip = (unit.call.place if unit.state == "going" else unit.home), None
        if unit.state == "returning":
            unit.state = "idle"
            return
        unit.state, call = "there", unit.call
        call.response = now - call.arrival
        self.schedule(now + call.on_scene, self.leave, unit)

    def leave(self, now, unit):
        call = unit.call
        if not call.transport:
            self.release(now, unit)
            return
        ways = [self.city.tree(h.node, self.low)[0][call.place.node] + h.off_km / self.city.speed[self.low]
                for h in self.hospitals]
        call.hospital = ways.index(min(ways)) + 1
        hospital = self.hospitals[call.hospital - 1]
        unit.go(self.city, now, hospital, self.low, self.city.tree(hospital.node, self.low))
        unit.state = "transporting"
        self.schedule(unit.ends + call.handover, self.hand_over, unit, hospital)

    def hand_over(self, now, unit, hospital):
        unit.at, unit.trip = hospital, None
        self.release(now, unit)

    def release(self, now, unit):
        unit.call.service = now - unit.call.arrival
        unit.call = None
        if self.queue:
            _, _, _, since, call = heapq.heappop(self.queue)
            call.queued += now - since
            self.send(now, unit, call)
            return
        unit.go(self.city, now, unit.home, self.low, self.city.tree(unit.home.node, self.low))
        unit.state = "returning"
        self.schedule(unit.ends, self.arrive, unit, unit.trip)


class Call:
    def __init__(self, row):
        self.number, self.priority, self.transport = int(row["call"]), int(row["priority"]), row["transport"] == "1"
        self.x, self.y = float(row["lon"]), float(row["lat"])
        self.arrival, self.delay = float(row["arrival_s"]), float(row["delay_s"])
        self.on_scene, self.handover = float(row["on_scene_s"]), float(row["handover_s"])
        self.queued, self.bumps, self.hospital, self.unit = 0.0, 0, 0, 0
        self.response = self.service = math.nan


def read_calls(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        return [Call(row) for row in csv.DictReader(file)]


def draw(model, count, gap_s, seed):
    drawn, city, at = random.Random(seed), City(model), 0.0
    print("call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s")
    for number in range(1, count + 1):
        at += drawn.expovariate(1 / gap_s)
        x, y, _ = city.nodes[drawn.choice(city.open_nodes)]
        x, y = x + drawn.uniform(-0.001, 0.001), y + drawn.uniform(-0.001, 0.001)
        print(f"{number},{drawn.choice((1, 1, 2, 3, 3, 3))},{x:.7f},{y:.7f},{at:.6f},{drawn.uniform(0, 90):.6f},"
              f"{drawn.expovariate(1 / 500):.6f},{int(drawn.random() < 0.7)},{drawn.expovariate(1 / 400):.6f}")


def main():
    if sys.argv[1] == "--draw":
        draw(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
        return
    calls = read_calls(sys.argv[3])
    Service(sys.argv[1], sys.argv[2], calls).run()
    print("call,hospital,ambulance,bumps,queued_s,response_s,service_s")
    for c in calls:
        print(f"{c.number},{c.hospital},{c.unit},{c.bumps},{c.queued:.6f},{c.response:.6f},{c.service:.6f}")


main()
