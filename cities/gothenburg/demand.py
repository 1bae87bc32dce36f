#!/usr/bin/env python3
"""Demand cells of the demonstration, drawn from the density of roads: where people live there are streets to live in.

usage: demand.py ROADS.geojson STATIONS.csv DEMAND.csv

The area is cut into cells of 0.004 x 0.002 degrees (about 240 x 220 m). A cell's weight is the length of the streets in it, in
metres, each class counted by the share below: residential streets stand for dwellings, pedestrian streets for shops and
squares, larger streets for traffic. Cells more than 9 km from every station are left out. This is an assumption, not a
census; the same input gives the same output, byte by byte.
"""
import csv
import json
import math
import sys

CELL_LON, CELL_LAT = 0.004, 0.002
SHARE = {"residential": 1.0, "living_street": 1.0, "pedestrian": 2.0, "unclassified": 0.4, "tertiary": 0.4, "secondary": 0.3,
         "primary": 0.3, "service": 0.1}
REACH_M = 9000
STEP_M = 20


def metres(a, b):
    north = (b[1] - a[1]) * 111195
    east = (b[0] - a[0]) * 111195 * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(north, east)


def add_line(cells, line, share):
    """Spread the line's length over the cells that it passes, in pieces of at most STEP_M."""
    for a, b in zip(line, line[1:]):
        length = metres(a, b)
        pieces = max(1, math.ceil(length / STEP_M))
        for i in range(pieces):
            part = (i + 0.5) / pieces
            lon, lat = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            key = (math.floor(lon / CELL_LON), math.floor(lat / CELL_LAT))
            cells[key] = cells.get(key, 0) + length / pieces * share


def main():
    roads, stations_file, out = sys.argv[1:4]
    with open(roads, encoding="utf-8") as file:
        features = json.load(file)["features"]
    with open(stations_file, encoding="utf-8") as file:
        stations = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(line for line in file if line[0] != "#")]
    cells = {}
    for feature in features:
        share = SHARE.get(feature["properties"].get("highway"))
        if share and feature["geometry"]["type"] == "LineString":
            add_line(cells, feature["geometry"]["coordinates"], share)
    rows = []
    for (column, row), weight in sorted(cells.items()):
        centre = ((column + 0.5) * CELL_LON, (row + 0.5) * CELL_LAT)
        if weight >= 30 and min(metres(centre, station) for station in stations) <= REACH_M:
            rows.append(f"{centre[0]:.4f},{centre[1]:.4f},{weight:.0f}\n")
    with open(out, "w", encoding="utf-8") as file:
        file.write("# metres of street, weighted by class; made by demand.py\nlon,lat,weight\n" + "".join(rows))
    print(f"{len(rows)} demand cells from {len(features)} ways")


main()
