"""What is seen of a state while it runs: the stages of its input and output processing, in AWS's words.

API reference "InspectionData". The state is compiled as always, but by query languages that note what their parts give;
so the engine knows nothing of being watched, and a run without a watcher pays nothing. The rule that keeps it whole: a
part is evaluated once, watched or not. Which stages are shown for which type is as recorded.
"""

from __future__ import annotations

from typing import Any

from asl_engine.definition.fields import ABSENT
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.jsonpath.language import JsonPathLanguage, chain, merge, parameters, selection
from asl_engine.query.language import IDENTITY, QueryLanguage, Sized
from asl_engine.query.scope import Expr, Scope
from asl_engine.states.common import State

AFTER_ARGUMENTS = "afterArguments"
AFTER_INPUT_PATH = "afterInputPath"
AFTER_ITEM_BATCHER = "afterItemBatcher"
AFTER_ITEM_SELECTOR = "afterItemSelector"
AFTER_ITEMS_PATH = "afterItemsPath"
AFTER_ITEMS_POINTER = "afterItemsPointer"
AFTER_PARAMETERS = "afterParameters"
AFTER_RESULT_PATH = "afterResultPath"
AFTER_RESULT_SELECTOR = "afterResultSelector"
RESULT = "result"

LIMITS = {
    "MaxConcurrency": "maxConcurrency",
    "ToleratedFailureCount": "toleratedFailureCount",
    "ToleratedFailurePercentage": "toleratedFailurePercentage",
}
"""Fields of a Map -> how they are shown, as numbers."""

_RESULTS = frozenset({AFTER_RESULT_SELECTOR, AFTER_RESULT_PATH})
_ITEMS = frozenset({AFTER_ITEMS_PATH, AFTER_ITEMS_POINTER, AFTER_ITEM_SELECTOR, AFTER_ITEM_BATCHER})
_SELECTED = frozenset({AFTER_INPUT_PATH})

SHOWN = {
    "Task": frozenset({AFTER_INPUT_PATH, AFTER_PARAMETERS, AFTER_ARGUMENTS, RESULT}) | _RESULTS,
    "Pass": frozenset({AFTER_INPUT_PATH, AFTER_PARAMETERS}) | _RESULTS,
    "Wait": _SELECTED,
    "Choice": _SELECTED,
    "Succeed": _SELECTED,
    "Fail": frozenset[str](),
    "Parallel": _RESULTS,
    "Map": _SELECTED | _ITEMS | _RESULTS,
}
"""State type -> the stages that are shown. Recorded, but for Wait and Succeed, which are taken to be as Choice is."""

_WITH_LITERAL = _RESULTS | {RESULT}
"""Those of a Pass state with `Result`."""


class Inspection:
    """What was noted of one run of a state: `stages` by name, and of a Map its `limits` as the definition gives them,
    and what its ItemsPath selects, which is shown only if it can be mapped (recorded)."""

    def __init__(self, state: State) -> None:
        literal = getattr(state, "result", ABSENT)
        self._shown = SHOWN[state.type] if literal is ABSENT else _WITH_LITERAL
        self.stages: dict[str, Json] = {}
        self.limits: dict[str, Json] = {}
        self.selected_items: Json = ABSENT

    def note(self, stage: str, value: Json) -> None:
        """Keeps what a stage gave, if it is one that the type shows."""
        if stage in self._shown:
            self.stages[stage] = value

    def noted(self, stage: str, part: Sized | None) -> Sized:
        """The part of the state's processing, noting what it gives; no part gives what it got."""
        expr = part.expr if part else None

        def seen(document: Json, scope: Scope) -> Json:
            value = expr(document, scope) if expr else document
            self.note(stage, value)
            return value

        return Sized(seen, part.growth if part else IDENTITY)

    def noted_items(self, expr: Expr) -> Expr:
        """The ItemsPath of a Map, whose value is kept."""

        def seen(document: Json, scope: Scope) -> Json:
            self.selected_items = expr(document, scope)
            return self.selected_items

        return seen

    def noted_limit(self, field: str, expr: Expr) -> Expr:
        """The limit of a Map, noted as it is given."""

        def seen(document: Json, scope: Scope) -> Json:
            value = self.limits[LIMITS[field]] = expr(document, scope)
            return value

        return seen

    def as_json(self) -> dict[str, Any]:
        """The stages as JSON texts, the limits as numbers."""
        numbers = {name: _number(name, value) for name, value in self.limits.items()}
        shown = {name: number for name, number in numbers.items() if number is not None}
        return {name: dumps(value) for name, value in self.stages.items()} | shown


def _number(name: str, value: Json) -> float | None:
    """A limit, which a path or an expression may have given as a text, and AWS takes it; None where it is no number."""
    try:
        return float(value) if name == LIMITS["ToleratedFailurePercentage"] else int(value)
    except (TypeError, ValueError):
        return None


class WatchedJsonPath(JsonPathLanguage):
    """JSONPath, whose stages are noted."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection

    def before(self, state: Any) -> Sized | None:
        """InputPath, then Parameters."""
        filled = self._inspection.noted(AFTER_PARAMETERS, parameters(state.parameters))
        return chain(self.selected(state), filled)

    def selected(self, state: Any) -> Sized | None:
        """InputPath."""
        return self._inspection.noted(AFTER_INPUT_PATH, selection(state.input_path))

    def after(self, state: Any) -> Sized | None:
        """ResultSelector, ResultPath, OutputPath."""
        noted = self._inspection.noted
        selected = noted(AFTER_RESULT_SELECTOR, parameters(state.result_selector))
        return chain(chain(selected, noted(AFTER_RESULT_PATH, merge(state.result_path))), selection(state.output_path))

    def value(self, field: str, text: Json, path: str | None) -> Expr | None:
        """A single value; ItemsPath and the limits of a Map are noted."""
        expr = JsonPathLanguage.value(self, field, text, path)
        if expr is not None and field in LIMITS:
            return self._inspection.noted_limit(field, expr)
        if expr is not None and field == "Items":
            return self._inspection.noted_items(expr)
        return expr


def watched_language(state: State, inspection: Inspection) -> QueryLanguage:
    """The state's query language, noting what its parts give; JSONata is loaded when it is first used."""
    if state.query_language != "JSONata":
        return WatchedJsonPath(inspection)
    from asl_engine.testing.state_test.jsonata_inspection import WatchedJsonata

    return WatchedJsonata(inspection)
