#!/usr/bin/env python3
"""Makes the API's document and tables from schema/: the single source for routes, bodies, answers and problems.

    generate_openapi.py --schema DIR --json FILE       openapi.json (OpenAPI 3.1)
    generate_openapi.py --schema DIR --pages DIR --c OUT_DIR
                        api_routes.h, api_problems.h, api_refusals.h (X-macro rows),
                        api_files.h (openapi.json and the pages as bytes)
"""
import argparse
import json
import pathlib
import sys
import tomllib

from generate import IDS, Schema, SchemaError, upper

U32_MAX = 4294967295
# As in command_json.c (command_member_is_optional); a test holds the two against each other.
OPTIONAL = {"revision", "incident_revision", "unit_revision", "override", "district", "external", "caller", "cause",
            "place", "answered_by", "linked_to", "units_short", "shortfall_reason", "call_outcome", "taken_to", "end_reason"}
SIMPLE = {
    "integer": {"type": "integer"}, "id": {"type": "integer", "minimum": 1, "maximum": U32_MAX}, "number": {"type": "number"},
    "text": {"type": "string"}, "boolean": {"type": "boolean"}, "instant": {"type": "string", "format": "date-time"},
    "seconds": {"type": "number"}, "hex": {"type": "string", "pattern": "^[0-9a-fA-F]{1,16}$"}, "any": {},
}
POINT = {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?,-?[0-9]+([.][0-9]+)?$"}
PARAMETERS = {
    "after": ("begin behind this id or sequence", {"type": "integer", "minimum": 0}),
    "before": ("those before this sequence, newest first; 0: the newest of all", {"type": "integer", "minimum": 0}),
    "limit": ("at most so many, 100 if it is not said", {"type": "integer", "minimum": 1, "maximum": 500}),
    "open": ("true: only those that are not over", {"type": "boolean"}),
    "retired": ("true: those that were retired as well", {"type": "boolean"}),
    "afterwards": ("true: only those that were entered from paper afterwards", {"type": "boolean"}),
    "form": ("entered from the paper with this number", {"type": "integer", "minimum": 1, "maximum": 999999999999999}),
    "district": ("only of this district", SIMPLE["id"]), "unit": ("only of this unit", SIMPLE["id"]),
    "facility": ("only those that head for this facility", SIMPLE["id"]), "incident": ("only of this incident", SIMPLE["id"]),
    "drill": ("1: the client knows that this is a drill", {"type": "integer", "enum": [1]}),
    "fingerprint": ("of the entry after, as a message gave it; without it a snapshot comes", SIMPLE["hex"]),
    "v": ("the fingerprint of GET /map: with it the answer may be kept for ever", {"type": "string"}),
    "version": ("this version; without it the one in use", {"type": "integer", "minimum": 1}),
    "from": ("from this instant on", SIMPLE["instant"]), "to": ("before this instant", SIMPLE["instant"]),
    "q": ("what was typed", {"type": "string", "maxLength": 200}),
    "near": ("LON,LAT: what lies nearer comes first", POINT), "at": ("LON,LAT", POINT),
    "lon": ("degrees east", SIMPLE["number"]), "lat": ("degrees north", SIMPLE["number"]),
    "datum": ("of coordinates in q: wgs84 if it is not said", {"type": "string", "enum": ["wgs84", "gcj02"]}),
    "profile": ("emergency if it is not said", {"type": "string", "enum": ["emergency", "normal", "foot"]}),
    "minutes": ("of the journey, rising, with commas between", {"type": "string", "pattern": "^[0-9.,]+$"}),
    "find_places limit": ("at most so many, 10 if it is not said", {"type": "integer", "minimum": 1, "maximum": 50}),
    "show_route from": ("LON,LAT: where it begins", POINT), "show_route to": ("LON,LAT: where it ends", POINT),
    "step_s": ("seconds between two frames, 15 if it is not said", {"type": "integer", "minimum": 1, "maximum": 3600}),
    "days": ("so many days until now, 28 if it is not said", {"type": "integer", "minimum": 1, "maximum": 3660}),
    "show_coverage minutes": ("one number, 8 if it is not said", {"type": "string", "pattern": "^[0-9.]+$"}),
}
CONTENT = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "html": "text/html; charset=utf-8"}


class Document:
    def __init__(self, folder):
        self.schema = Schema(folder)
        self.api = tomllib.loads((folder / "api.toml").read_text(encoding="utf-8"))
        self.names = {s["name"] for s in self.api["schema"]}
        self.set_names = {s["name"] for s in self.schema.sets}

    # ---- types ----

    def type_of(self, text):
        text = text.rstrip("*")
        if text.endswith("?"):
            inner = self.type_of(text[:-1])
            if isinstance(inner.get("type"), str) and "enum" not in inner:
                return {**inner, "type": [inner["type"], "null"]}
            return {"anyOf": [inner, {"type": "null"}]}
        if text.startswith("[]"):
            return {"type": "array", "items": self.type_of(text[2:])}
        if text in SIMPLE:
            return dict(SIMPLE[text])
        if text in self.names or text in self.schema.enum_names or text in self.set_names or text == "point":
            return {"$ref": "#/components/schemas/" + text}
        raise SchemaError(f"api.toml: unknown type {text}")

    def described(self, kind, text):
        return {**kind, "description": text} if text else kind

    def object_of(self, fields, extra=()):
        properties, required = {}, []
        for field in [*fields, *extra]:
            properties[field[0]] = self.described(self.type_of(field[1]), field[2] if len(field) > 2 else "")
            if not field[1].endswith("*"):
                required.append(field[0])
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def page_of(self, item):
        return {"type": "object", "required": ["items"], "properties": {
            "drill": {"type": "boolean"}, "items": {"type": "array", "items": self.type_of(item)},
            "next": {"type": ["integer", "null"], "description": "ask again with after= this; null: no more"},
            "sequence": {"type": "integer", "description": "of the journal, up to which this is the state"}}}

    # ---- commands ----

    def field_of(self, field):
        """Name, JSON schema and whether it may be left out, of a field of a command or an item."""
        name, kind, text = field[0], field[1], field[2] if len(field) > 2 else ""
        low, high = (field[3], field[4]) if len(field) >= 5 else (None, None)
        optional = name in OPTIONAL or kind == "instant"
        if kind == "duration":
            shape = {"type": "number" if low is not None else ["number", "null"]}
            least, most = (low / 1e6, high / 1e6) if low is not None else (-1e9, 1e9)
            shape.update({"minimum": least, "maximum": most})
            return name + "_s", self.described(shape, (text + ", seconds").lstrip(", ")), False
        if kind in ("u8", "u16", "u32"):
            shape = {"type": "integer", "minimum": low or 0, "maximum": high if high is not None else (1 << int(kind[1:])) - 1}
        elif kind in IDS:
            shape = dict(SIMPLE["id"])
        else:
            shape = self.type_of({"u64": "hex", "i64": "integer"}.get(kind, kind))
        if optional:
            shape = {**shape, "type": [shape["type"], "null"]} if "type" in shape else {"anyOf": [shape, {"type": "null"}]}
        return name, self.described(shape, text), optional

    def shape_of(self, fields, extra=None):
        properties, required = dict(extra or {}), []
        for field in fields:
            name, shape, optional = self.field_of(field)
            properties[name] = shape
            if not optional:
                required.append(name)
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def command_shape(self, command):
        at = {"type": ["string", "null"], "format": "date-time", "description": "when it happened; now, if it is not said"}
        shape = self.shape_of(command["fields"], {"occurred_at": at})
        for item in command.get("lists", []):
            shape["properties"]["items"] = {"type": "array", "items": {"$ref": f"#/components/schemas/item_{item}"}}
            shape["required"].append("items")
        return self.described(shape, command["summary"])

    def example_value(self, shape):
        shape = self.components["schemas"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape
        kind = shape.get("type")
        if "enum" in shape:
            return shape["enum"][0]
        if kind == "array":
            return [self.example_value(shape["items"])]
        if kind == "object":
            return {n: self.example_value(p) for n, p in shape["properties"].items() if n in shape["required"]}
        if kind == "string":
            return "0123456789abcdef" if "pattern" in shape else "2026-11-22T08:30:00.000000Z"
        return shape.get("minimum", 1) if kind == "integer" else max(60, shape.get("minimum", 0))

    # ---- the document ----

    def make_components(self):
        degrees = {n: {"type": "number", "minimum": -most, "maximum": most} for n, most in (("lon", 180), ("lat", 90))}
        schemas = {"point": {"type": "object", "description": "WGS-84", "properties": degrees, "required": ["lon", "lat"],
                             "additionalProperties": False}}
        for enum in self.schema.enums:
            values = "; ".join(f"{v[0]}: {v[1]}" for v in enum["values"] if v[1])
            schemas[enum["name"]] = {"type": "string", "enum": [v[0] for v in enum["values"]],
                                     "description": enum["summary"] + (". " + values if values else "")}
        for values in self.schema.sets:
            schemas[values["name"]] = {"type": "array", "uniqueItems": True, "description": values["summary"],
                                       "items": {"type": "string", "enum": [b[1] for b in values["bits"]]}}
        for item in self.schema.items:
            schemas["item_" + item["name"]] = self.described(self.shape_of(item["fields"]), item["summary"])
        for command in self.schema.commands:
            schemas["command_" + command["name"]] = self.command_shape(command)
        for shape in self.api["schema"]:
            extra = [["drill", "boolean*"], ["sequence", "integer*"]] if shape.get("entity") else []
            schemas[shape["name"]] = self.object_of(shape["fields"], extra)
        schemas["problem"] = {
            "type": "object", "required": ["type", "title", "status", "detail", "name"], "description": "RFC 9457",
            "properties": {"type": {"type": "string", "format": "uri-reference"}, "title": {"type": "string"},
                           "status": {"type": "integer"}, "detail": {"type": "string"}, "name": {"type": "string"},
                           "drill": {"type": "boolean"},
                           "sequence": {"type": "integer", "description": "of the entry that was first"},
                           "subject": {"type": "string"}, "subject_id": {"type": "integer"}, "revision_now": {"type": "integer"},
                           "by": {"type": "object", "description": "who was first"},
                           "at": {"type": "string", "format": "date-time"}}}
        self.components = {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "mingdi_session",
                            "description": "made by POST /api/v1/session (in a drill mingdi_drill_session); changes need the"
                                           " header X-CSRF-Token"},
                "token": {"type": "http", "scheme": "bearer", "description": "of a machine"}},
            "responses": {"problem": {"description": "a problem: its name says which", "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}}}}

    def answer_of(self, route):
        status = str(route.get("status", 200))
        words = {"101": "the WebSocket begins", "201": "made", "204": "done"}.get(status, "as asked")
        response = {"description": words}
        kind = route.get("answer")
        if kind is not None:
            shape = self.page_of(kind[5:]) if kind.startswith("page:") else self.type_of(kind)
            response["content"] = {"application/json": {"schema": shape}}
        elif "content" in route:
            response["content"] = {route["content"]: {"schema": {"type": "string"}}}
        return {status: response, "default": {"$ref": "#/components/responses/problem"}}

    def parameters_of(self, route):
        out = []
        for part in route["path"].split("/"):
            if part.startswith("{"):
                word = {"type": "string", "pattern": "^[a-z_.]{1,40}$"}
                shape = SIMPLE["id"] if part == "{id}" else SIMPLE["integer"] if len(part) == 3 else word  # {z}
                out.append({"name": part[1:-1], "in": "path", "required": True, "schema": shape})
        for name in route.get("parameters", []):
            name, _, enum = name.partition(":")
            known = PARAMETERS.get(f"{route['handler']} {name}") or PARAMETERS.get(name)
            text, shape = known if not enum else ("only in this state", self.type_of(enum))
            out.append({"name": name, "in": "query", "description": text, "schema": shape})
        return out

    def operation_of(self, route):
        text = route.get("text", "")
        if route.get("problems"):
            text += (" " if text else "") + "Problems: " + ", ".join(route["problems"]) + "."
        operation = {"operationId": route["handler"], "summary": route["summary"], "tags": [route["tag"]],
                     "responses": self.answer_of(route)}
        if text:
            operation["description"] = text
        if self.parameters_of(route):
            operation["parameters"] = self.parameters_of(route)
        if route.get("body", "none") != "none":
            content = {"application/json": {"schema": self.type_of(route["body"])}}
            operation["requestBody"] = {"required": True, "content": content}
        if route["access"] == "open":
            operation["security"] = []
        elif route["access"] != "signed_in":
            operation["description"] = (operation.get("description", "") + f" Needs the right {route['access']}.").strip()
        return operation

    def command_operation(self, route, command):
        refusals = ", ".join(["malformed", "wrong_actor", "occurred_in_future", *command["refuses"]])
        headers = [("Idempotency-Key", "1 to 64 visible characters: once more gives the same answer and does nothing again")]
        if any(f[0] in ("revision", "incident_revision") for f in command["fields"]):
            headers.append(("If-Match", "\"revision\" that was seen; 412 if it has changed since"))
        name = command["name"]
        return {"operationId": "command_" + name, "summary": command["summary"], "tags": ["commands"],
                "description": f"Sent by: {', '.join(command['actor'])}. Refused as: {refusals}.",
                "parameters": [{"name": h, "in": "header", "description": t, "schema": {"type": "string"}} for h, t in headers],
                "requestBody": {"required": True, "content": {"application/json": {
                    "schema": {"$ref": f"#/components/schemas/command_{name}"},
                    "example": self.example_value(self.components["schemas"]["command_" + name])}}},
                "responses": self.answer_of(route)}

    def make(self):
        self.make_components()
        paths = {}
        for route in self.api["route"]:
            paths.setdefault(route["path"], {})[route["method"].lower()] = self.operation_of(route)
            if route.get("commands"):
                for command in self.schema.commands:
                    path = route["path"].replace("{name}", command["name"])
                    paths[path] = {"post": self.command_operation(route, command)}
        problems = "".join(f"\n- `{n}` ({s}): {t}." for n, (s, t) in self.api["problems"].items())
        refusals = "".join(f"\n- `{n}`: {t}." for n, t in self.api["refusals"].items())
        tags = list(dict.fromkeys(r["tag"] for r in self.api["route"]))
        return {"openapi": "3.1.0",
                "info": {"title": "Mingdi", "version": "1", "license": {"name": "see LICENSE", "url": "/"},
                         "summary": "The command system of an emergency medical centre",
                         "description": "How to sign in, the conventions and the stream: docs/api.md.\n\nProblems:" + problems +
                                        "\n\nRefusals of the core (404 if something is unknown, 422 malformed, 403 wrong_actor, "
                                        "412 stale_revision, 503 where a table is full, else 409):" + refusals},
                "servers": [{"url": "/"}], "tags": [{"name": t} for t in tags],
                "security": [{"session": []}, {"token": []}], "paths": paths, "components": self.components}

    # ---- tables ----

    def routes(self):
        for route in self.api["route"]:
            own = {"open": "ACCESS_OPEN", "signed_in": "ACCESS_SIGNED_IN"}
            access = own.get(route["access"], upper("resource", route["access"]))
            names = " ".join(n.partition(":")[0] for n in route.get("parameters", []))
            body = "true" if route.get("body", "none") != "none" else "false"
            manner = next((name for name in ("while_owing", "weighty") if route.get(name)), "plain")
            yield (f'ROUTE(HTTP_{route["method"]}, "{route["path"]}", {route["handler"]}, {access}, "{names}", {body}, '
                   f'ROUTE_{manner.upper()})')


def c_text(data):
    """Bytes as lines of a C string."""
    lines = []
    for at in range(0, len(data), 96):
        line = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data[at:at + 96])
        lines.append(f'    "{line}"')
    return "\n".join(lines)


def write_c(out, document, text, pages):
    note = "/* Made from schema/ by schema/generate_openapi.py at build time. Do not edit. */\n"
    out.mkdir(parents=True, exist_ok=True)
    rows = {"api_routes.h": document.routes(),
            "api_problems.h": (f'PROBLEM({upper(n)}, "{n}", {s}, "{t}")' for n, (s, t) in document.api["problems"].items()),
            "api_refusals.h": (f'REFUSAL({upper(n)}, "{t}")' for n, t in document.api["refusals"].items()
                               if n in document.schema.refusals)}
    for name, lines in rows.items():
        (out / name).write_text(note + "\n".join(lines) + "\n", encoding="utf-8")
    files = [("openapi.json", "application/json", text.encode())]
    for page in sorted(pages.iterdir()):
        files.append((page.name, CONTENT[page.suffix[1:]], page.read_bytes()))
    body = [note + "static const struct api_file API_FILES[] = {"]
    body += [f'    {{ "{name}", "{kind}", {len(data)},\n{c_text(data)} }},' for name, kind, data in files]
    (out / "api_files.h").write_text("\n".join(body) + "\n};\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--pages", type=pathlib.Path)
    parser.add_argument("--c", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        document = Document(arguments.schema)
        text = json.dumps(document.make(), ensure_ascii=False, separators=(",", ":"))
    except (SchemaError, tomllib.TOMLDecodeError) as problem:
        sys.exit(f"schema: {problem}")
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if arguments.c:
        write_c(arguments.c, document, text, arguments.pages)


if __name__ == "__main__":
    main()
