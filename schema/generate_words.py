#!/usr/bin/env python3
"""Makes the table of words that paper is printed with out of the console's texts, so that a state is called the same on both.

    generate_words.py --texts web/src/i18n --c OUT_DIR     paper_words.h, included by src/host/paper_words.c alone
"""
import argparse
import json
import pathlib

NOTE = "/* Made from web/src/i18n by schema/generate_words.py at build time. Do not edit. */"


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=pathlib.Path, required=True)
    parser.add_argument("--c", type=pathlib.Path, required=True)
    given = parser.parse_args()
    read = lambda language: json.loads((given.texts / language / "schema.json").read_text(encoding="utf-8"))
    english, chinese = read("en"), read("zh-CN")
    rows = [f"    {{ {literal(kind)}, {literal(label)}, {literal(text)}, {literal(chinese[kind][label])} }},"
            for kind, texts in sorted(english.items()) if isinstance(texts, dict)
            for label, text in sorted(texts.items()) if isinstance(text, str)]
    given.c.mkdir(parents=True, exist_ok=True)
    lines = [NOTE, "static const struct paper_word PAPER_WORDS[] = {", *rows, "};", ""]
    (given.c / "paper_words.h").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
