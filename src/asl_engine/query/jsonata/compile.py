"""The compiler: shaped tree -> closures. Running parses nothing and looks nothing up that could be known here.

Every node becomes a function of (context value, frame, run). `Compiler.node` gives the code of a whole node: what it
is, then its predicates, its grouping, and the reduction of a sequence to what it stands for. While it compiles, the
compiler gathers what a validator of definitions wants to know (`Facts`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from asl_engine.query.jsonata import calls, operators, paths, predicates, steps
from asl_engine.query.jsonata import syntax as s
from asl_engine.query.jsonata.callables import UNBOUND, Native
from asl_engine.query.jsonata.functions import BUILTINS
from asl_engine.query.jsonata.groups import array_of, group_by, object_of
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.scopes import Scope, assigned_names, is_free, new_scope, nothing, read_variable
from asl_engine.query.jsonata.shape import Core, ParentStep, Path
from asl_engine.query.jsonata.transforms import transformer
from asl_engine.query.jsonata.values import (
    MARKED,
    UNDEFINED,
    Code,
    Frame,
    Outer,
    Run,
    Value,
    kept,
    many,
    reduced,
    truth,
)


class Emitted(NamedTuple):
    """The code of a node, and whether it can only give values that are plain: no marked list, no function, no number
    that JSON cannot hold."""

    code: Code
    plain: bool


class Facts:
    """What was seen on the way. `contexts`: (position, text) of what reads the context of the whole expression."""

    __slots__ = ("contexts", "free", "paths", "uses_context", "uses_run")

    def __init__(self) -> None:
        self.free: set[str] = set()
        self.paths: dict[str, set[tuple[str, ...]]] = {}
        self.contexts: list[tuple[int, str]] = []
        self.uses_context = False
        self.uses_run = False


class Compiler:
    """Compiles one expression. `level` counts nested nodes since the innermost function began, `outermost` says
    whether the context is still that of the whole expression; `marks_many`, whether sequences of two or more are marked
    (see `values.Many`)."""

    def __init__(self, marks_many: bool = False) -> None:
        self.facts = Facts()
        self.facts.uses_run = self.marks_many = marks_many
        self.level = 0
        self.outermost = True
        self.noted: set[int] = set()

    def node(self, core: Core, scope: Scope, *, tail: bool = False, escapes: bool = True) -> Emitted:
        """`tail`: the node's value is the value of the function around it. `escapes`: a function that the node gives
        may become part of a value."""
        self.level += 1
        if core.stages or core.group is not None or core.keep:
            emitted = self.dressed(core, scope)
        else:
            emitted = _NODES[core.what.__class__](self, core, scope, _Use(tail, escapes, True))
        self.level -= 1
        return emitted

    def dressed(self, core: Core, scope: Scope) -> Emitted:
        """A node with predicates, a grouping or `[]`."""
        if core.what.__class__ is Path:
            return _NODES[Path](self, core, scope, _Use(False, True, True))
        raw, plain = _NODES[core.what.__class__](self, core, scope, _Use(False, True, False))
        stages = [predicates.stage(self, part, scope) for part in core.stages]
        group = None if core.group is None else self.grouping(core, scope)
        keep = core.keep
        filters = self.marks_many and predicates.filters(core)

        def dressed(value: Value, frame: Frame, run: Run) -> Value:
            result = raw(value, frame, run)
            for part in stages:
                result = part(result, frame, run)
            if filters:
                result = many(result, run)
            if group is not None:
                result = group(result, frame, run)
            if keep:
                result = kept(result)
            return reduced(result) if result.__class__ in MARKED else result

        return Emitted(dressed, plain and not keep)

    def grouping(self, core: Core, scope: Scope) -> Code:
        assert core.group is not None
        with_items = steps.inner(self)
        pairs = [(self.node(key, scope).code, self.node(value, scope)) for key, value in core.group]
        with_items.close(self)
        self.facts.uses_run = True
        return group_by([(key, value.code) for key, value in pairs], core.group_position)

    # Leaves.

    def literal(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        constant = core.what.value
        return Emitted(lambda value, frame, run: constant, True)

    def variable(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        name = core.what.name
        if name == "":
            return self.context(core)
        if name == "$":
            self.facts.contexts.append((core.position, "$$"))
            self.facts.uses_context = self.facts.uses_run = True
            return Emitted(lambda value, frame, run: run.input, True)
        free = is_free(scope, name)
        if id(core.what) not in self.noted:
            self.note_read(name, scope)
        default = BUILTINS.get(name, UNDEFINED)
        code = read_variable(scope, name, default)
        if default is not UNDEFINED and use.escapes:
            return Emitted(self.marking(code), False)
        return Emitted(code, free and default is UNDEFINED)

    def note_read(self, name: str, scope: Scope, path: tuple[str, ...] = ()) -> None:
        """Notes a variable that is read, unless it is bound in the expression before."""
        owners = [owner for _, owner in scope.candidates(name) if owner.kind != "root"]
        if not any(name in owner.assigned or owner.kind == "tuple" for owner in owners):
            self.facts.free.add(name)
            self.facts.paths.setdefault(name, set()).add(path)

    def context(self, core: Core) -> Emitted:
        self.note_context(core.position, "$")

        def read(value: Value, frame: Frame, run: Run) -> Value:
            return value[0] if value.__class__ is Outer else value

        return Emitted(read, self.outermost)

    def note_context(self, position: int, text: str) -> None:
        if self.outermost:
            self.facts.contexts.append((position, text))
            self.facts.uses_context = True

    def marking(self, code: Code) -> Code:
        """The code of something that makes a function, which may get into a value that is handed out."""
        self.facts.uses_run = True

        def mark(value: Value, frame: Frame, run: Run) -> Value:
            run.marked = True
            return code(value, frame, run)

        return mark

    def parent(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        name = core.what.slot.name
        return Emitted(read_variable(scope, name, UNDEFINED), False)

    def regex(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        from asl_engine.query.jsonata.regex import compile_regex

        function = compile_regex(core.what.pattern, core.what.flags, core.position)
        code: Code = lambda value, frame, run: function  # noqa: E731
        return Emitted(self.marking(code) if use.escapes else code, False)

    # Operators.

    def binary(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        what: s.Binary = core.what
        if what.op == "&":
            return self.concatenation(core, scope)
        lhs, rhs = self.node(what.lhs, scope), self.node(what.rhs, scope)
        self.facts.uses_run |= what.op in operators.USES_RUN
        constant = _constant(what.rhs)
        if what.op in "+-" and constant.__class__ is int:
            return Emitted(operators.add_constant(what.op, lhs.code, constant, core.position), True)
        if what.op in ("<", ">", "<=", ">=") and constant.__class__ in (int, float):
            return Emitted(operators.compare_constant(what.op, lhs.code, constant, core.position), True)
        if what.op == "=" and constant.__class__ in (int, str):
            return Emitted(operators.equals_constant(lhs.code, constant, core.position), True)
        if what.op in ("=", "!="):
            self.facts.uses_run |= not self.outermost
            return Emitted(operators.equality(what.op, lhs.code, rhs.code, charging=not self.outermost), True)
        code = operators.binary(what.op, lhs.code, rhs.code, core.position)
        if what.op == ".." and use.reduce:
            return Emitted(calls.reducing(code), True)
        return Emitted(code, what.op not in "/%")

    def concatenation(self, core: Core, scope: Scope) -> Emitted:
        parts: list[Core] = []
        left = core
        while left.what.__class__ is s.Binary and left.what.op == "&" and not (left.stages or left.group or left.keep):
            parts.append(left.what.rhs)
            left = left.what.lhs
        codes = [self.node(part, scope).code for part in (left, *reversed(parts))]
        self.facts.uses_run = True
        return Emitted(operators.concatenation(codes, core.position), True)

    def negate(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        return Emitted(operators.negate(self.node(core.what.operand, scope).code, core.position), True)

    def condition(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        what: s.Condition = core.what
        test = self.node(what.test, scope).code
        then, then_plain = self.node(what.then, scope, tail=use.tail, escapes=use.escapes)
        otherwise, otherwise_plain = Emitted(nothing, True)
        if what.otherwise is not None:
            otherwise, otherwise_plain = self.node(what.otherwise, scope, tail=use.tail, escapes=use.escapes)

        def condition(value: Value, frame: Frame, run: Run) -> Value:
            result = test(value, frame, run)
            if result is True or truth(result):
                return then(value, frame, run)
            return otherwise(value, frame, run)

        return Emitted(condition, then_plain and otherwise_plain)

    # Scopes.

    def block(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        names = list(assigned_names(core.what.expressions))
        inner = new_scope("block", scope, names) if names else scope
        *early, last = core.what.expressions or (None,)
        codes = [self.node(part, inner, escapes=False).code for part in early]
        emitted = Emitted(nothing, True)
        if last is not None:
            emitted = self.node(last, inner, tail=use.tail, escapes=use.escapes)
        code = _in_turn(codes, emitted.code)
        return Emitted(_in_frame(code, len(inner.names)) if names else code, emitted.plain)

    def bind(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        name = core.what.name
        code, plain = self.node(core.what.value, scope)
        hops, owner = scope.assignable()
        place = owner.names[name]
        owner.assigned.add(name)

        def bind(value: Value, frame: Frame, run: Run) -> Value:
            result = code(value, frame, run)
            for _ in range(hops):
                frame = frame[0]
            frame[place] = result
            return result

        return Emitted(bind, plain)

    # Calls, paths, constructors.

    def function(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        code = calls.lambda_code(self, core, scope)
        return Emitted(self.marking(code) if use.escapes else code, False)

    def call(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        return Emitted(*calls.call_code(self, core, scope, tail=use.tail, reduce=use.reduce))

    def partial(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        code = calls.partial_code(self, core, scope)
        return Emitted(self.marking(code) if use.escapes else code, False)

    def apply(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        return Emitted(calls.apply_code(self, core, scope, reduce=use.reduce), False)

    def transform(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        what: s.Transform = core.what
        with_match = steps.inner(self)
        pattern, update = self.node(what.pattern, scope).code, self.node(what.update, scope).code
        delete = None if what.delete is None else self.node(what.delete, scope).code
        with_match.close(self)
        places = (what.update.position, 0 if what.delete is None else what.delete.position)

        def make(value: Value, frame: Frame, run: Run) -> Value:
            return Native(transformer(pattern, update, delete, frame, places), 1, "<(oa):o>")

        return Emitted(self.marking(make) if use.escapes else make, False)

    def path(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        return Emitted(*paths.path_code(self, core, scope))

    def name(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        """A field within a stream of tuples; other paths know their fields themselves."""
        return Emitted(steps.field(core.what.value), False)

    def wildcard(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        self.note_context(core.position, "*")
        self.facts.uses_run = True
        return Emitted(calls.reducing(steps.wildcard) if use.reduce else steps.wildcard, False)

    def descendants(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        self.note_context(core.position, "**")
        self.facts.uses_run = True
        return Emitted(steps.descendants, False)

    def array(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        items = []
        plain = not core.cons
        for item in core.what.items:
            emitted = self.node(item, scope)
            plain = plain and emitted.plain
            items.append((emitted.code, item.what.__class__ is s.ArrayOf))
        if not plain:
            self.facts.uses_run = True
        return Emitted(array_of(items, core.cons, plain), plain)

    def object(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        self.facts.uses_context = self.facts.uses_context or self.outermost
        pairs = [(self.node(key, scope), self.node(value, scope)) for key, value in core.what.pairs]
        plain = all(value.plain for _, value in pairs)
        keys = [_constant(key) for key, _ in core.what.pairs]
        if not plain:
            self.facts.uses_run = True
        codes = [(key.code, value.code) for key, value in pairs]
        return Emitted(object_of(keys, codes, plain, core.position), plain)

    def placeholder(self, core: Core, scope: Scope, use: _Use) -> Emitted:
        raise JsonataError("S0201", core.position, token="?")


class _Use(NamedTuple):
    """How a node's value is used; `reduce`: a sequence is to be reduced to what it stands for."""

    tail: bool
    escapes: bool
    reduce: bool


_NODES: dict[type, Callable[[Compiler, Core, Scope, _Use], Emitted]] = {
    s.Literal: Compiler.literal,
    s.Variable: Compiler.variable,
    ParentStep: Compiler.parent,
    s.Regex: Compiler.regex,
    s.Binary: Compiler.binary,
    s.Negate: Compiler.negate,
    s.Condition: Compiler.condition,
    s.Block: Compiler.block,
    s.Bind: Compiler.bind,
    s.Lambda: Compiler.function,
    s.Call: Compiler.call,
    s.Partial: Compiler.partial,
    s.Apply: Compiler.apply,
    s.Transform: Compiler.transform,
    Path: Compiler.path,
    s.Name: Compiler.name,
    s.Wildcard: Compiler.wildcard,
    s.Descendants: Compiler.descendants,
    s.ArrayOf: Compiler.array,
    s.ObjectOf: Compiler.object,
    s.Placeholder: Compiler.placeholder,
}


def _constant(core: Core) -> Any:
    """The value of a literal, else UNDEFINED."""
    if core.what.__class__ is s.Literal and not (core.stages or core.group or core.keep):
        return core.what.value
    return UNDEFINED


def _in_turn(early: list[Code], last: Code) -> Code:
    if not early:
        return last

    def in_turn(value: Value, frame: Frame, run: Run) -> Value:
        for code in early:
            code(value, frame, run)
        return last(value, frame, run)

    return in_turn


def _in_frame(code: Code, size: int) -> Code:
    unset = [UNBOUND] * size

    def in_frame(value: Value, frame: Frame, run: Run) -> Value:
        return code(value, [frame, *unset], run)

    return in_frame


def compile_root(core: Core, compiler: Compiler) -> Emitted:
    """The code of a whole expression, to be run in the frame of the bindings."""
    root = Scope("root")
    names = list(assigned_names(core))
    if not names:
        return compiler.node(core, root)
    inner = new_scope("block", root, names)
    code, plain = compiler.node(core, inner)
    return Emitted(_in_frame(code, len(inner.names)), plain)
