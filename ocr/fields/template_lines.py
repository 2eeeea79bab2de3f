"""Where in a template file a fault stands: the line of a place such as `$.fields[3].type`."""

import re
from pathlib import Path

import yaml

_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")


def line_of(file: Path, where: str) -> int | None:
    """The line (from 1) that `where` speaks of, None when it names no place or the file is no YAML.

    A place that is not there, such as a required key, has the line of what should hold it.
    """
    found = re.search(r"\$[\w.\[\]]*", where)
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    if node is None:
        return None
    steps: list[str | int] = [name or int(number) for name, number in _STEP.findall(found[0] if found else "")]
    if unknown := _UNKNOWN.search(where):
        steps.append(unknown[1])
    if not steps and not found and not unknown:
        return None
    line = node.start_mark.line
    for step in steps:
        inside = _inside(node, step)
        if inside is None:
            break
        line, node = inside
    return int(line) + 1


def _inside(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    """(line, node) of one step down."""
    if isinstance(step, int):
        if isinstance(node, yaml.SequenceNode) and step < len(node.value):
            return node.value[step].start_mark.line, node.value[step]
    elif isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line, value) for key, value in node.value if key.value == step), None)
    return None
