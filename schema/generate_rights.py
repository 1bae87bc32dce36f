#!/usr/bin/env python3
"""Makes the table of rights (C) and its page out of schema/rights.toml, and refuses a table that contradicts the commands.

    generate_rights.py --schema DIR --c OUT_DIR     rights_tables.h, included by src/host/rights.c alone
    generate_rights.py --schema DIR --docs FILE     the page
"""
import argparse
import pathlib
import sys
import tomllib

NOTE = "/* Made from schema/rights.toml by schema/generate_rights.py at build time. Do not edit. */"
SCOPES = ["centre", "district", "facility", "unit"]
SIGHTS = ["calls", "incidents", "missions", "units", "facilities", "all_facilities", "messages"]
FIELDS = {"call": "call_id", "incident": "incident_id", "mission": "mission_id", "unit": "unit_id", "facility": "facility_id",
          "alarm": "alarm_id", "message": "message_id"}
NEVER = ["road", "admin"]  # actors that "any" does not stand for


class RightsError(Exception):
    pass


class Rights:
    def __init__(self, folder):
        read = lambda name: tomllib.loads((folder / name).read_text(encoding="utf-8"))
        table = read("rights.toml")
        self.roles, self.listed, self.resources = table["role"], {c["name"]: c for c in table["command"]}, table["resource"]
        if len(self.listed) != len(table["command"]):
            raise RightsError("a command stands twice")
        self.commands = read("commands.toml")["command"]
        self.stages = next(e for e in read("statuses.toml")["entity"] if e["name"] == "mission")["events"]
        self.role_names = [r["name"] for r in self.roles]
        self.check()

    def check(self):
        commands = {c["name"]: c for c in self.commands}
        for role in self.roles:
            known(role["name"], role["scopes"], SCOPES)
            known(role["name"], role["sees"], SIGHTS)
        for resource in self.resources:
            known(resource["name"], resource["roles"], self.role_names)
        seeing = {r["name"] for r in self.roles if r["sees"]}
        state = next(r for r in self.resources if r["name"] == "state")
        if seeing != set(state["roles"]):
            raise RightsError("the roles of the resource state are not those that see something of it")
        for name, listed in self.listed.items():
            known("commands.toml", [name], commands)
            known(name, listed["roles"], self.role_names)
            known(name, listed["subject"], list(FIELDS) + ["centre", "anywhere", "fixes"])
            known(name, [s for stages in listed.get("stages", {}).values() for s in stages], self.stages)
            types = [f[1] for f in commands[name]["fields"]] + commands[name].get("lists", [])
            known(name, [FIELDS.get(s, "fix") for s in listed["subject"] if s not in ("centre", "anywhere")], types)
            for role in listed["roles"]:
                self.actor(role, commands[name])

    def role(self, name):
        return next(r for r in self.roles if r["name"] == name)

    def actor(self, role_name, command):
        """The kind of actor that a role sends a command as."""
        wanted = self.role(role_name)["actor"]
        possible = [a for a in wanted if a in command["actor"]]
        if wanted == ["any"]:
            possible = [a for a in command["actor"] if a not in NEVER]
        if not possible:
            raise RightsError(f"{command['name']}: {role_name} may send it, but the core takes it from {command['actor']} only")
        return possible[0]


def known(where, names, all_names):
    for name in names:
        if name not in all_names:
            raise RightsError(f"{where}: unknown or unfit: {name}")


def mask(prefix, names):
    return " | ".join(f"1u << {prefix}_{n.upper()}" for n in names) or "0"


def generate_c(rights):
    out = [NOTE, "static const struct role_rule ROLE_RULES[ROLE_COUNT] = {"]
    for r in rights.roles:
        out.append(f"    [ROLE_{r['name'].upper()}] = {{ {mask('SCOPE', r['scopes'])}, {mask('SIGHT', r['sees'])} }},")
    out += ["};", "static const struct command_rule COMMAND_RULES[COMMAND_KIND_MAX + 1] = {"]
    for command in rights.commands:
        listed = rights.listed.get(command["name"])
        if not listed:
            continue
        actors = ", ".join(f"[ROLE_{r.upper()}] = ACTOR_KIND_{rights.actor(r, command).upper()}" for r in listed["roles"])
        stages = ", ".join(f"[ROLE_{r.upper()}] = {mask('MISSION_EVENT', s)}" for r, s in listed.get("stages", {}).items())
        out.append(f"    [COMMAND_{command['name'].upper()}] = {{ {mask('ROLE', listed['roles'])}, "
                   f"{mask('SUBJECT_OF', listed['subject'])},\n        {{ {actors} }}, {{ {stages or '0'} }} }},")
    out += ["};", "static const struct resource_rule RESOURCE_RULES[RESOURCE_COUNT] = {"]
    for r in rights.resources:
        centre = "true" if r.get("centre") else "false"
        out.append(f"    [RESOURCE_{r['name'].upper()}] = {{ {mask('ROLE', r['roles'])}, {centre} }},")
    out += ["};", "const char *const RESOURCE_NAMES[RESOURCE_COUNT] = {"]
    out += [f'    [RESOURCE_{r["name"].upper()}] = "{r["name"]}",' for r in rights.resources]
    return "\n".join(out + ["};", ""])


def matrix(rights, head, rows):
    names = [n.replace("_", " ") for n in rights.role_names]
    out = [f"| {head} | " + " | ".join(names) + " |", "|---" * (1 + len(names)) + "|"]
    for name, cell in rows:
        out.append(f"| {name} | " + " | ".join(cell(r) for r in rights.role_names) + " |")
    return out


def command_cell(listed):
    def cell(role):
        if not listed or role not in listed["roles"]:
            return ""
        stages = listed.get("stages", {}).get(role)
        return ", ".join(stages) + " only" if stages else "x"
    return cell


def subjects(listed):
    return ", ".join("the centre or any district" if s == "anywhere" else s for s in listed["subject"])


INTRODUCTION = """# Rights

Made from `schema/rights.toml` by `schema/generate_rights.py`; a test fails when it is stale. What has no mark is denied.

A person or a machine has grants: a role with a scope (the centre, a district, a facility, a unit). A command is allowed if
the grants of one role that may send it hold each of its subjects. The centre holds everything. A district holds the calls
and incidents in it, the missions of these, and the units and facilities that belong to it; a call whose district is not
known lies in every district for those who may answer calls. A facility holds itself and the missions that head for it; a
unit holds itself, its mission and that mission's incident, with its calls. What does not exist lies in the centre's scope
alone, for by the time that a command is done it may exist and be another's.

## Roles

| role | what for | scopes | sees of the live state |
|---|---|---|---|
"""


def generate_docs(rights):
    sees = lambda r: ", ".join(r["sees"]).replace("_", " ") or "nothing"
    out = [f"| `{r['name']}` | {r['summary']} | {', '.join(r['scopes'])} | {sees(r)} |" for r in rights.roles]
    out += ["", "A unit is also seen where it works on an incident, or heads for a facility, that is seen.", "",
            "## Commands", ""]
    rows = [(f"`{c['name']}` ({subjects(rights.listed[c['name']])})", command_cell(rights.listed[c["name"]]))
            for c in rights.commands if c["name"] in rights.listed]
    out += matrix(rights, "command (subject)", rows)
    never = ", ".join(f"`{c['name']}`" for c in rights.commands if c["name"] not in rights.listed)
    out += ["", f"From nobody outside: {never}.", "",
            "An alarm is acknowledged by the role that owns it, or by a duty commander.", "", "## Everything else", ""]
    rows = [(f"`{r['name']}`: {r['summary']}" + (" (centre only)" if r.get("centre") else ""),
             lambda role, r=r: "x" if role in r["roles"] else "") for r in rights.resources]
    return INTRODUCTION + "\n".join(out + matrix(rights, "resource", rows)) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--c", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--check-docs", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        rights = Rights(arguments.schema)
    except (RightsError, tomllib.TOMLDecodeError) as problem:
        sys.exit(f"rights.toml: {problem}")
    if arguments.c:
        arguments.c.mkdir(parents=True, exist_ok=True)
        (arguments.c / "rights_tables.h").write_text(generate_c(rights), encoding="utf-8")
    if arguments.docs:
        arguments.docs.write_text(generate_docs(rights), encoding="utf-8")
    if arguments.check_docs and arguments.check_docs.read_text(encoding="utf-8") != generate_docs(rights):
        sys.exit(f"{arguments.check_docs} is stale: run schema/generate_rights.py --schema schema --docs {arguments.check_docs}")


if __name__ == "__main__":
    main()
