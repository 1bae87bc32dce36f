"""The blocks of commands of a page: which there are, and what the line before each says of it.

    <!-- tested: TEST NAME -->     TEST runs it as it stands
    <!-- yours -->                 lines NAME=value, of what is the reader's own; the test has values of its own
    <!-- not run: why -->

A fence with a word behind it, such as ```text, holds no commands.
"""
import re

TESTED = re.compile(r"<!-- tested: (\w+) ([\w-]+) -->")
YOURS = "<!-- yours -->"


def blocks_of(text):
    """Of each block: the line of its fence, what stands before it, and its text."""
    lines, found = text.split("\n"), []
    fences = [number for number, line in enumerate(lines) if line.startswith("```")]
    for begin, end in zip(fences[::2], fences[1::2]):
        if lines[begin] == "```":
            found.append((begin + 1, lines[begin - 1] if begin else "", "\n".join(lines[begin + 1:end]) + "\n"))
    return found


def tested(text, test=None):
    """NAME -> block, of those that this test runs, or any."""
    marked = [(TESTED.fullmatch(before), block) for _, before, block in blocks_of(text)]
    return {mark.group(2): block for mark, block in marked if mark and test in (None, mark.group(1))}
