"""Inputs that lead a machine to a Choice state and make it leave by a given rule.

The rules are solved along a walk from the start: each Choice on it must go the walk's way, and what the last one reads
is traced back through the states before it (`origins.py`) to the machine's input and to the results of its tasks. What
other states on the walk read gets a stand-in. The rule that keeps it whole: these are candidates. What a walk asks that
cannot be traced (a value computed from others) is left to chance, so whoever must be sure runs the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import ABSENT
from asl_engine.definition.graph import Machine, every_state
from asl_engine.errors import ALL, TASK_FAILED
from asl_engine.jsonvalue import Json, dumps
from asl_engine.machine import StateMachine
from asl_engine.testing.choice_solving import Chosen, Search, Wanted, placed, wanted_by
from asl_engine.testing.origins import (
    INPUT,
    Flow,
    Origin,
    Place,
    after_catch,
    after_rule,
    after_state,
    at_the_start,
    into_nested,
    member,
    unknown,
)
from asl_engine.testing.stand_ins import SOMETHING, stand_ins
from asl_engine.testing.walks import CATCH, DEFAULT, INTO, NEXT, RULE, Hop, machine_with, walks_to, way_out

MOST_WALKS = 8
MOST_A_WALK = 4

AnyMachine = StateMachine | Machine


class Reach(NamedTuple):
    """One way to a rule: the machine's input, what tasks on the way must answer (state name -> result; others may
    answer anything), and the errors that they must fail with where the way leads through a catcher."""

    input: Json
    results: Mapping[str, Json]
    errors: Mapping[str, str]


def inputs_reaching(machine: AnyMachine, state: str, rule: int | None = None) -> list[Json]:
    """Inputs with which a Choice state may leave by its rule of this index, or by Default (None); the likeliest first.

    An empty list where no way there was found: the rule contradicts itself, those before it, or a constant.
    Raises KeyError where no state has this name, ValueError where it has no such rule.

    >>> from asl_engine import StateMachine
    >>> rules = [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Big"}]
    >>> states = {"Size": {"Type": "Choice", "Choices": rules, "Default": "Small"}}
    >>> ends = {"Big": {"Type": "Succeed"}, "Small": {"Type": "Succeed"}}
    >>> machine = StateMachine.from_json({"StartAt": "Size", "States": states | ends})
    >>> inputs_reaching(machine, "Size", 0), inputs_reaching(machine, "Size")[0]
    ([{'n': 6}, {'n': 5.5}], {'n': 5})
    """
    inputs = {dumps(reach.input): reach.input for reach in ways_to_rule(machine, state, rule)}
    return list(inputs.values())


def ways_to_rule(machine: AnyMachine, state: str, rule: int | None = None) -> list[Reach]:
    """As `inputs_reaching`, each input with what the tasks on the way must answer."""
    definition = machine.definition if isinstance(machine, StateMachine) else machine
    choice = machine_with(definition, state).states[state]
    if choice.type != "Choice":
        raise ValueError(f"{state!r} is a {choice.type} state, which has no rules")
    if rule is not None and not 0 <= rule < len(choice.choices):
        raise ValueError(f"{state!r} has no rule {rule}: its rules are 0 to {len(choice.choices) - 1}")
    return ways_by(definition, Hop(choice, DEFAULT) if rule is None else Hop(choice, RULE, rule))


def ways_by(definition: Machine, exit: Hop) -> list[Reach]:
    """Ways that leave a state by an exit of it."""
    found: dict[str, Reach] = {}
    anywhere = _read_anywhere(definition)
    for walk in islice(walks_to(definition, exit.state.name), MOST_WALKS):
        for reach in _solved((*walk, exit), _onward(definition, exit), anywhere):
            found.setdefault(dumps([reach.input, dict(reach.results), dict(reach.errors)]), reach)
    return list(found.values())


def plain_input(machine: AnyMachine) -> Json:
    """An input with a stand-in for whatever states read of it on the shortest way through the machine, and of
    `$$.Execution.Input` anywhere."""
    definition = machine.definition if isinstance(machine, StateMachine) else machine
    walked = _Walked([], _read_anywhere(definition), {})
    _look_into(definition, at_the_start(), walked)
    return (_documents({}, walked.reads) or {}).get(INPUT, {})


def _read_anywhere(definition: Machine) -> list[Read]:
    """What is read of the execution's input wherever a state stands."""
    flow = Flow(unknown, {}, unknown)
    reads = [read for state in every_state(definition) for read in stand_ins(state, flow)]
    return [read for read in reads if isinstance(read[0], Place) and read[0].root == INPUT]


def _onward(definition: Machine, exit: Hop) -> tuple[Hop, ...]:
    """The shortest way to an end from where the exit leads: what it reads should be there too."""
    following = _TARGETS[exit.exit](exit)
    return () if following is None else way_out(machine_with(definition, exit.state.name), following)


_TARGETS: dict[str, Callable[[Hop], str | None]] = {
    DEFAULT: lambda exit: exit.state.default,
    RULE: lambda exit: exit.state.choices[exit.nth].next,
    CATCH: lambda exit: exit.state.catch[exit.nth].next,
    NEXT: lambda exit: exit.state.next,
}
"""Exit -> the state that it leads to, None for the end of a machine."""


# --- a walk -----------------------------------------------------------------------------------------------------------


Read: TypeAlias = tuple[Origin, Json]
"""Something that is read, and a stand-in for it."""


class _Walked(NamedTuple):
    """What a walk asks of the Choices on it, what else is read on it, and the errors that must come."""

    wanted: list[Wanted]
    reads: list[Read]
    errors: dict[str, str]


def _solved(walk: Sequence[Hop], onward: Sequence[Hop], anywhere: Sequence[Read]) -> Iterator[Reach]:
    walked = _Walked([], list(anywhere), {})
    flow = at_the_start()
    for hop in walk:
        flow = _follow(hop, flow, walked)
    asked = _Walked([], walked.reads, {})
    for hop in onward:
        flow = _follow(hop, flow, asked)
    last_first = sorted(walked.wanted, key=lambda wanted: not wanted[1])
    search = Search(formula for formula, _ in last_first)
    for chosen in islice(search.satisfy(last_first, {}), MOST_A_WALK):
        documents = _documents(chosen, walked.reads)
        if documents is not None:
            yield Reach(documents.pop(INPUT, {}), documents, walked.errors)


def _follow(hop: Hop, flow: Flow, walked: _Walked) -> Flow:
    """The flow behind a hop; what it asks is added to what was walked."""
    state = hop.state
    walked.reads.extend(stand_ins(state, flow))
    for nested in state.machines():
        _look_into(nested, into_nested(state, flow), walked)
    if hop.exit == INTO:
        return into_nested(state, flow)
    if hop.exit == CATCH:
        walked.errors[state.name] = _error_for(state, hop.nth)
        return after_catch(state, state.catch[hop.nth], flow)
    if hop.exit in (RULE, DEFAULT):
        walked.wanted.extend(wanted_by(state, hop.nth if hop.exit == RULE else None, flow))
    return after_rule(state, state.choices[hop.nth], flow) if hop.exit == RULE else after_state(state, flow)


def _look_into(machine: Machine, flow: Flow, walked: _Walked) -> None:
    """What is read on the shortest way through a nested machine, which runs beside the walk or on it."""
    asked = _Walked([], walked.reads, {})
    for hop in way_out(machine, machine.start_at):
        flow = _follow(hop, flow, asked)


def _error_for(state: Any, index: int) -> str:
    """An error that this catcher takes."""
    name = state.catch[index].error_equals[0]
    return "Error" if name in (ALL, TASK_FAILED) else str(name)


# --- putting documents together ---------------------------------------------------------------------------------------


def _documents(chosen: Chosen, reads: Sequence[Read]) -> dict[str, Json] | None:
    """Root -> document, with what was chosen and, where nothing stands in the way, the stand-ins; None where two chosen
    values do not go together."""
    documents: dict[str, Json] = {}
    absent = [place for place, value in chosen.items() if value is ABSENT]
    for place, value in sorted(chosen.items(), key=lambda item: len(item[0].keys)):
        if value is not ABSENT:
            document = placed(documents.get(place.root, ABSENT), place.keys, value)
            if document is ABSENT:
                return None
            documents[place.root] = document
    for origin, value in sorted(reads, key=lambda read: -len(read[0].keys) if isinstance(read[0], Place) else 0):
        if (
            isinstance(origin, Place)
            and (origin.keys or value != SOMETHING)
            and not any(_within(origin, place) for place in absent)
        ):
            document = placed(documents.get(origin.root, ABSENT), origin.keys, value)
            if document is not ABSENT and not _stands(documents.get(origin.root, ABSENT), origin.keys):
                documents[origin.root] = document
    return documents


def _within(place: Place, outer: Place) -> bool:
    return place.root == outer.root and place.keys[: len(outer.keys)] == outer.keys


def _stands(document: Json, keys: Sequence[Any]) -> bool:
    """Whether something stands at these keys."""
    for key in keys:
        document = member(document, key)
    return document is not ABSENT
