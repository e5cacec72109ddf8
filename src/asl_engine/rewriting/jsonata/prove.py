"""Runs a machine and its conversion side by side, on inputs drawn from the machine's own paths, and compares them.

Both get the same input, the same task results, the same seed and clock. They agree where they enter the same states
with the same inputs, call the same tasks with the same payloads, and end alike. A path that finds nothing fails as
States.Runtime in JSONPath and as States.QueryEvaluationError in JSONata: they agree if it is at the same state, and
what happens after it in JSONata, where it may be caught, is not compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from asl_engine.drivers.handlers import TaskContext
from asl_engine.errors import QUERY_EVALUATION_ERROR, RUNTIME, AslError, TaskError
from asl_engine.jsonvalue import Json, copy, dumps, equal
from asl_engine.machine import StateMachine
from asl_engine.records import field, record
from asl_engine.rewriting.jsonata.convert import every_state, machines_in
from asl_engine.rewriting.jsonata.shapes import Shape, draw, shape_of

if TYPE_CHECKING:
    from random import Random

MAX_TRANSITIONS: Final = 300
SAME, WENT_ON, DIFFERS = "same", "went on", "differs"
NOISES: Final = (0.0, 0.0, 0.03, 0.15)

Answer = Callable[[str, int, Any], Json]
"""(state, how often it was called in this scope, scope) -> a task's result; raises TaskError."""


@record(frozen=True, slots=True)
class Run:
    """What came of one run. `entered` and `called` hold (state, input or payload) in order."""

    status: str
    output: Json
    error: str | None
    cause: str | None
    entered: list[tuple[str, Json]]
    called: list[tuple[str, Json]]
    failed_expressions: tuple[str, ...]


@record(frozen=True, slots=True)
class Difference:
    """One input on which the two did not agree: the state where they part, and how. `went on`: JSONPath failed there
    and JSONata did not, because a value was there that the report's assumptions rule out."""

    kind: str
    state: str
    input: Json
    detail: str


@record(frozen=True, slots=True)
class Proof:
    """How many inputs were tried, on how many the runs ended well, the states that no run came to, and where the two
    differ."""

    runs: int
    succeeded: int
    unreached: tuple[str, ...] = ()
    differences: list[Difference] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether the two differ beyond what the report assumes."""
        return any(found.kind == DIFFERS for found in self.differences)

    def as_json(self) -> dict[str, Json]:
        """The proof as a JSON object."""
        rows = [{"kind": d.kind, "state": d.state, "input": d.input, "detail": d.detail} for d in self.differences]
        counts = {"runs": self.runs, "succeeded": self.succeeded, "unreached": list(self.unreached)}
        return {**counts, "differences": rows}

    def __str__(self) -> str:
        lines = [f"proved on {self.runs} inputs, of which {self.succeeded} ran to success: {self._verdict()}"]
        if self.unreached:
            lines.append(f"no run came to: {', '.join(self.unreached)}")
        lines += [f"{d.kind}: {d.state}: {d.detail}; input {dumps(d.input):.200}" for d in self.differences]
        return "\n".join(lines) + "\n"

    def _verdict(self) -> str:
        differ = sum(found.kind == DIFFERS for found in self.differences)
        return f"{differ} differ" if differ else "no difference"


def prove(original: Json, converted: Json, runs: int = 50, seed: int = 0) -> Proof:
    """Compares two definitions on `runs` drawn inputs. Raises DefinitionError where one of them cannot be run."""
    from random import Random

    machines = StateMachine.from_json(original), StateMachine.from_json(converted)
    shape, errors = shape_of(original), _errors(original)
    results = _result_shapes(original, shape)
    differences: list[Difference] = []
    reached: set[str] = set()
    succeeded = 0
    for index in range(runs):
        chance = Random(f"{seed}/{index}")
        noise = chance.choice(NOISES)
        given = draw(shape, chance, noise)
        answer = _answers(f"{seed}/{index}", results, errors, noise)
        one, other = (run(machine, given, answer, index) for machine in machines)
        succeeded += one.status == "SUCCEEDED"
        reached |= {name for name, _ in one.entered}
        kind, state, detail = compare(one, other)
        if kind != SAME:
            differences.append(Difference(kind, state, given, detail))
    unreached = tuple(name for name, _, _ in every_state(original) if name not in reached)
    return Proof(runs, succeeded, unreached, differences)


def _result_shapes(definition: Json, shape: Shape) -> dict[str, list[Shape]]:
    """State -> the shapes of what others read where its result goes: at its ResultPath, in a function's Payload, and,
    within a Map or Parallel, in the items of theirs."""
    found: dict[str, list[Shape]] = {}
    _note_results(definition, shape, [shape], found)
    return found


def _note_results(machine: Json, root: Shape, around: list[Shape], found: dict[str, list[Shape]]) -> None:
    for name, state in machine["States"].items():
        place = root
        for key in re.findall(r"[^$.\[\]']+", state.get("ResultPath") or "$"):
            place = place.name(key)
        in_payload = "lambda:invoke" in state.get("Resource", "") and "Payload" in place.names
        found[name] = [*around, place.names["Payload"] if in_payload else place]
        items = [each.items for each in (root, place) if each.items is not None]
        for _, nested in machines_in(state):
            _note_results(nested, root, [*around, *items], found)


def _errors(definition: Json) -> dict[str, list[str]]:
    """State -> the errors that it handles, and one that it does not name."""
    return {
        name: ["Unforeseen", *sorted({error for row in _handled(state) for error in row["ErrorEquals"]} - OWN)]
        for name, _, state in every_state(definition)
    }


OWN: Final = frozenset({"States.ALL", "States.Runtime", "States.TaskFailed", "States.DataLimitExceeded"})


def _handled(state: Json) -> Iterator[Json]:
    yield from state.get("Retry", ())
    yield from state.get("Catch", ())


def _answers(seed: str, results: dict[str, list[Shape]], errors: dict[str, list[str]], noise: float) -> Answer:
    """What tasks answer: the same for the same state, scope and call, in whatever machine."""

    def answer(state: str, count: int, scope: Any) -> Json:
        from random import Random

        chance = Random(f"{seed}/{state}/{scope}/{count}")
        if chance.random() < 0.1:
            raise TaskError(chance.choice(errors[state]), "drawn")
        return _together([draw(shape, chance, noise) for shape in results[state]], chance)

    return answer


def _together(values: list[Json], chance: Random) -> Json:
    """One object of all, where they are objects; else mostly the last, which is the state's own."""
    objects = [value for value in values if isinstance(value, dict)]
    if objects and (isinstance(values[-1], dict) or chance.random() < 0.3):
        return {key: item for value in objects for key, item in value.items()}
    return values[-1]


def run(machine: StateMachine, given: Json, answer: Answer, seed: int) -> Run:
    """One run, with every task answered."""
    called: list[tuple[str, Json]] = []
    counts: dict[Any, int] = defaultdict(int)

    def task(payload: Json, context: TaskContext) -> Json:
        called.append((context.state_name, payload))
        counts[context.state_name, context.scope] += 1
        return answer(context.state_name, counts[context.state_name, context.scope], context.scope)

    tasks = {need.state_name: task for need in machine.task_needs}
    try:
        done = machine.run(copy(given), tasks=tasks, seed=seed, max_transitions=MAX_TRANSITIONS)
    except AslError as error:
        return Run(type(error).__name__, None, None, None, [], called, ())
    entered = [(name, x) for kind, _, _, name, x, _ in done.records if kind.endswith("StateEntered") and name]
    failed = tuple(name for kind, _, _, name, _, _ in done.records if kind == "EvaluationFailed" and name)
    return Run(done.status, done.output, done.error, done.cause, entered, called, failed)


def compare(one: Run, other: Run) -> tuple[str, str, str]:
    """(kind, state, detail) of the original's run and the conversion's."""
    failed = re.match(r"An error occurred while executing the state '(.*?)' \(entered at", one.cause or "")
    if one.error == RUNTIME and failed:
        return _compare_failed(failed[1], one, other)
    for (name, given), (second, taken) in zip(one.entered, other.entered, strict=False):
        if name != second or not equal(given, taken):
            before = _before(one, other)
            return (
                DIFFERS,
                before,
                f"left for '{name}' with {dumps(given):.120}, not '{second}' with {dumps(taken):.120}",
            )
    for (name, given), (_, taken) in zip(one.called, other.called, strict=False):
        if not equal(given, taken):
            return DIFFERS, name, f"called with {dumps(given):.200}, not {dumps(taken):.200}"
    same = one.status == other.status and one.error == other.error and len(one.called) == len(other.called)
    if same and equal(one.output, other.output):
        return SAME, "", ""
    return DIFFERS, _last(other), f"ended {_end(one)}, not {_end(other)}"


def _compare_failed(state: str, one: Run, other: Run) -> tuple[str, str, str]:
    """The original failed as States.Runtime in this state."""
    before = other.entered[: len(one.entered)]
    if len(before) < len(one.entered) or not equal(
        [list(step) for step in before], [list(step) for step in one.entered]
    ):
        return DIFFERS, _before(one, other), f"did not come to '{state}', where the original failed: {_end(other)}"
    if state in other.failed_expressions or (
        other.error in (RUNTIME, QUERY_EVALUATION_ERROR) and _last(other) == state
    ):
        return SAME, "", ""
    if other.error == RUNTIME and f"'{state}'" in (other.cause or ""):
        return SAME, "", ""
    return WENT_ON, state, f"{(one.cause or '').partition('). ')[2]:.200}"


def _before(one: Run, other: Run) -> str:
    """The state in which the two part."""
    previous = ""
    for (name, given), (second, taken) in zip(one.entered, other.entered, strict=False):
        if name != second or not equal(given, taken):
            break
        previous = name
    return previous


def _last(done: Run) -> str:
    return done.entered[-1][0] if done.entered else ""


def _end(done: Run) -> str:
    if done.error is not None or done.cause is not None:
        return f"{done.status} {done.error} {done.cause or ''}"[:250]
    return f"{done.status} with {dumps(done.output)}"[:250]
