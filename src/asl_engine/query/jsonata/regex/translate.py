"""A parsed pattern as the text of a Python `re` pattern that means the same, or None where there is none.

`$` must not match before a trailing newline, `\\d`, `\\w`, `\\b` are ASCII, `.` stops at four line ends, and a
reference to a group that took no part matches nothing. A group within a repeat forgets its match with each turn in
JavaScript, not in Python: where that can be seen, there is no translation; nor for a lookbehind of variable width.
"""

from __future__ import annotations

from asl_engine.query.jsonata.regex.syntax import (
    LINE_ENDS,
    WORD,
    Assertion,
    Back,
    Choice,
    Group,
    Look,
    Node,
    Pattern,
    Ranges,
    Repeat,
    Sequence,
    Set,
)


class _Untranslatable(Exception):
    pass


def translate(pattern: Pattern) -> str | None:
    try:
        return _write(pattern.root, pattern)
    except _Untranslatable:
        return None


def _write(node: Node, pattern: Pattern) -> str:
    if isinstance(node, Sequence):
        return "".join(_write(part, pattern) for part in node.parts)
    if isinstance(node, Choice):
        return "(?:" + "|".join(_write(option, pattern) for option in node.options) + ")"
    if isinstance(node, Set):
        return _set(node, pattern)
    if isinstance(node, Group):
        return f"({_write(node.body, pattern)})"
    if isinstance(node, Back):
        return f"(?({node.number})\\{node.number}|)"
    if isinstance(node, Look):
        return _look(node, pattern)
    if isinstance(node, Repeat):
        return _repeat(node, pattern)
    assert isinstance(node, Assertion)
    return _assertion(node, pattern)


def _set(node: Set, pattern: Pattern) -> str:
    if not node.ranges:
        return "[\\s\\S]" if node.negated else "(?!)"
    if pattern.ignore_case and any(last > 127 for _, last in node.ranges if last != 0x10FFFF):
        raise _Untranslatable  # the two languages fold letters beyond ASCII differently
    return ("[^" if node.negated else "[") + _ranges(node.ranges) + "]"


def _ranges(ranges: Ranges) -> str:
    return "".join(f"{_char(first)}-{_char(last)}" if first != last else _char(first) for first, last in ranges)


def _char(code: int) -> str:
    return f"\\U{code:08x}"


def _look(node: Look, pattern: Pattern) -> str:
    if node.behind and _width(node.body) is None:
        raise _Untranslatable
    return f"(?{'<' if node.behind else ''}{'!' if node.negated else '='}{_write(node.body, pattern)})"


def _width(node: Node) -> int | None:
    """How many characters a node matches, if always as many."""
    if isinstance(node, Set):
        return 1
    if isinstance(node, (Assertion, Look)):
        return 0
    if isinstance(node, Group):
        return _width(node.body)
    if isinstance(node, (Sequence, Choice)):
        widths = [_width(part) for part in (node.parts if isinstance(node, Sequence) else node.options)]
        known = [width for width in widths if width is not None]
        if len(known) < len(widths):
            return None
        if isinstance(node, Sequence):
            return sum(known)
        return known[0] if len(set(known)) == 1 else None
    return None


def _repeat(node: Repeat, pattern: Pattern) -> str:
    if node.groups[0] < node.groups[1] and _may_skip_group(node.body):
        raise _Untranslatable
    if _width(node.body) is None and _may_be_empty(node.body):
        raise _Untranslatable  # what a repeat makes of an empty turn differs
    most = "" if node.most is None else node.most
    return f"(?:{_write(node.body, pattern)}){{{node.least},{most}}}" + ("?" if node.lazy else "")


def _may_skip_group(node: Node) -> bool:
    """Whether one turn may leave out a group that another took."""
    if isinstance(node, Choice):
        return True
    if isinstance(node, Repeat):
        return node.least == 0 or _may_skip_group(node.body)
    if isinstance(node, Sequence):
        return any(_may_skip_group(part) for part in node.parts)
    return isinstance(node, (Group, Look)) and _may_skip_group(node.body)


def _may_be_empty(node: Node) -> bool:
    if isinstance(node, Set):
        return False
    if isinstance(node, Sequence):
        return all(map(_may_be_empty, node.parts))
    if isinstance(node, Choice):
        return any(map(_may_be_empty, node.options))
    if isinstance(node, Repeat):
        return node.least == 0 or _may_be_empty(node.body)
    return _may_be_empty(node.body) if isinstance(node, Group) else True


def _assertion(node: Assertion, pattern: Pattern) -> str:
    ends = _ranges(LINE_ENDS)
    if node.kind == "^":
        return f"(?:\\A|(?<=[{ends}]))" if pattern.multiline else "\\A"
    if node.kind == "$":
        return f"(?=[{ends}]|\\Z)" if pattern.multiline else "\\Z"
    word = _ranges(WORD)
    boundary = f"(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}])"
    return f"(?:{boundary})" if node.kind == "b" else f"(?!{boundary})"
