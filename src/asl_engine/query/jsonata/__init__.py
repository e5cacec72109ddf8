"""JSONata 2.0 with what AWS Step Functions adds to it: texts compiled to closures.

>>> double = compile_expression("$n * 2")
>>> double.evaluate(UNDEFINED, {"n": 21}, None)  # an expression that draws from the world needs an Environment
42

An `Expression` holds nothing that changes: one serves all executions and threads. Language: docs.jsonata.org; the
rule that keeps this folder whole: it imports nothing of the project but `jsonvalue` and `errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from asl_engine.query.jsonata.compile import Compiler, Emitted, Facts, compile_root
from asl_engine.query.jsonata.messages import JsonataError
from asl_engine.query.jsonata.parser import parse
from asl_engine.query.jsonata.shape import shape
from asl_engine.query.jsonata.values import UNDEFINED, Code, Environment, Function, Outer, Run, Undefined, Value, plain

Evaluate = Callable[[Value, Mapping[str, object], Environment], Value]

__all__ = [
    "UNDEFINED",
    "Environment",
    "Expression",
    "Function",
    "JsonataError",
    "Undefined",
    "compile_expression",
]


class Expression:
    """A compiled expression.

    `evaluate(input, bindings, environment)` gives a JSON value, UNDEFINED, or a Function if the value is or holds one;
    it raises JsonataError. `bindings` are the variables by name without `$`; an input of UNDEFINED is no input.
    `limited` is the same with the depth of calls as fourth argument.

    `free_variables`: the variables read and not bound inside. `context_references`: (position, text) of every use of
    the context outside of a path's later steps, predicates and functions, and of every `$$`.
    """

    __slots__ = ("_paths", "context_references", "evaluate", "free_variables", "limited", "text")

    def __init__(self, text: str, emitted: Emitted, facts: Facts) -> None:
        self.text = text
        self.limited = _with_run(emitted.code)
        self.evaluate: Evaluate = _evaluator(emitted, facts, self.limited)
        self.free_variables = frozenset(facts.free)
        self.context_references: tuple[tuple[int, str], ...] = tuple(sorted(facts.contexts))
        self._paths = {name: frozenset(paths) for name, paths in facts.paths.items()}

    @property
    def uses_root(self) -> bool:
        return bool(self.context_references)

    def paths_of(self, variable: str) -> set[tuple[str, ...]]:
        """The fields that are read of a free variable: `$states.input.n` gives ("input", "n"), `$states` alone ()."""
        return set(self._paths.get(variable, ()))


def compile_expression(text: str) -> Expression:
    """Compiles an expression. Raises JsonataError with the code and the position of the mistake."""
    compiler = Compiler(marks_many="distinct" in text)
    try:
        emitted = compile_root(shape(parse(text)), compiler)
    except RecursionError:
        raise JsonataError("U1001") from None
    return Expression(text, emitted, compiler.facts)


def _evaluator(emitted: Emitted, facts: Facts, limited: Callable[..., Value]) -> Evaluate:
    """The cheapest way in. Code that needs no Run and gives plain values is called as it is; the frame of an
    expression's root is the mapping of its bindings."""
    code: Code = emitted.code
    if facts.uses_run or not emitted.plain:
        return limited
    if not facts.uses_context:
        return code

    def evaluate(value: Value, bindings: Mapping[str, object], environment: Environment) -> Value:
        return code(Outer([value]) if isinstance(value, list) else value, bindings, None)

    return evaluate


def _with_run(code: Code) -> Callable[..., Value]:
    def evaluate(
        value: Value, bindings: Mapping[str, object], environment: Environment, depth: int = Run.max_depth
    ) -> Value:
        run = Run()
        run.environment = environment
        run.input = value
        run.max_depth = depth
        try:
            result = code(Outer([value]) if isinstance(value, list) else value, bindings, run)
            return plain(result, run) if run.marked or isinstance(result, list) else result
        except RecursionError:
            raise JsonataError("U1001") from None

    return evaluate
