"""A backtracking matcher that counts its steps: for patterns that Python's `re` could run on for ever.

A pattern is assembled into instructions; the matcher keeps its own stack of choices, so neither time nor Python's stack
can run out unnoticed.
"""

from __future__ import annotations

from typing import NamedTuple

from asl_engine.query.jsonata.messages import JsonataError, out_of_steps
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
from asl_engine.query.jsonata.values import Run

MAX_STEPS = 2_000_000
MAX_PROGRAM = 20_000
_CHARGE = 4
"""Steps of the matcher for one step of the evaluation's budget."""


class Op(NamedTuple):
    """`kind`: "set", "split" (try `one`, then `other`), "jump", "open" and "close" a group, "forget" groups
    `one` to before `other`, "mark" and "progress" (a turn must not be empty), "assert", "back", "look", "match"."""

    kind: str
    one: int = 0
    other: int = 0
    ranges: Ranges = ()
    negated: bool = False
    text: str = ""
    program: tuple[Op, ...] = ()


def assemble(pattern: Pattern) -> tuple[Op, ...]:
    """Raises ValueError if the pattern is too large when its repeats are written out."""
    program: list[Op] = []
    _Assembler(program, pattern).node(pattern.root)
    program.append(Op("match"))
    return tuple(program)


class _Assembler:
    def __init__(self, program: list[Op], pattern: Pattern) -> None:
        self.program = program
        self.pattern = pattern

    def emit(self, op: Op) -> int:
        if len(self.program) >= MAX_PROGRAM:
            raise ValueError("the pattern is too large")
        self.program.append(op)
        return len(self.program) - 1

    def node(self, node: Node) -> None:
        if isinstance(node, Sequence):
            for part in node.parts:
                self.node(part)
        elif isinstance(node, Set):
            self.emit(_set_op(node, self.pattern.ignore_case))
        elif isinstance(node, Group):
            self.emit(Op("open", node.number))
            self.node(node.body)
            self.emit(Op("close", node.number))
        elif isinstance(node, Choice):
            self.choice(node)
        elif isinstance(node, Repeat):
            self.repeat(node)
        elif isinstance(node, Back):
            self.emit(Op("back", node.number))
        elif isinstance(node, Look):
            inner: list[Op] = []
            _Assembler(inner, self.pattern).node(node.body)
            inner.append(Op("match"))
            self.emit(Op("look", one=int(node.behind), negated=node.negated, program=tuple(inner)))
        elif isinstance(node, Assertion):
            self.emit(Op("assert", text=node.kind))

    def choice(self, node: Choice) -> None:
        jumps = []
        for option in node.options[:-1]:
            split = self.emit(Op("split"))
            self.node(option)
            jumps.append(self.emit(Op("jump")))
            self.program[split] = Op("split", split + 1, len(self.program))
        self.node(node.options[-1])
        for jump in jumps:
            self.program[jump] = Op("jump", len(self.program))

    def repeat(self, node: Repeat) -> None:
        for _ in range(node.least):
            self.turn(node, optional=False)
        if node.most is None:
            start = self.emit(Op("split"))
            self.turn(node, optional=True)
            self.emit(Op("jump", start))
            self.program[start] = self.ordered(node, start)
            return
        splits = []
        for _ in range(node.most - node.least):
            splits.append(self.emit(Op("split")))
            self.turn(node, optional=True)
        for split in splits:
            self.program[split] = self.ordered(node, split)

    def ordered(self, node: Repeat, split: int) -> Op:
        """Another turn first, or the way out first if lazy."""
        into, out = split + 1, len(self.program)
        return Op("split", out, into) if node.lazy else Op("split", into, out)

    def turn(self, node: Repeat, *, optional: bool) -> None:
        """One turn of a repeat. Its groups are forgotten first; past the least, it must match something."""
        if node.groups[0] < node.groups[1]:
            self.emit(Op("forget", *node.groups))
        if isinstance(node.body, Set) or not optional:
            self.node(node.body)
            return
        self.emit(Op("mark"))
        self.node(node.body)
        self.emit(Op("progress"))


def _set_op(node: Set, ignore_case: bool) -> Op:
    return Op("set", ranges=node.ranges, negated=node.negated, one=int(ignore_case))


class Matcher:
    """Searches with one program. It keeps nothing between searches."""

    __slots__ = ("multiline", "pattern", "program")

    def __init__(self, program: tuple[Op, ...], pattern: Pattern) -> None:
        self.program = program
        self.pattern = pattern
        self.multiline = pattern.multiline

    def search(self, text: str, start: int, run: Run) -> list[tuple[int, int]] | None:
        """The spans of the first match and of its groups, (-1, -1) for one that took no part. Raises U1001."""
        steps = [MAX_STEPS]
        try:
            for first in range(start, len(text) + 1):
                saved = self._match(self.program, text, first, (-1,) * (3 * self.pattern.groups + 3), steps)
                if saved is not None:
                    ends = saved[2 : 2 * self.pattern.groups + 2]
                    return [(first, saved[1]), *zip(ends[::2], ends[1::2], strict=True)]
            return None
        finally:
            run.steps -= (MAX_STEPS - steps[0]) // _CHARGE
            if run.steps < 0:
                raise out_of_steps()

    def _match(
        self, program: tuple[Op, ...], text: str, at: int, saved: tuple[int, ...], steps: list[int], end: int = -1
    ) -> tuple[int, ...] | None:
        """The saved places of a match that begins at `at`, and ends at `end` if that is given: for each group where it
        begins and ends (group 0 is the whole), then for each where it was last entered."""
        stack: list[tuple[int, int, tuple[int, ...], tuple[int, ...]]] = [(0, at, saved, ())]
        size, base = len(text), 2 * self.pattern.groups + 2
        while stack:
            place, at, saved, marks = stack.pop()
            while True:
                steps[0] -= 1
                if steps[0] < 0:
                    raise JsonataError("U1001", text="A regular expression takes too long on this text")
                op = program[place]
                kind = op.kind
                place += 1
                if kind == "set":
                    if at >= size or not _in_set(op, text[at]):
                        break
                    at += 1
                elif kind == "split":
                    stack.append((op.other, at, saved, marks))
                    place = op.one
                elif kind == "jump":
                    place = op.one
                elif kind == "open":
                    begun = base + op.one
                    saved = (*saved[:begun], at, *saved[begun + 1 :])
                elif kind == "close":
                    group = 2 * op.one
                    saved = (*saved[:group], saved[base + op.one], at, *saved[group + 2 :])
                elif kind == "forget":
                    saved = (*saved[: 2 * op.one], *(-1,) * (2 * (op.other - op.one)), *saved[2 * op.other :])
                elif kind == "mark":
                    marks = (*marks, at)
                elif kind == "progress":
                    if marks[-1] == at:
                        break
                    marks = marks[:-1]
                elif kind == "assert":
                    if not self._holds(op.text, text, at):
                        break
                elif kind == "back":
                    left, right = saved[2 * op.one], saved[2 * op.one + 1]
                    if right >= 0:
                        if not self._same(text[left:right], text[at : at + right - left]):
                            break
                        at += right - left
                elif kind == "look":
                    found = self._look(op, text, at, saved, steps)
                    if (found is None) != op.negated:
                        break
                    saved = found if found is not None and not op.negated else saved
                elif end < 0 or at == end:
                    return (saved[0], at, *saved[2:])
                else:
                    break
        return None

    def _look(self, op: Op, text: str, at: int, saved: tuple[int, ...], steps: list[int]) -> tuple[int, ...] | None:
        if not op.one:
            found = self._match(op.program, text, at, saved, steps)
        else:
            starts = (self._match(op.program, text, start, saved, steps, at) for start in range(at, -1, -1))
            found = next((match for match in starts if match is not None), None)
        return None if found is None else (saved[0], saved[1], *found[2:])

    def _holds(self, kind: str, text: str, at: int) -> bool:
        if kind == "^":
            return at == 0 or (self.multiline and _within(LINE_ENDS, ord(text[at - 1])))
        if kind == "$":
            return at == len(text) or (self.multiline and _within(LINE_ENDS, ord(text[at])))
        before = at > 0 and _within(WORD, ord(text[at - 1]))
        after = at < len(text) and _within(WORD, ord(text[at]))
        return (before != after) == (kind == "b")

    def _same(self, one: str, other: str) -> bool:
        if self.pattern.ignore_case:
            return one.upper() == other.upper()
        return one == other


def _in_set(op: Op, char: str) -> bool:
    found = _within(op.ranges, ord(char))
    if not found and op.one:
        found = any(_within(op.ranges, ord(other)) for other in (char.upper(), char.lower()) if len(other) == 1)
    return found != op.negated


def _within(ranges: Ranges, code: int) -> bool:
    return any(first <= code <= last for first, last in ranges)
