#!/usr/bin/env python3
"""The map from outside: what it shows, its tiles and how long they may be kept, the outlines of districts, who may not see them.

    MINGDI=build/mingdi tests/process/map_test.py
"""
import json
import math
import sys

from centre import HERE, Centre, main

CENTRE = None


def tile_of(lon, lat, zoom):
    """https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames"""
    across = 2 ** zoom
    return (int((lon + 180) / 360 * across),
            int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * across))


def roads():
    features = json.loads((HERE.parent / "cli" / "town" / "roads.geojson").read_text())["features"]
    return [point for f in features for point in f["geometry"]["coordinates"] if f["geometry"]["type"] == "LineString"]


class WithDistricts(Centre):
    def setup_folder(self):
        setup = super().setup_folder()
        low, high = [min(p[i] for p in roads()) for i in (0, 1)], [max(p[i] for p in roads()) for i in (0, 1)]
        ring = [low, [high[0], low[1]], high, [low[0], high[1]], low]
        (setup / "districts.csv").write_text("id,name\nmiddle,Middle of Town\n")
        (setup / "districts.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"id": "middle"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}))
        return setup


def a_map():
    return CENTRE.person("li").ask("GET", "/map").json


def test_what_it_shows():
    points = roads()
    west, south, east, north = a_map()["bounds"]
    assert west <= min(p[0] for p in points) + 1e-6 and north >= max(p[1] for p in points) - 1e-6, (west, south, east, north)
    assert a_map()["sources"] == ["OpenStreetMap contributors"] and a_map()["name"] == "Town"
    assert len(a_map()["fingerprint"]) == 16


def test_tiles():
    li, shown = CENTRE.person("li"), a_map()
    for zoom in (shown["min_zoom"], 11, shown["max_zoom"]):
        x, y = tile_of(*roads()[0], zoom)
        path = f"/map/tiles/{zoom}/{x}/{y}"
        first = li.ask("GET", path + "?v=" + shown["fingerprint"])
        assert first.status in (200, 204) and "immutable" in first.headers["Cache-Control"], (path, first)
        again, other = li.ask("GET", path), li.ask("GET", path + "?v=0")
        assert again.body == first.body and other.body == first.body and "no-cache" in other.headers["Cache-Control"]
        kept = li.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert kept.status == 304 and kept.body == b"", kept
    assert first.headers["Content-Type"] == "application/vnd.mapbox-vector-tile" and b"roads" in first.body, first
    assert li.ask("GET", "/map/tiles/11/0/0").status == 204


def test_what_is_no_tile():
    li = CENTRE.person("li")
    for path in ("/map/tiles/4/1/1", "/map/tiles/16/1/1", "/map/tiles/11/2048/1", "/map/tiles/11/1/2048", "/map/tiles/11/1",
                 "/map/tiles/11/1/1/1", "/map/tiles/11/-1/1", "/map/tiles/11/01/1", "/map/tiles/11/1/99999999999"):
        assert li.ask("GET", path).status == 404, path
    assert li.ask("GET", "/map/tiles/11/1/1?size=2").status == 400


def test_districts():
    shapes = CENTRE.person("li").ask("GET", "/map/districts").json
    names = {d["id"]: d["name"] for d in CENTRE.person("li").ask("GET", "/districts").json["items"]}
    assert shapes["type"] == "FeatureCollection"
    for feature in shapes["features"]:
        assert feature["properties"]["name"] == names[feature["properties"]["id"]], feature
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    given = json.loads((CENTRE.folder / "setup" / "districts.geojson").read_text())
    assert [f["geometry"] for f in shapes["features"]] == [f["geometry"] for f in given["features"]], shapes


def test_strangers():
    stranger = CENTRE.person("li")
    stranger.cookie = None
    for path in ("/map", "/map/tiles/11/1/1", "/map/districts"):
        assert stranger.ask("GET", path).status == 401, path


TESTS = [test_what_it_shows, test_tiles, test_what_is_no_tile, test_districts, test_strangers]

if __name__ == "__main__":
    CENTRE = WithDistricts().make().start()
    try:
        main(TESTS)
    finally:
        CENTRE.remove()
        sys.stdout.flush()
