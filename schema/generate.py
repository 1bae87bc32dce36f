#!/usr/bin/env python3
"""Makes C and documentation from the schema: the single source for commands, events, statuses and enumerations.

    generate.py --schema DIR --c OUT_DIR      schema_types.h and schema_tables.h
    generate.py --schema DIR --docs FILE      the reference page

Layout of every generated struct: fields by falling alignment, then explicit reserved bytes up to a multiple of 8, so that
there is no hidden padding and the bytes in memory are the bytes in the journal (little-endian).
"""
import argparse
import pathlib
import sys
import tomllib

SCALARS = {"u8": ("uint8_t", 1), "u16": ("uint16_t", 2), "u32": ("uint32_t", 4), "u64": ("uint64_t", 8), "i64": ("int64_t", 8),
           "instant": ("struct instant", 8), "duration": ("struct duration", 8), "point": ("struct geo_point", 8)}
IDS = ["call_id", "incident_id", "mission_id", "unit_id", "facility_id", "post_id", "alarm_id",
       "message_id"]
COMMON_REFUSALS = ["malformed", "unknown_command", "wrong_actor", "occurred_in_future", "outbox_full"]


class SchemaError(Exception):
    pass


class Schema:
    def __init__(self, folder):
        read = lambda name: tomllib.loads((folder / name).read_text(encoding="utf-8"))
        statuses, types, commands, events = (read(n + ".toml") for n in ("statuses", "types", "commands", "events"))
        self.entities = statuses["entity"]
        self.enums = list(types["enum"])
        for entity in self.entities:
            self.enums.append({"name": entity["name"] + "_state", "summary": "states of: " + entity["summary"],
                               "values": entity["states"]})
            self.enums.append({"name": entity["name"] + "_event", "summary": "what can happen to a " + entity["name"],
                               "values": [[e, ""] for e in entity["events"]]})
        self.sets = types["set"]
        self.set_names = {s["name"] for s in self.sets}
        self.items = types["item"] + commands.get("item", [])
        self.commands = commands["command"]
        self.events = events["event"]
        self.enum_names = {e["name"] for e in self.enums}
        self.refusals = list(COMMON_REFUSALS)
        for command in self.commands:
            for refusal in command["refuses"]:
                if refusal not in self.refusals:
                    self.refusals.append(refusal)
        self.check()

    def check(self):
        for group, things in (("command", self.commands), ("event", self.events)):
            codes = [t["code"] for t in things]
            names = [t["name"] for t in things]
            if len(set(codes)) != len(codes) or len(set(names)) != len(names):
                raise SchemaError(f"{group}: a code or a name stands twice")
        for entity in self.entities:
            states = [s[0] for s in entity["states"]]
            for t in entity["transitions"]:
                for state in as_list(t["from"]) + [t["to"]]:
                    if state not in states:
                        raise SchemaError(f"status {entity['name']}: unknown state {state}")
                if t["on"] not in entity["events"]:
                    raise SchemaError(f"status {entity['name']}: unknown event {t['on']}")
        for values in self.sets:
            bits = [b[0] for b in values["bits"]]
            if len(set(bits)) != len(bits) or not all(0 <= b < 32 for b in bits):
                raise SchemaError(f"set {values['name']}: a bit stands twice or outside 0 to 31")
        for enum in self.enums:
            for i, column in enumerate(enum.get("columns", [])):
                labels = [v[0] for v in self.enum_named(column)["values"]]
                for value in enum["values"]:
                    if len(value) != 2 + len(enum["columns"]) or value[2 + i] not in labels:
                        raise SchemaError(f"enum {enum['name']}: {value[0]} lacks its {column}")
        items = {i["name"] for i in self.items}
        for thing in self.items + self.commands + self.events:
            for field in thing["fields"]:
                self.c_type(field[1])
            for item in thing.get("lists", []):
                if item not in items:
                    raise SchemaError(f"{thing['name']}: unknown list item {item}")
            if len(thing.get("lists", [])) > 1:
                raise SchemaError(f"{thing['name']}: at most one list")

    def c_type(self, name):
        if name in SCALARS:
            return SCALARS[name]
        if name in IDS:
            return ("struct " + name, 4)
        if name in self.enum_names:
            return ("uint8_t", 1)
        if name in self.set_names:
            return ("uint32_t", 4)
        raise SchemaError(f"unknown type {name}")

    def enum_named(self, name):
        return next(e for e in self.enums if e["name"] == name)

    def laid_out(self, fields, has_list, head):
        """Fields as (name, type, c type, size, comment) by falling alignment, with count and reserved bytes; and the size."""
        rows = [(f[0], f[1], *self.c_type(f[1]), f[2] if len(f) > 2 else "") for f in fields]
        if has_list:
            rows.append(("count", "u32", "uint32_t", 4, "items of the list that follows"))
        rows.sort(key=lambda row: -row[3])
        size = head + sum(row[3] for row in rows)
        return rows, -size % 8, size + -size % 8


def as_list(value):
    return value if isinstance(value, list) else [value]


def upper(*words):
    return "_".join(words).upper()


def comment(text):
    return f" /* {text} */" if text else ""


def write_enum(out, name, values, prefix, first=0):
    out.append(f"enum {name} {{")
    for i, value in enumerate(values):
        label, text = (value, "") if isinstance(value, str) else value[:2]
        out.append(f"    {upper(prefix, label)} = {i + first},{comment(text)}")
    out.append(f"    {upper(prefix, 'COUNT')} = {len(values) + first},")
    out.append("};")
    out.append("")


def write_struct(out, schema, tag, thing, head, head_size):
    lists = thing.get("lists", [])
    rows, reserved, size = schema.laid_out(thing["fields"], bool(lists), head_size)
    out.append(f"/* {thing['summary']} */")
    out.append(f"struct {tag} {{")
    if head:
        out.append(f"    struct {head} head;")
    for name, kind, c, _, text in rows:
        typed = f"enum {kind}" if kind in schema.enum_names else kind if kind in schema.set_names else ""
        note = "; ".join(part for part in (typed, text) if part)
        out.append(f"    {c} {name};{comment(note)}")
    if reserved:
        out.append(f"    uint8_t reserved[{reserved}]; /* zero */")
    if lists:
        out.append(f"    struct {lists[0]} items[];")
    out.append("};")
    out.append(f'_Static_assert(sizeof(struct {tag}) == {size}, "no hidden padding");')
    out.append("")


HEADER = """/* Made from schema/ by schema/generate.py at build time. Do not edit. */
#ifndef MINGDI_GENERATED_SCHEMA_H
#define MINGDI_GENERATED_SCHEMA_H

#include <stdint.h>

#include "base/time.h"
#include "geo/point.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "journals are little-endian, and so must be the machine"
#endif

/* No way: longer than every real trip. */
#define DURATION_UNREACHABLE ((struct duration){ INT64_MAX })
"""

HEADS = """/* Every command begins with this. 32 bytes. */
struct command_head {
    uint16_t kind;  /* enum command_kind */
    uint8_t version;
    uint8_t actor_kind; /* enum actor_kind */
    uint32_t size;      /* of the whole command with its list, bytes; a multiple of 8 */
    uint32_t actor;     /* who, within its kind; 0 not known */
    uint32_t key_low;   /* idempotency key, 96 bits; all zero: none */
    uint32_t key_middle, key_high;
    struct instant occurred_at; /* when it happened in the world; INSTANT_NONE: now */
};
_Static_assert(sizeof(struct command_head) == 32, "no hidden padding");

/* Every event begins with this. 8 bytes. */
struct event_head {
    uint16_t kind; /* enum event_kind */
    uint16_t version;
    uint32_t size; /* of the whole event with its list, bytes; a multiple of 8 */
};
_Static_assert(sizeof(struct event_head) == 8, "no hidden padding");
"""


def generate_header(schema):
    out = [HEADER]
    for name in IDS:
        out.append(f"struct {name} {{\n    uint32_t v; /* from 1; 0 is none */\n}};")
    out.append("")
    for enum in schema.enums:
        out.append(f"/* {enum['summary']} */")
        write_enum(out, enum["name"], enum["values"], enum["name"])
    for values in schema.sets:
        out.append(f"/* {values['summary']}. */")
        out.append("enum {")
        for bit, label, text in values["bits"]:
            out.append(f"    {upper(values['prefix'], label)} = 1u << {bit},{comment(text)}")
        out.append("};\n")
    out.append("/* Labels of enumerations by code, of sets by bit (core/schema.h). */\nstruct schema_enum;")
    for labelled in schema.enums + schema.sets:
        out.append(f"extern const struct schema_enum enum_names_{labelled['name']};")
    for enum in schema.enums:
        for column in enum.get("columns", []):
            out.append(f"extern const uint8_t {enum['name']}_{column}[{upper(enum['name'])}_COUNT]; /* enum {column} of each */")
    out.append("/* Why a command was refused; NONE if it was not. */")
    write_enum(out, "refusal", ["none"] + schema.refusals, "refused")
    for group, things in (("command", schema.commands), ("event", schema.events)):
        out.append(f"enum {group}_kind {{")
        for thing in things:
            out.append(f"    {upper(group, thing['name'])} = {thing['code']},")
        out.append(f"    {upper(group, 'KIND_MAX')} = {max(t['code'] for t in things)},")
        out.append("};\n")
        out.append(f"enum {group}_version {{")
        for thing in things:
            out.append(f"    {upper(group, thing['name'])}_VERSION = {thing.get('version', 1)},")
        out.append("};\n")
    out.append(HEADS)
    for item in schema.items:
        write_struct(out, schema, item["name"], item, None, 0)
    for command in schema.commands:
        write_struct(out, schema, "command_" + command["name"], command, "command_head", 32)
    for event in schema.events:
        write_struct(out, schema, "event_" + event["name"], event, "event_head", 8)
    for entity in schema.entities:
        e = entity["name"]
        out.append(f"/* {e}_transition[state][event] is the next state, or TRANSITION_REFUSED. */")
        out.append(f"extern const uint8_t {e}_transition[{upper(e)}_STATE_COUNT][{upper(e)}_EVENT_COUNT];")
    out.append("#define TRANSITION_REFUSED 0xFF")
    out.append("\n#endif")
    return "\n".join(out) + "\n"


def field_rows(schema, struct_tag, thing, has_list, head):
    rows, _, _ = schema.laid_out(thing["fields"], has_list, head)
    limits = {f[0]: (f[3], f[4]) for f in thing["fields"] if len(f) >= 5}
    out = []
    for name, kind, _, size, _ in rows:
        if name == "count" and has_list and not any(f[0] == "count" for f in thing["fields"]):
            continue
        low, high = limits.get(name, (0, 0))
        is_enum = kind in schema.enum_names
        is_set = kind in schema.set_names
        scalar = "FIELD_ENUM" if is_enum else "FIELD_SET" if is_set else "FIELD_ID" if kind in IDS else upper("field", kind)
        enum = f"&enum_names_{kind}" if is_enum or is_set else "NULL"
        out.append(f'    {{ "{name}", {scalar}, offsetof(struct {struct_tag}, {name}), {low}, {high}, {enum} }},')
    return out


def write_table(out, schema, group, things, head):
    for thing in things:
        tag = f"{group}_{thing['name']}" if group != "item" else thing["name"]
        rows = field_rows(schema, tag, thing, bool(thing.get("lists")), head)
        out.append(f"static const struct schema_field fields_of_{tag}[] = {{")
        out.extend(rows)
        out.append('    { NULL, FIELD_U8, 0, 0, 0, NULL },\n};')
    if group == "item":
        return
    out.append(f"static const struct schema_kind {group}_kinds[{upper(group, 'KIND_MAX')} + 1] = {{")
    for thing in things:
        tag = f"{group}_{thing['name']}"
        lists = thing.get("lists", [])
        actors = " | ".join(f"1u << {upper('actor_kind', a)}" for a in thing.get("actor", [])) or "0"
        item = (f"sizeof(struct {lists[0]}), fields_of_{lists[0]}, \"{lists[0]}\", (uint32_t)offsetof(struct {tag}, count)"
                if lists else "0, NULL, NULL, 0")
        rows, reserved, size = schema.laid_out(thing["fields"], bool(lists), head)
        out.append(f'    [{upper(group, thing["name"])}] = {{ "{thing["name"]}", {thing.get("version", 1)}, '
                   f"sizeof(struct {tag}), {size - reserved}, {actors}, fields_of_{tag}, {item} }},")
    out.append("};")


def generate_tables(schema):
    out = ["/* Made from schema/ by schema/generate.py at build time. Included by core/schema.c alone. Do not edit. */"]
    for enum in schema.enums:
        labels = [v[0] for v in enum["values"]]
        out.append(f"const struct schema_enum enum_names_{enum['name']} = {{ \"{enum['name']}\", {len(labels)}, 0, {{ "
                   + ", ".join(f'"{l}"' for l in labels) + " } };")
        for i, column in enumerate(enum.get("columns", [])):
            out.append(f"const uint8_t {enum['name']}_{column}[{upper(enum['name'])}_COUNT] = {{ "
                       + ", ".join(upper(column, v[2 + i]) for v in enum["values"]) + " };")
    for values in schema.sets:
        mask = sum(1 << b[0] for b in values["bits"])
        out.append(f"const struct schema_enum enum_names_{values['name']} = {{ \"{values['name']}\", "
                   f"{max(b[0] for b in values['bits']) + 1}, {mask:#x}, {{ "
                   + ", ".join(f'[{b[0]}] = "{b[1]}"' for b in values["bits"]) + " } };")
    out.append("static const char *const refusal_names[] = { \"none\", " + ", ".join(f'"{r}"' for r in schema.refusals) + " };")
    write_table(out, schema, "item", schema.items, 0)
    write_table(out, schema, "command", schema.commands, 32)
    write_table(out, schema, "event", schema.events, 8)
    for entity in schema.entities:
        e = entity["name"]
        states = [s[0] for s in entity["states"]]
        out.append(f"const uint8_t {e}_transition[{upper(e)}_STATE_COUNT][{upper(e)}_EVENT_COUNT] = {{")
        for state in states:
            cells = []
            for event in entity["events"]:
                to = [t["to"] for t in entity["transitions"] if t["on"] == event and state in as_list(t["from"])]
                if len(to) > 1:
                    raise SchemaError(f"status {e}: {state} on {event} leads to two states")
                cells.append(upper(e, "state", to[0]) if to else "TRANSITION_REFUSED")
            out.append("    { " + ", ".join(cells) + " },")
        out.append("};")
    return "\n".join(out) + "\n"


def docs_fields(out, schema, thing):
    for field in thing["fields"]:
        text = field[2] if len(field) > 2 else ""
        limits = f" ({field[3]} to {field[4]})" if len(field) >= 5 else ""
        out.append(f"  - `{field[0]}` {field[1]}{limits}{': ' + text if text else ''}")
    for item in thing.get("lists", []):
        out.append(f"  - followed by a list of `{item}`")


def generate_docs(schema):
    out = ["# Reference: commands, events and statuses", "",
           "Made from `schema/` by `schema/generate.py`; the test suite fails when it is stale.", "", "## Statuses", ""]
    for entity in schema.entities:
        out += [f"### {entity['name']}: {entity['summary']}", "", "| state | meaning | leads to |", "|---|---|---|"]
        for state, text in entity["states"]:
            ways = [f"{t['on']} → {t['to']}" for t in entity["transitions"] if state in as_list(t["from"])]
            out.append(f"| {state} | {text} | {', '.join(ways)} |")
        out.append("")
    out += ["## Commands", "", "Every command can be refused as: " + ", ".join(COMMON_REFUSALS) + ".", ""]
    for command in schema.commands:
        out.append(f"- **{command['name']}** (code {command['code']}, from {', '.join(command['actor'])}): {command['summary']}.")
        docs_fields(out, schema, command)
        if command["refuses"]:
            out.append("  - refused as: " + ", ".join(command["refuses"]))
    out += ["", "## Events", ""]
    for event in schema.events:
        out.append(f"- **{event['name']}** (code {event['code']}): {event['summary']}.")
        docs_fields(out, schema, event)
    out += ["", "## List items", ""]
    for item in schema.items:
        out.append(f"- **{item['name']}**: {item['summary']}.")
        docs_fields(out, schema, item)
    out += ["", "## Enumerations", ""]
    for enum in schema.enums:
        values = "; ".join(f"`{v[0]}`" + (f" {v[1]}" if v[1] else "") for v in enum["values"])
        out.append(f"- **{enum['name']}**: {enum['summary']}. {values}")
    for enum in schema.enums:
        if "columns" in enum:
            rule = "|---" * (len(enum["columns"]) + 1) + "|"
            out += ["", f"## Of each {enum['name']}", "", "| | " + " | ".join(enum["columns"]) + " |", rule]
            out += [f"| {v[0]} | " + " | ".join(v[2:]) + " |" for v in enum["values"]]
    out += ["", "## Sets", ""]
    for values in schema.sets:
        bits = "; ".join(f"`{b[1]}` (bit {b[0]})" + (f" {b[2]}" if b[2] else "") for b in values["bits"])
        out.append(f"- **{values['name']}**: {values['summary']}. {bits}")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--c", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--check-docs", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        schema = Schema(arguments.schema)
    except (SchemaError, tomllib.TOMLDecodeError) as problem:
        sys.exit(f"schema: {problem}")
    if arguments.c:
        arguments.c.mkdir(parents=True, exist_ok=True)
        (arguments.c / "schema_types.h").write_text(generate_header(schema), encoding="utf-8")
        (arguments.c / "schema_tables.h").write_text(generate_tables(schema), encoding="utf-8")
    if arguments.docs:
        arguments.docs.write_text(generate_docs(schema), encoding="utf-8")
    if arguments.check_docs and arguments.check_docs.read_text(encoding="utf-8") != generate_docs(schema):
        sys.exit(f"{arguments.check_docs} is stale: run schema/generate.py --schema schema --docs {arguments.check_docs}")


if __name__ == "__main__":
    main()
