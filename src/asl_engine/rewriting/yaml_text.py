"""YAML text with the language's fields in their order, and everything else as it was written.

Keys are moved as blocks of lines, with the comment lines above them, so that quoting, anchors, block scalars, flow
collections and blank lines stay. A mapping with anchors or aliases in several fields keeps its order, as an alias must
stand after its anchor. The new text is read again and must mean the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from asl_engine.rewriting.formatting import FormatError, check_definition
from asl_engine.rewriting.keys import kind_below, ordered


def format_yaml(text: str) -> str:
    """A definition in YAML with its fields in order. Raises FormatError."""
    text = text.replace("\r\n", "\n")
    root = compose(text)
    check_definition([key.value for key, _ in root.value] if _is_mapping(root) else None)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    made = "\n".join(_arranged(root, "machine", _Lines(lines, _referring(root)), 0, len(lines))) + "\n"
    if made != text and not _same(root, compose(made), {}):
        raise FormatError("its fields cannot be put in order without changing what it says; put them in order by hand")
    return made


def compose(text: str) -> Any:
    """The tree of nodes of a YAML text of one document. Raises FormatError."""
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise FormatError("YAML needs the package ruamel.yaml: pip install ruamel.yaml") from None
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except YAMLError as error:
        raise FormatError(_sentence(error)) from None
    except RecursionError:
        raise FormatError("is nested too deep") from None
    _refuse_duplicates(root)
    return root


def _sentence(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _is_mapping(node: Any) -> bool:
    return node is not None and node.id == "mapping"


def _refuse_duplicates(root: Any) -> None:
    seen: set[int] = set()
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen or node.id == "scalar":
            continue
        seen.add(id(node))
        if node.id == "sequence":
            waiting += node.value
            continue
        keys = [key.value for key, _ in node.value if key.id == "scalar" and key.value != "<<"]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise FormatError(f"line {node.start_mark.line + 1}: the key '{twice}' stands twice in one mapping")
        waiting += [value for _, value in node.value]


def _referring(root: Any) -> frozenset[int]:
    """The mappings in which two fields or more hold an anchor or an alias, by id."""
    fixed: set[int] = set()
    counts: dict[int, int] = {}

    def visit(node: Any) -> bool:
        counts[id(node)] = counts.get(id(node), 0) + 1
        if counts[id(node)] > 1:
            return True
        below = node.value if node.id == "sequence" else [value for _, value in node.value] if _is_mapping(node) else []
        found = [visit(child) for child in below]
        if sum(found) > 1:
            fixed.add(id(node))
        return any(found) or node.anchor is not None

    try:
        visit(root)
    except RecursionError:
        raise FormatError("is nested too deep") from None
    return frozenset(fixed)


class _Lines(NamedTuple):
    """The text's lines, and the mappings whose order stays."""

    all: list[str]
    fixed: frozenset[int]


def _arranged(node: Any, kind: str | None, lines: _Lines, start: int, end: int) -> list[str]:
    """The lines from `start` to `end`, which hold the node, with the fields within it in order; an alias is a node that
    stands elsewhere."""
    if kind is None or node.id == "scalar" or node.flow_style or not node.value:
        return lines.all[start:end]
    if not start <= node.start_mark.line < end:
        return lines.all[start:end]
    if node.id == "sequence":
        return _sequence(node, kind, lines, start, end)
    keys = [key.start_mark for key, _ in node.value]
    if any(mark.column != keys[0].column for mark in keys) or len({mark.line for mark in keys}) != len(keys):
        return lines.all[start:end]
    return _mapping(node, kind, lines, start, end)


def _sequence(node: Any, kind: str, lines: _Lines, start: int, end: int) -> list[str]:
    starts = [item.start_mark.line for item in node.value]
    if starts != sorted(set(starts)):
        return lines.all[start:end]
    made = lines.all[start : starts[0]]
    for item, first, last in zip(node.value, starts, [*starts[1:], end], strict=True):
        made += _arranged(item, kind_below(kind, "*"), lines, first, last)
    return made


class _Block(NamedTuple):
    """One key with its value: the lines above it that go with it, and its own."""

    name: str
    above: list[str]
    body: list[str]


def _mapping(node: Any, kind: str, lines: _Lines, start: int, end: int) -> list[str]:
    marks = [key.start_mark for key, _ in node.value]
    column = marks[0].column
    tops = [_top(lines.all, mark.line, column, start) for mark in marks]
    if kind == "machine" and not column:
        tops[0] = _after_blank(lines.all, tops[0], marks[0].line)
    blocks = []
    for index, (key, value) in enumerate(node.value):
        line, last = marks[index].line, tops[index + 1] if index + 1 < len(tops) else end
        below = _arranged(value, kind_below(kind, key.value), lines, line, last)
        blocks.append(_Block(key.value, lines.all[tops[index] : line], below))
    prefix = lines.all[marks[0].line][:column]
    blocks[0] = blocks[0]._replace(body=[" " * column + blocks[0].body[0][column:], *blocks[0].body[1:]])
    if id(node) not in lines.fixed:
        blocks = _in_order(blocks, kind)
    first, *others = blocks
    made = [*lines.all[start : tops[0]], *first.above, prefix + first.body[0][column:], *first.body[1:]]
    return made + [line for block in others for line in (*block.above, *block.body)]


def _in_order(blocks: list[_Block], kind: str) -> list[_Block]:
    """The blocks in order; one that comes to the front leaves its blank lines behind."""
    by_name = {block.name: block for block in blocks}
    made = [by_name[name] for name in ordered(by_name, kind)]
    if made[0] is not blocks[0]:
        made[0] = made[0]._replace(above=[line for line in made[0].above if line.strip()])
    return made


def _top(lines: list[str], line: int, column: int, start: int) -> int:
    """The first of the blank lines and comments above a key that belong to it."""
    top = line
    while top > start and _goes_along(lines[top - 1], column):
        top -= 1
    return top


def _goes_along(line: str, column: int) -> bool:
    text = line.lstrip(" ")
    return not text or (text.startswith("#") and len(line) - len(text) <= column)


def _after_blank(lines: list[str], top: int, line: int) -> int:
    """A comment at the head of a file, with a blank line below it, is about the file and stays."""
    blank = [index for index in range(top, line) if not lines[index].strip()]
    return blank[-1] + 1 if blank else top


def _same(one: Any, other: Any, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two trees say the same, whatever the order of keys."""
    pair = (id(one), id(other))
    if pair in known:
        return known[pair]
    known[pair] = True
    if one.id != other.id or one.tag != other.tag:
        return False
    known[pair] = _same_inside(one, other, known)
    return known[pair]


def _same_inside(one: Any, other: Any, known: dict[tuple[int, int], bool]) -> bool:
    if one.id == "scalar":
        return bool(one.value == other.value and one.style == other.style)
    if len(one.value) != len(other.value):
        return False
    if one.id == "sequence":
        return all(_same(first, second, known) for first, second in zip(one.value, other.value, strict=True))
    members = {key.value: value for key, value in other.value if key.id == "scalar"}
    return all(key.value in members and _same(value, members[key.value], known) for key, value in one.value)
