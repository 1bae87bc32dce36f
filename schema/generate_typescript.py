#!/usr/bin/env python3
"""Makes the console's types from schema/: enumerations, sets, entities, commands, events, problems, roles and indicators.

    generate_typescript.py --schema DIR --out FILE

The same forms as in the API's document: durations are seconds in members ending in _s, ids of nothing are null.
"""
import argparse
import json
import os
import pathlib
import sys
import tomllib

from generate import IDS, Schema, SchemaError
from generate_openapi import OPTIONAL

SIMPLE = {"integer": "number", "id": "number", "number": "number", "text": "string", "boolean": "boolean", "instant": "string",
          "seconds": "number", "hex": "string", "any": "unknown", "point": "Point"}
SCALARS = {"u8": "number", "u16": "number", "u32": "number", "u64": "string", "i64": "number", "instant": "string",
           "point": "Point"}


def pascal(name):
    return "".join(part.capitalize() for part in name.split("_"))


# Schemas of api.toml whose names stand for something else here.
TAKEN = {"role", "event_name", "command_name", "commands", "events", "collections", "problem_name"}


def entity(name):
    return pascal(name) + ("View" if name in TAKEN else "")


def camel(name):
    return name.split("_")[0] + pascal("_".join(name.split("_")[1:]))


def words(labels):
    return "[" + ", ".join(json.dumps(label) for label in labels) + "]"


class Writer:
    def __init__(self, folder):
        self.schema = Schema(folder)
        read = lambda name: tomllib.loads((folder / name).read_text(encoding="utf-8"))
        self.api, self.rights, self.measures = read("api.toml"), read("rights.toml"), read("indicators.toml")
        self.names = {s["name"] for s in self.api["schema"]} | self.schema.enum_names | self.schema.set_names
        self.out = ["// Made from schema/ by generate_typescript.py. Not for editing.", ""]

    def line(self, text=""):
        self.out.append(text)

    def comment(self, text, indent=""):
        if text:
            self.line(f"{indent}/** {text.replace('*/', '')} */")

    # ---- types ----

    def type_of(self, text):
        """The TypeScript of a type of api.toml, without its mark for what may be missing."""
        text = text.rstrip("*")
        if text.endswith("?"):
            return self.type_of(text[:-1]) + " | null"
        if text.startswith("[]"):
            inner = self.type_of(text[2:])
            return f"({inner})[]" if " " in inner else inner + "[]"
        if text in SIMPLE:
            return SIMPLE[text]
        if text in self.names:
            return entity(text)
        raise SchemaError(f"api.toml: unknown type {text}")

    def command_field(self, field):
        name, kind = field[0], field[1]
        optional = name in OPTIONAL or kind == "instant"
        if kind == "duration":
            bounded = len(field) >= 5
            return name + "_s", "number" if bounded else "number | null", False
        shape = SCALARS.get(kind) or ("number" if kind in IDS else self.type_of(kind))
        return name, shape + (" | null" if optional else ""), optional

    def event_field(self, field):
        name, kind = field[0], field[1]
        if kind == "duration":
            return name + "_s", "number | null"
        if kind in IDS:
            return name, "number | null"
        shape = SCALARS.get(kind) or self.type_of(kind)
        return name, shape + (" | null" if kind in ("instant", "point") else "")

    # ---- parts ----

    def labels(self, name, labels, summary):
        self.comment(summary)
        self.line(f"export const {camel(name)}Values = {words(labels)} as const;")

    def enums(self):
        for enum in self.schema.enums:
            labels = [v if isinstance(v, str) else v[0] for v in enum["values"]]
            self.labels(enum["name"], labels, enum["summary"])
            self.line(f"export type {pascal(enum['name'])} = (typeof {camel(enum['name'])}Values)[number];")
            for i, column in enumerate(enum.get("columns", [])):
                pairs = ", ".join(f"{v[0]}: {json.dumps(v[2 + i])}" for v in enum["values"])
                name = camel(enum["name"] + "_" + column)
                self.line(f"export const {name}: Record<{pascal(enum['name'])}, {pascal(column)}> = {{ {pairs} }};")
            self.line()
        for values in self.schema.sets:
            name = pascal(values["name"])
            self.labels(values["name"], [b[1] for b in values["bits"]], values["summary"])
            self.line(f"export type {name}Label = (typeof {camel(values['name'])}Values)[number];")
            self.line(f"export type {name} = readonly {name}Label[];")
            self.line()

    def entities(self):
        self.line("export interface Point {\n  lon: number;\n  lat: number;\n}")
        for shape in self.api["schema"]:
            extra = [["drill", "boolean*"], ["sequence", "integer*"]] if shape.get("entity") else []
            self.line()
            self.line(f"export interface {entity(shape['name'])} {{")
            for field in [*shape["fields"], *extra]:
                self.comment(field[2] if len(field) > 2 else "", "  ")
                mark = "?" if field[1].endswith("*") else ""
                self.line(f"  {field[0]}{mark}: {self.type_of(field[1])};")
            self.line("}")
        self.line()
        self.collections()

    def collections(self):
        """What the stream and the lists carry, by the plural that they carry it under."""
        paths = {route["path"] for route in self.api["route"] if route["access"] == "state"}
        self.comment("The lists of entities: /api/v1/NAME, and the members of the stream's messages.")
        self.line("export interface Collections {")
        for route in self.api["route"]:
            answer = route.get("answer", "")
            if answer.startswith("page:") and route["path"] + "/{id}" in paths:
                self.line(f"  {route['path'].rsplit('/', 1)[1]}: {entity(answer[5:])};")
        self.line("}")
        self.line()

    def items(self):
        for item in self.schema.items:
            self.comment(item["summary"])
            self.line(f"export interface Item{pascal(item['name'])} {{")
            for field in item["fields"]:
                name, shape, optional = self.command_field(field)
                self.line(f"  {name}{'?' if optional else ''}: {shape};")
            self.line("}")
            self.line()

    def commands(self):
        self.comment("The fields of each command: POST /api/v1/commands/NAME.")
        self.line("export interface Commands {")
        for command in self.schema.commands:
            self.comment(command["summary"], "  ")
            self.line(f"  {command['name']}: {{")
            for field in command["fields"]:
                name, shape, optional = self.command_field(field)
                self.comment(field[2] if len(field) > 2 else "", "    ")
                self.line(f"    {name}{'?' if optional else ''}: {shape};")
            for item in command.get("lists", []):
                self.line(f"    items: Item{pascal(item)}[];")
            self.line("    occurred_at?: string | null;\n  };")
        self.line("}")
        self.line()
        self.line(f"export const commandNames = {words(c['name'] for c in self.schema.commands)} as const;")
        self.line("export type CommandName = keyof Commands;")
        self.line()

    def events(self):
        self.comment("The events of changes and of the journal.")
        self.line("export interface Events {")
        for event in self.schema.events:
            self.comment(event["summary"], "  ")
            self.line(f"  {event['name']}: {{")
            for name, shape in map(self.event_field, event["fields"]):
                self.line(f"    {name}: {shape};")
            for item in event.get("lists", []):
                self.line(f"    items: Item{pascal(item)}[];")
            self.line("  };")
        self.line("}")
        self.line(f"export const eventNames = {words(e['name'] for e in self.schema.events)} as const;")
        self.line("export type EventName = keyof Events;")
        self.line()

    def others(self):
        self.labels("problem", self.api["problems"], "names of problems that are not refusals of the core")
        self.labels("refusal", self.api["refusals"], "names of the core's refusals")
        self.line("export type ProblemName = (typeof problemValues)[number] | (typeof refusalValues)[number];")
        self.line()
        self.labels("role", [r["name"] for r in self.rights["role"]], "roles that grants are given for")
        self.line("export type Role = (typeof roleValues)[number];")
        self.line()
        for kind in ("interval", "indicator"):
            rows = self.measures[kind]
            self.line(f"export interface {pascal(kind)}Definition {{")
            for key in sorted({key for row in rows for key in row}):
                types = {"number" if isinstance(row[key], (int, float)) else "string" for row in rows if key in row}
                mark = "" if all(key in row for row in rows) else "?"
                self.line(f"  {key}{mark}: {' | '.join(sorted(types))};")
            self.line("}")
            self.line(f"export const {kind}Values = {words(row['name'] for row in rows)} as const;")
            self.line(f"export type {pascal(kind)} = (typeof {kind}Values)[number];")
            self.line(f"export const {kind}Definitions: {pascal(kind)}Definition[] = [")
            for row in rows:
                self.line("  " + json.dumps(row, ensure_ascii=False) + ",")
            self.line("];")
            self.line()

    def write(self):
        self.enums()
        self.entities()
        self.items()
        self.commands()
        self.events()
        self.others()
        return "\n".join(self.out).rstrip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    try:
        text = Writer(arguments.schema).write()
    except (SchemaError, tomllib.TOMLDecodeError, KeyError) as problem:
        sys.exit(f"schema: {problem}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    # Left alone when nothing changed: those who watch the file need not begin again.
    if not arguments.out.exists() or arguments.out.read_text(encoding="utf-8") != text:
        fresh = arguments.out.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(arguments.out)


if __name__ == "__main__":
    main()
