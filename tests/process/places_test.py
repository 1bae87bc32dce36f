#!/usr/bin/env python3
"""Places, ways and areas from outside: a centre on a town with Chinese names (tests/places/town.geojson), asked for roads,
crossings, posts, coordinates, routes, isochrones and coverage; bad questions; names that change while it runs.

    MINGDI=build/mingdi tests/process/places_test.py
"""
import json
import math
import shutil
import urllib.parse

from centre import Centre, HERE, main, run, until

TOWN = HERE.parent / "places" / "town.geojson"
WEST, SOUTH, EAST, NORTH = 118.0795, 24.4695, 118.1085, 24.4885
CENTRE = None
PEOPLE = {}


class Haimen(Centre):
    """The scenario of the small town, its places moved into the town of Chinese names. The district is the western half."""

    def setup_folder(self):
        setup = self.folder / "setup"
        shutil.copytree(HERE.parent / "cli" / "town" / "scenario", setup)
        run("city", "import", "--geojson", str(TOWN), "--name", "Haimen", "-o", str(setup / "city.mingdi"))
        for table in setup.glob("*.csv"):
            lines = table.read_text().splitlines()
            header = lines[0].split(",")
            if "lon" in header and "lat" in header:
                lon, lat = header.index("lon"), header.index("lat")
                rows = [line.split(",") for line in lines[1:] if line]
                for row in rows:
                    row[lon] = f"{118.080 + (float(row[lon]) - 11.96):.6f}"
                    row[lat] = f"{24.470 + (float(row[lat]) - 57.70):.6f}"
                table.write_text("\n".join([lines[0]] + [",".join(row) for row in rows]) + "\n")
        (setup / "districts.csv").write_text("id,name\nwest,西区\n")
        ring = [[118.0, 24.4], [118.094, 24.4], [118.094, 24.5], [118.0, 24.5], [118.0, 24.4]]
        shape = {"type": "Feature", "properties": {"id": "west"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        (setup / "districts.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
        return setup


def person(name):
    if name not in PEOPLE:
        PEOPLE[name] = CENTRE.person(name)
    return PEOPLE[name]


def ask(path, expect=200, who="wang", **query):
    answer = person(who).ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status == expect, (path, query, answer)
    return answer.json


def first(text, **more):
    items = ask("/places", q=text, **more)["items"]
    assert items, text
    return items[0]


def metres(a, b):
    east = (a[0] - b[0]) * math.cos(math.radians(24.47)) * 111195
    return math.hypot(east, (a[1] - b[1]) * 111195)


def test_names():
    for text, name in (("长安街", "长安街"), ("changanjie", "长安街"), ("CAJ", "长安街"), ("xiamenlu", "厦门路"), ("luanlu", "六安路"),
                       ("panyulu", "番禺路"), ("中山1路", "中山一路"), ("chagnanjie", "长安街"), ("长按街", "长安街"), ("ｃｈａｎｇａｎ", "长安街"),
                       ("jianshe dadao", "建设大道"), ("lvyuanlu", "绿园路")):
        found = first(text)
        assert (found["kind"], found["name"]) == ("road", name), (text, found)
    found = first("first hospital")
    assert (found["kind"], found["name"], found["detail"]) == ("place", "市第一医院", "hospital"), found
    assert found["matched"] == "First Municipal Hospital", found
    assert ask("/places", q="?!")["items"] == [] and ask("/places", q="")["items"] == []


def test_the_nearest_of_a_name():
    west, east = first("中山路", near="118.046,24.47"), first("中山路", near="118.10,24.4736")
    assert west["point"]["lon"] < 118.05 and west["distance_m"] <= 5, west
    assert abs(east["point"]["lon"] - 118.10) < 1e-6 and east["distance_m"] <= 5, east
    assert first("中山路")["distance_m"] is None


def test_crossings_and_districts():
    for text in ("中山路与厦门路", "中山路 / 厦门路", "xiamenlu & zhongshanlu", "厦门路中山路口", "厦门路中山路路口"):
        found = first(text)
        assert found["kind"] == "junction" and set(found["name"].split(" / ")) == {"中山路", "厦门路"}, (text, found)
        assert metres((found["point"]["lon"], found["point"]["lat"]), (118.084, 24.4736)) < 1, found
        assert found["district"] == 1 and found["district_name"] == "西区", found
    assert first("行政街")["district"] is None


def test_coordinates():
    for text in ("24.4736, 118.084", "118.084 24.4736", "24°28'24.96\"N 118°5'2.4\"E", "北纬24.4736 东经118.084"):
        found = first(text)
        assert found["kind"] == "coordinates", found
        assert metres((found["point"]["lon"], found["point"]["lat"]), (118.084, 24.4736)) < 1, (text, found)
    moved = first("24.4736, 118.084", datum="gcj02")
    assert 200 < metres((moved["point"]["lon"], moved["point"]["lat"]), (118.084, 24.4736)) < 700, moved


def test_what_a_point_is_called():
    around = ask("/places/at", lon=118.0841, lat=24.4735)
    assert {around["road"], around["cross"]} == {"中山路", "厦门路"} and around["district_name"] == "西区", around
    assert ask("/places/at", lon=118.0899, lat=24.4755)["place"] == "市第一医院"
    assert ask("/places/at", lon=10, lat=10) == {"road": None, "cross": None, "place": None, "district": None,
                                                 "district_name": None}


def test_own_names_live():
    admin = person("admin")
    post = admin.ask("GET", "/posts").json["items"][0]
    answer = admin.ask("PATCH", f"/posts/{post['id']}", {"name": "鼓楼急救站"})
    assert answer.status in (200, 204), answer
    found = until(lambda: [f for f in ask("/places", q="gljjz")["items"] if f["kind"] == "post"], "the new name")[0]
    assert found["name"] == "鼓楼急救站" and found["detail"] == post["code"], found
    assert first(post["code"])["name"] == "鼓楼急救站"


def test_a_route():
    way = ask("/routes", **{"from": "118.0801,24.4701", "to": "118.1079,24.4879"})
    assert 4500 < way["metres"] < 5500 and way["seconds"] > 100, way
    assert metres(way["points"][0], (118.0801, 24.4701)) < 20 and metres(way["points"][-1], (118.1079, 24.4879)) < 20
    along = sum(metres(a, b) for a, b in zip(way["points"], way["points"][1:]))
    assert abs(along - way["metres"]) < 60, (along, way["metres"])
    assert abs(sum(s["metres"] for s in way["steps"]) - way["metres"]) < 60 and all(s["street"] for s in way["steps"]), way
    assert ask("/routes", profile="foot", **{"from": "118.0801,24.4701", "to": "118.1079,24.4879"})["seconds"] > way["seconds"]
    far = ask("/routes", expect=404, **{"from": "10,10", "to": "118.1,24.48"})
    assert far["name"] == "out_of_reach", far


def box(feature):
    points = [p for polygon in feature["geometry"]["coordinates"] for ring in polygon for p in ring]
    return (min(p[0] for p in points), max(p[0] for p in points)) if points else None


def test_isochrones():
    areas = ask("/isochrones", at="118.094,24.4772", minutes="0.5,1,2")
    assert areas["type"] == "FeatureCollection"
    assert [f["properties"]["minutes"] for f in areas["features"]] == [0.5, 1, 2], areas
    boxes = [box(f) for f in areas["features"]]
    assert boxes[0][0] > boxes[1][0] > boxes[2][0] and boxes[0][1] < boxes[1][1], boxes
    assert all(ring[0] == ring[-1] for f in areas["features"] for polygon in f["geometry"]["coordinates"] for ring in polygon)


def test_coverage():
    nobody = ask("/coverage", minutes=8)
    assert nobody["units"] == 0 and nobody["share"] == 0 and box(nobody["features"][0]) is None, nobody
    for crew, unit in (("crew1", 1), ("crew2", 2)):
        assert person(crew).command("unit_report", {"unit": unit, "what": "start_shift"}).status == 200
    covered = until(lambda: (c := ask("/coverage", minutes=8))["units"] == 2 and c, "two units")
    short = ask("/coverage", minutes=2)
    assert 0 < short["share"] < covered["share"] <= 1 and short["road_km"] == covered["road_km"] > 20, (short, covered)
    west = covered["districts"][0]
    assert west["district"] == 1 and 0 < west["road_km"] < covered["road_km"] and 0 < west["share"] <= 1, covered
    # The area of a minute would tell where a unit stands: only of units that one may see.
    assert ask("/coverage", who="ward", minutes=1)["units"] == 0 and ask("/coverage", who="crew1", minutes=1)["units"] == 1


def test_bad_questions():
    for path, query in (("/places", {}), ("/places", {"q": "a" * 201}), ("/places", {"q": "a", "near": "1"}),
                        ("/places", {"q": "a", "datum": "bd09"}), ("/places", {"q": "a", "limit": 51}),
                        ("/places/at", {"lon": "1"}), ("/places/at", {"lon": "1", "lat": "91"}), ("/routes", {"from": "1,1"}),
                        ("/routes", {"from": "1,1", "to": "1,1", "profile": "fly"}), ("/isochrones", {"at": "118.1,24.48"}),
                        ("/isochrones", {"at": "118.1,24.48", "minutes": "8,4"}), ("/coverage", {"minutes": "0"}),
                        ("/coverage", {"minutes": "4,8"}), ("/coverage", {"minutes": "241"}), ("/coverage", {"colour": "1"})):
        assert ask(path, expect=400, **query)["name"] == "unknown_parameter", (path, query)
    assert person("wang").ask("GET", "/places?q=%ff%fe").status == 400
    assert ask("/places", expect=403, who="plan", q="a")["name"] == "not_allowed"
    assert CENTRE.client().ask("GET", "/places?q=a").status == 401


TESTS = [test_names, test_the_nearest_of_a_name, test_crossings_and_districts, test_coordinates, test_what_a_point_is_called,
         test_own_names_live, test_a_route, test_isochrones, test_coverage, test_bad_questions]

if __name__ == "__main__":
    try:
        CENTRE = Haimen().make().start()
        main(TESTS)
    finally:
        if CENTRE is not None:
            CENTRE.remove()
