"""The walk: shapes flow from StartAt along every transition until nothing changes.

Every state is visited again when what enters it has changed; the last visit is the one that counts. States are taken in
reverse postorder, so that without loops one visit each is enough, and what keeps changing is widened after a few
visits, so that the number of visits is bounded. A way out that is sure to fail is not taken; when all else has come to
rest, the walk goes on behind such failures, to states that it has not seen, so that one mistake does not hide the next.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

from asl_engine.definition.graph import Machine
from asl_engine.lint.flow.shape import ANYTHING, EMPTY_OBJECT, NEVER, Shape, is_never, join, widened
from asl_engine.lint.flow.transfer import transfer
from asl_engine.lint.flow.visit import Telling, Visit
from asl_engine.lint.flow.ways import Exit, Ways
from asl_engine.lint.visits import Where, all_machines, for_short_texts, once, ways_on
from asl_engine.states.resource import ACTIVITY, parse_resource

WIDEN_AFTER = 4
GIVE_UP_AFTER = 12


class Place(NamedTuple):
    """Where a state stands: its machine, the state that holds the machine (None: the whole definition), and whether a
    Map is around it."""

    state: Any
    machine: Machine
    owner: str | None
    in_map: bool


class Entry(NamedTuple):
    """What enters a state, and how often that has changed."""

    document: Shape
    variables: Shape
    changes: int


class Seen(NamedTuple):
    """What the last visit of a state found out, and what it was entered with. `exits` are the ways out that the walk
    took; a state that `always_fails` is never left but through Catch."""

    entry: Entry
    tellings: list[Telling]
    unset: list[tuple[Where, str]]
    exits: list[Exit]
    always_fails: bool


class Flow(NamedTuple):
    """What is known of a definition: of every state that was reached what its visit found, and where it stands."""

    places: dict[str, Place]
    seen: dict[str, Seen]


@once
def flow_of(machine: Machine) -> Flow:
    """The data flow of a whole definition without errors."""
    walk = _Walk(machine)
    walk.enter(machine.start_at, ANYTHING, EMPTY_OBJECT)
    walk.run()
    walk.go_on_behind_failures()
    return Flow(walk.places, walk.seen)


class _Walk:
    """The state of one walk."""

    def __init__(self, machine: Machine) -> None:
        self.places = _places(machine)
        self.order = _order(machine, self.places)
        self.entries: dict[str, Entry] = {}
        self.outputs: dict[str, Shape] = {inner.pointer: NEVER for inner in all_machines(machine)}
        self.ways: dict[str, Ways] = {}
        self.seen: dict[str, Seen] = {}
        self.settled: frozenset[str] = frozenset()
        self.waiting: list[tuple[int, str]] = []

    def enter(self, name: str, document: Shape, variables: Shape) -> None:
        """Something flows into a state; if it brings anything new, the state waits for a visit."""
        if name in self.settled:
            return
        entry = self.entries.get(name)
        if entry is None:
            new = Entry(document, variables, 0)
        else:
            new = _joined(entry, document, variables)
            if new is entry:
                return
        self.entries[name] = new
        heappush(self.waiting, (self.order[name].first, name))

    def run(self) -> None:
        """Visits states until nothing changes."""
        while self.waiting:
            first = heappop(self.waiting)
            while self.waiting and self.waiting[0] == first:
                heappop(self.waiting)
            self._visit(first[1])

    def go_on_behind_failures(self) -> None:
        """Takes the ways that are sure to fail too, to states not seen so far."""
        self.settled = frozenset(self.entries)
        for name, (inside, exits) in list(self.ways.items()):
            if any(way.fails for way in inside) or any(exit.fails for exit in exits):
                self._leave(name, failing=True)
        self.run()

    def _visit(self, name: str) -> None:
        place, entry = self.places[name], self.entries[name]
        state = place.state
        token = state.type == "Task" and _gives_token(state.resource)
        is_map = place.in_map or state.type == "Map"
        visit = Visit(state, entry.document, entry.variables, token=token, item=is_map)
        ways = transfer(visit, lambda machine: self.outputs[machine.pointer])
        usual = [exit.fails for exit in ways.exits if not exit.caught]
        self.ways[name] = ways
        self.seen[name] = Seen(entry, visit.tellings, visit.unset, [], bool(usual) and all(usual))
        self._leave(name, failing=bool(self.settled))

    def _leave(self, name: str, *, failing: bool) -> None:
        """Takes the ways out of a state, and those that are sure to fail only where that is asked for."""
        inside, exits = self.ways[name]
        for way in inside:
            if failing or not way.fails:
                self.enter(way.machine.start_at, way.document, way.variables)
        for exit in exits:
            if not exit.fails or failing:
                self._take(name, exit)

    def _take(self, name: str, exit: Exit) -> None:
        if exit.target is None:
            self._end(self.places[name], exit.document)
        elif exit.target not in self.settled or not exit.fails:
            self.seen[name].exits.append(exit)
            self.enter(exit.target, exit.document, exit.variables)

    def _end(self, place: Place, document: Shape) -> None:
        """A machine ends with this output; if it is new, the state around it is visited again."""
        if place.owner is None:
            return
        pointer = place.machine.pointer
        old = self.outputs[pointer]
        new = join(old, document)
        if is_never(old) or new != old:
            self.outputs[pointer] = new if place.owner not in self.settled or is_never(old) else ANYTHING
            heappush(self.waiting, (self.order[place.owner].after, place.owner))


def _joined(entry: Entry, document: Shape, variables: Shape) -> Entry:
    """The entry with more flowing in; the same object where that is nothing new."""
    if document is entry.document and variables is entry.variables:
        return entry
    meet = join if entry.changes < WIDEN_AFTER else widened
    both = Entry(meet(entry.document, document), meet(entry.variables, variables), entry.changes)
    if both == entry:
        return entry
    if entry.changes > GIVE_UP_AFTER:
        return Entry(ANYTHING, ANYTHING, entry.changes) if entry.document is not ANYTHING else entry
    return both._replace(changes=entry.changes + 1)


@for_short_texts
def _gives_token(resource: str) -> bool:
    """The integrations that wait (`.waitForTaskToken`, and by our engine `.sync`) and activities have a task token."""
    parsed = parse_resource(resource)
    return bool(parsed.pattern) or parsed.kind == ACTIVITY


def _places(machine: Machine) -> dict[str, Place]:
    """Every state of a definition by its name, which is unique."""
    found: dict[str, Place] = {}
    waiting: list[tuple[Machine, str | None, bool]] = [(machine, None, False)]
    while waiting:
        inner, owner, in_map = waiting.pop()
        for name, state in inner.states.items():
            found[name] = Place(state, inner, owner, in_map)
            waiting.extend((nested, name, in_map or state.type == "Map") for nested in state.machines())
    return found


_ENTER, _GO_IN, _LEAVE = range(3)


class Turn(NamedTuple):
    """When a state is taken: `first` when something enters it, `after` when a machine within it gave something new, so
    that a Parallel state looks at all its branches at once."""

    first: int
    after: int


def _order(machine: Machine, places: dict[str, Place]) -> dict[str, Turn]:
    """Reverse postorder: a state before those it leads to, the machines within a state before what follows it."""
    turns: dict[str, Turn] = {}
    after: dict[str, int] = {}
    ways = ways_on(machine)
    waiting = [(machine.start_at, _ENTER)]
    number = 0
    while waiting:
        name, step = waiting.pop()
        if step == _ENTER and name not in after and name in places:
            after[name] = 0
            state = places[name].state
            within = [(nested.start_at, _ENTER) for nested in state.machines()]
            waiting += [(name, _LEAVE), *within, (name, _GO_IN)] if within else [(name, _LEAVE)]
            waiting += [(target, _ENTER) for target in ways[name]]
        elif step != _ENTER:
            number -= 1
            if step == _GO_IN:
                after[name] = number
            else:
                turns[name] = Turn(number, after[name])
    return turns
