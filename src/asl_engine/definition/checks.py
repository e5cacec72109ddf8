"""Rules that look at more than one field: transitions, names, reachability of an end.

Each rule is a function (machine) that tells what it finds; `RULES` lists them, and they run on the whole
definition after it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from asl_engine.definition.fields import Reading, nearest
from asl_engine.definition.graph import Machine, every_machine, every_state
from asl_engine.definition.patterns import patterns_exist
from asl_engine.errors import Diagnostic

MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
MISSING_END_STATE = "MISSING_END_STATE"
UNREACHABLE_STATE = "UNREACHABLE_STATE"
UNASSIGNED_VARIABLE = "UNASSIGNED_VARIABLE"
VARIABLE_ASSIGNED_IN_OUTER_SCOPE = "VARIABLE_ASSIGNED_IN_OUTER_SCOPE"

Rule = Callable[[Machine], Iterator[Diagnostic]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Adds a rule to the table."""
    RULES.append(function)
    return function


def check_machine(machine: Machine, reading: Reading, express: bool) -> None:
    """Runs every rule over a whole definition."""
    for check in RULES:
        reading.diagnostics.extend(check(machine))
    if not any(found.severity == "ERROR" for found in reading.diagnostics):
        reading.diagnostics.extend(an_end_is_reachable(machine))
    reading.diagnostics.extend(variables_are_assigned(machine, reading.references))
    found = list(express_runs_it(machine) if express else express_children_run_it(machine))
    told = {diagnostic.pointer for diagnostic in found}
    found += [diagnostic for diagnostic in patterns_exist(machine) if diagnostic.pointer not in told]
    reading.diagnostics.extend(found)


def _error(code: str, pointer: str, message: str) -> Diagnostic:
    return Diagnostic(code, "ERROR", pointer, message)


@rule
def targets_exist(machine: Machine) -> Iterator[Diagnostic]:
    """StartAt, Next, Default and every Catch name a state of their own `States` object."""
    for inner in every_machine(machine):
        yield from _missing(inner, inner.start_at, f"{inner.pointer}/StartAt")
        for state in inner.states.values():
            for target, pointer in state.targets():
                yield from _missing(inner, target, pointer)


def _missing(machine: Machine, target: Any, pointer: str) -> Iterator[Diagnostic]:
    if isinstance(target, str) and target not in machine.states:
        message = f"Missing '{target}' target state"
        hint = nearest(target, machine.states)
        yield Diagnostic(MISSING_TRANSITION_TARGET, "ERROR", pointer, message, suggestion=hint)


@rule
def names_are_unique(machine: Machine) -> Iterator[Diagnostic]:
    """A state's name is unique within the whole definition, nested machines included."""
    seen: dict[str, str] = {}
    for inner in every_machine(machine):
        for name, state in inner.states.items():
            if name in seen:
                message = f"the state name '{name}' is also used at {seen[name]}"
                yield _error(DUPLICATE_STATE_NAME, state.pointer, message)
            seen.setdefault(name, state.pointer)


@rule
def labels_are_unique(machine: Machine) -> Iterator[Diagnostic]:
    """The Label of a distributed Map is unique within the whole definition."""
    seen: dict[str, str] = {}
    for state in every_state(machine):
        label = getattr(state, "label", None)
        if label and label in seen:
            message = f"the Label '{label}' is also used at {seen[label]}"
            yield _error(DUPLICATE_LABEL_NAME, f"{state.pointer}/Label", message)
        elif label:
            seen[label] = state.pointer


def an_end_is_reachable(machine: Machine) -> Iterator[Diagnostic]:
    """From StartAt some path leads to a state that ends; a state that no path reaches is told as a warning. Asked only
    of a definition without other errors, whose shape is known."""
    for inner in every_machine(machine):
        reached = _reached(inner)
        if not any(_ends(inner.states[name]) for name in reached) and inner.start_at in inner.states:
            message = "no state that ends the machine can be reached from StartAt"
            yield _error(MISSING_END_STATE, f"{inner.pointer}/States", message)
        for name in inner.states:
            if name not in reached:
                message = f"the state '{name}' cannot be reached from StartAt '{inner.start_at}'"
                yield Diagnostic(UNREACHABLE_STATE, "WARNING", inner.states[name].pointer, message)


def _ends(state: Any) -> bool:
    return state.end or state.type in ("Succeed", "Fail")


def _reached(machine: Machine) -> set[str]:
    reached: set[str] = set()
    waiting = [machine.start_at]
    while waiting:
        name = waiting.pop()
        if name in machine.states and name not in reached:
            reached.add(name)
            waiting.extend(target for target, _ in machine.states[name].targets())
    return reached


@rule
def inner_scopes_leave_outer_variables_alone(machine: Machine) -> Iterator[Diagnostic]:
    """A branch or item processor may read the variables around it, but not assign one of their names. What only the
    catchers of the state around it assign does not count (recorded)."""
    yield from _conflicts(machine, ())


Scopes = tuple[tuple[set[str], set[str]], ...]
"""The scopes around a machine: (the names assigned there, those of them that do not count)."""


def _conflicts(machine: Machine, around: Scopes) -> Iterator[Diagnostic]:
    assigners: dict[str, set[str]] = {}
    for state in machine.states.values():
        for name, pointer in state.assigned_names():
            caught = pointer.startswith(f"{state.pointer}/Catch/")
            assigners.setdefault(name, set()).add(f"Catch of {state.name}" if caught else "")
            if any(name in names and name not in excepted for names, excepted in around):
                message = f"the variable '{name}' is assigned in an outer scope and cannot be assigned here"
                yield _error(VARIABLE_ASSIGNED_IN_OUTER_SCOPE, pointer, message)
    own = set(assigners)
    for state in machine.states.values():
        own_catch = {name for name, _ in state.assigned_names() if assigners[name] == {f"Catch of {state.name}"}}
        for inner in state.machines():
            yield from _conflicts(inner, (*around, (own, own_catch)))


def variables_are_assigned(machine: Machine, references: list[tuple[str, str]]) -> Iterator[Diagnostic]:
    """A variable that is read is assigned by some state of its own or an outer scope; if not, that is a warning."""
    scopes: dict[str, set[str]] = {}
    for inner in every_machine(machine):
        for state in inner.states.values():
            for name, _ in state.assigned_names():
                scopes.setdefault(name, set()).add(inner.pointer)
    for pointer, name in references:
        if not _is_within(pointer, scopes.get(name, ())):
            message = f"the variable '${name}' is read, but no state that is visible from here assigns it"
            yield Diagnostic(UNASSIGNED_VARIABLE, "WARNING", pointer, message)


def _is_within(pointer: str, scopes: Collection[str]) -> bool:
    """Whether a pointer, cut somewhere, is one of these."""
    while pointer not in scopes:
        if not pointer:
            return False
        pointer = pointer.rpartition("/")[0]
    return True


def express_runs_it(machine: Machine) -> Iterator[Diagnostic]:
    """EXPRESS machines have no job-run or callback tasks, no activities (recorded) and no distributed Map."""
    for state in every_state(machine):
        if state.type == "Task":
            yield from _express_task(state)
        elif state.type == "Map" and state.distributed:
            message = "Express state machine does not support Map states with Mode DISTRIBUTED"
            yield _error("SCHEMA_VALIDATION_FAILED", state.pointer, message)


def express_children_run_it(machine: Machine) -> Iterator[Diagnostic]:
    """Nor have the child executions of a Map Run, where their ExecutionType is EXPRESS."""
    for state in every_state(machine):
        if state.type == "Map" and state.distributed:
            for processor in state.machines():
                if processor.processor_config.execution_type == "EXPRESS":
                    yield from express_runs_it(processor)


def _express_task(state: Any) -> Iterator[Diagnostic]:
    resource: str = state.resource or ""
    pattern = resource.rpartition(".")[2]
    pointer = f"{state.pointer}/Resource"
    if pattern in ("sync", "sync:2"):
        message = f"Express state machine does not support '.{pattern}' service integration"
        yield _error("SCHEMA_VALIDATION_FAILED", pointer, message)
    elif pattern == "waitForTaskToken":
        message = "Express state machine does not support '.waitForTaskToken' service integration "
        yield _error("SCHEMA_VALIDATION_FAILED", pointer, message)
    elif ":activity:" in resource:
        yield _error("SCHEMA_VALIDATION_FAILED", pointer, "Express state machine does not support activities")
