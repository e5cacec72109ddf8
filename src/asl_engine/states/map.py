"""Map: specification "Map State". Runs its item processor once an item; the result lists the outputs.

`Iterator` and `Parameters` are the older names of `ItemProcessor` and `ItemSelector`. What a distributed Map has
besides stands in `map_items.py` and `map_results.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from asl_engine.definition.described import described, none_beside, one_required, together
from asl_engine.definition.fields import (
    ABSENT,
    JSONATA,
    JSONPATH,
    Place,
    asl,
    expression,
    expression_or,
    maybe_template,
    number,
    path,
    show,
    whole_number,
)
from asl_engine.definition.graph import Machine
from asl_engine.definition.reader import DISTRIBUTED, read_processor
from asl_engine.errors import RUNTIME, QueryEvaluationError, StatesError
from asl_engine.jsonvalue import Json, dumps
from asl_engine.query.language import IDENTITY, QueryLanguage, Sized
from asl_engine.query.scope import Expr, Scope
from asl_engine.records import record
from asl_engine.states.catch import Catcher, catch_names, catch_targets, read_catch
from asl_engine.states.common import INPUT_OUTPUT, TRANSITION, State, at_most_one, exactly_one
from asl_engine.states.leaving import finish_of
from asl_engine.states.map_items import (
    MAX_ITEMS,
    ItemBatcher,
    ItemReader,
    json_pointer,
    read_item_batcher,
    read_item_reader,
)
from asl_engine.states.map_results import ResultWriter, read_result_writer
from asl_engine.states.moves import Iterate, Move
from asl_engine.states.program import Step
from asl_engine.states.retry import Retrier, read_retry
from asl_engine.states.task import compile_error_handling
from asl_engine.states.wait import whole

MAX_LABEL = 40
INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
DISTRIBUTED_ONLY = "DISTRIBUTED_ONLY"
NOT_IN_LABELS = frozenset('?*<>{}[]:;,\\|^~$#%&`"')
"""Nor whitespace and control characters. Developer guide, "Distributed Map state fields"."""


_FORBIDDEN = r'[?*<>{}\[\]:;,\\|^~$#%&`"\x00-\x20\x7f-\x9f]'


@described({"type": "string", "minLength": 1, "maxLength": MAX_LABEL, "pattern": rf"^(?![\s\S]*{_FORBIDDEN})"})
def label(value: Json, place: Place) -> str | None:
    """Reads Label."""
    if not isinstance(value, str):
        place.error(f"must be a string, not {show(value)}", INVALID_LABEL_NAME)
        return None
    if not value:
        place.error("Label cannot be empty", INVALID_LABEL_NAME)
    if len(value) > MAX_LABEL:
        place.error(f"Label cannot exceed {MAX_LABEL} characters, but has {len(value)}", INVALID_LABEL_NAME)
    for character in value:
        if character in NOT_IN_LABELS or character.isspace() or _is_control(character):
            place.error(f"Label contains invalid character: {character!r}", INVALID_LABEL_NAME)
            break
    return value


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


@record(frozen=True, slots=True, kw_only=True)
class Map(State):
    """A state that runs one machine for every item."""

    takes: ClassVar[frozenset[str]] = (
        INPUT_OUTPUT | TRANSITION | {"ResultSelector", "ResultPath", "Parameters", "Assign"}
    )

    item_processor: Machine | None = asl("ItemProcessor", read_processor)
    iterator: Machine | None = asl("Iterator", read_processor)
    items: Json = asl("Items", expression, default=ABSENT, languages=[JSONATA])
    items_path: str | None = asl("ItemsPath", path, languages=[JSONPATH])
    item_selector: Json = asl("ItemSelector", maybe_template)
    max_concurrency: int | str | None = asl("MaxConcurrency", expression_or(whole_number(0, MAX_ITEMS)))
    max_concurrency_path: str | None = asl("MaxConcurrencyPath", path, languages=[JSONPATH])
    tolerated_failure_count: int | str | None = asl("ToleratedFailureCount", expression_or(whole_number(0, MAX_ITEMS)))
    tolerated_failure_count_path: str | None = asl("ToleratedFailureCountPath", path, languages=[JSONPATH])
    tolerated_failure_percentage: float | str | None = asl("ToleratedFailurePercentage", expression_or(number(0, 100)))
    tolerated_failure_percentage_path: str | None = asl("ToleratedFailurePercentagePath", path, languages=[JSONPATH])
    item_reader: ItemReader | None = asl("ItemReader", read_item_reader)
    item_batcher: ItemBatcher | None = asl("ItemBatcher", read_item_batcher)
    result_writer: ResultWriter | None = asl("ResultWriter", read_result_writer)
    items_pointer: str | None = asl("ItemsPointer", json_pointer)
    label: str | None = asl("Label", label)
    retry: tuple[Retrier, ...] = asl("Retry", read_retry, default=())
    catch: tuple[Catcher, ...] = asl("Catch", read_catch, default=())

    @property
    def distributed(self) -> bool:
        """Whether each item has a child execution of its own."""
        processor = self.item_processor or self.iterator
        return processor is not None and processor.processor_config.mode == DISTRIBUTED

    def assigned_names(self) -> Iterator[tuple[str, str]]:
        """The state's own variables and its catchers'."""
        yield from State.assigned_names(self)
        yield from catch_names(self.catch, self.pointer)

    def targets(self) -> Iterator[tuple[str, str]]:
        """Next and the catchers' targets."""
        yield from State.targets(self)
        yield from catch_targets(self.catch, self.pointer)

    def machines(self) -> Iterator[Machine]:
        """The item processor."""
        processor = self.item_processor or self.iterator
        if processor is not None:
            yield processor


_LIMITS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
_RULES = (one_required("ItemProcessor", "Iterator"), none_beside("ItemSelector", "Parameters"))


@described(together(*_RULES, *(none_beside(name, f"{name}Path") for name in _LIMITS)))
def check_map(value: dict[str, Json], place: Place) -> None:
    """The rules between a Map state's fields."""
    exactly_one(value, place, "ItemProcessor", "Iterator")
    at_most_one(value, place, "ItemSelector", "Parameters")
    for name in _LIMITS:
        at_most_one(value, place, name, f"{name}Path")
    processor = value.get("ItemProcessor") or value.get("Iterator")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if not isinstance(config, dict) or config.get("Mode") != DISTRIBUTED:
        for name in value.keys() & {"ItemReader", "ItemBatcher", "ResultWriter", "Label"}:
            place.at(name).warning(f"Field '{name}' has no effect unless Mode is DISTRIBUTED", DISTRIBUTED_ONLY)


def compile_map(state: Map, language: QueryLanguage, steps: dict[str, Step], step: Step) -> None:
    """Binds the step; `step.nested` holds the item processor's program."""
    step.items_in_document = state.items is ABSENT and (state.items_path or "$")[:2] in ("$", "$.", "$[")
    step.finish, after = finish_of(state, language, steps)
    step.growth = after.growth if after else IDENTITY
    compile_error_handling(state, language, steps, step)
    if state.distributed:
        from asl_engine.states.map_distributed import compile_distributed

        step.behaviour = compile_distributed(state, language, step.nested[0])
    else:
        _compile_inline(state, language, step)


def _compile_inline(state: Map, language: QueryLanguage, step: Step) -> None:
    """Binds what an inline Map does on entry."""
    select = selection(state, language)
    items_of = compile_items(state, language)
    concurrency, count, percentage = compile_limits(state, language)
    first_step = step.nested[0].first

    def behaviour(scope: Scope) -> Move:
        document = select(scope.input, scope) if select else scope.input
        items, keys = items_of(document, scope)
        return Iterate(
            first_step,
            items,
            keys,
            document,
            concurrency(document, scope) if concurrency else 0,
            count(document, scope) if count else None,
            percentage(document, scope) if percentage else None,
        )

    step.behaviour = behaviour
    template = compile_selector(state, language)
    if template is not None:
        step.item_input, step.item_growth = template.expr, template.growth


def selection(state: Map, language: QueryLanguage) -> Expr | None:
    """What the Map's other paths read, from its raw input; None where that is the raw input."""
    selected = language.selected(state)
    return selected.expr if selected else None


def compile_selector(state: Map, language: QueryLanguage) -> Sized | None:
    """ItemSelector, or Parameters, which it was once called."""
    selector = state.parameters if state.item_selector is None else state.item_selector
    return None if selector is None else language.item_template("ItemSelector", selector)


Items = Callable[[Json, Scope], "tuple[list[Json], list[str] | None]"]


def compile_items(state: Map, language: QueryLanguage) -> Items:
    """(effective input, scope) -> the items, and the keys where they come from an object."""
    expr = language.value("Items", None if state.items is ABSENT else state.items, state.items_path)
    pointer, path = state.items_pointer, state.items_path
    takes_objects = expr is not None and not (path or "").startswith("$$")  # recorded of the context object

    def items_of(document: Json, scope: Scope) -> tuple[list[Json], list[str] | None]:
        value = expr(document, scope) if expr else document
        if pointer:
            value = _at_pointer(value, pointer)
        if type(value) is list:
            return value, None
        if type(value) is dict and (takes_objects or pointer):
            return [{"Key": key, "Value": item} for key, item in value.items()], list(value)
        if path is not None and not pointer:
            shown = path[1:] if path.startswith("$$") else path
            raise StatesError(RUNTIME, f'Reference path "{shown}" must point to array.')
        message = f"Map state input must be an array but was: {dumps(value)}"
        raise QueryEvaluationError(message) if state.query_language == JSONATA else StatesError(RUNTIME, message)

    return items_of


def _at_pointer(value: Json, pointer: str) -> Json:
    """What a JSON pointer (RFC 6901) leads to in a value."""
    found = value
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (TypeError, ValueError, LookupError):
            raise StatesError(RUNTIME, f"The ItemsPointer '{pointer}' finds nothing in {dumps(value)}") from None
    return found


def compile_limits(state: Map, language: QueryLanguage) -> tuple[Expr | None, Expr | None, Expr | None]:
    """MaxConcurrency, ToleratedFailureCount and ToleratedFailurePercentage, each None where it is not set."""
    concurrency = language.value("MaxConcurrency", state.max_concurrency, state.max_concurrency_path)
    count = language.value("ToleratedFailureCount", state.tolerated_failure_count, state.tolerated_failure_count_path)
    percentage = language.value(
        "ToleratedFailurePercentage", state.tolerated_failure_percentage, state.tolerated_failure_percentage_path
    )
    return (
        limit(concurrency, "MaxConcurrency", state.max_concurrency_path, integer, MAX_ITEMS),
        limit(count, "ToleratedFailureCount", state.tolerated_failure_count_path, integer, MAX_ITEMS),
        limit(percentage, "ToleratedFailurePercentage", state.tolerated_failure_percentage_path, _float, 100),
    )


Parse = Callable[[Json, bool], "tuple[float | None, str]"]


def integer(value: Json, written: bool) -> tuple[float | None, str]:
    """The whole number that a value is, a text included, and what it ought to be."""
    return whole(value, written=written), "integer"


def _float(value: Json, written: bool) -> tuple[float | None, str]:
    try:
        return (None if isinstance(value, (bool, dict, list)) or value is None else float(value)), "float"
    except ValueError:
        return None, "float"


def limit(expr: Expr | None, where: str, path: str | None, parse: Parse, highest: int, lowest: int = 0) -> Expr | None:
    """The number a field or its path gives, with AWS's texts for what is none (recorded for paths).

    What a JSONata expression gives out of range is States.QueryEvaluationError (developer guide, "Transforming data
    with JSONata").
    """
    if expr is None:
        return None
    field = where.rpartition("/")[2]

    def checked(document: Json, scope: Scope) -> Any:
        value = expr(document, scope)
        parsed, kind = parse(value, path is not None)
        if parsed is None:
            text = value if isinstance(value, str) else dumps(value)
            reason = f'refers to value "{text}" which is not a valid {kind}'
            raise refused(f"The {field}Path field {reason}: {path}" if path else f"The {field} field {reason}.")
        if not lowest <= parsed <= highest:
            raise refused(f"{field} must be between {lowest} and {highest}.")
        return parsed

    def refused(message: str) -> StatesError:
        return StatesError(RUNTIME, message) if path else QueryEvaluationError(message, where)

    return checked
