"""A distributed Map on entry: developer guide, "Using Map state in Distributed mode".

Its items are chosen when the state is entered, as an inline Map's are; its settings (limits, where items are read and
results written, batches) after MapStateStarted (recorded). Nothing here reads or writes anything: `ItemSource` and
`ResultTarget` say what is to be read and written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from asl_engine.definition.fields import ABSENT, specs_of
from asl_engine.jsonvalue import Json
from asl_engine.query.language import QueryLanguage
from asl_engine.query.scope import Expr, Scope
from asl_engine.states.map import Map, compile_items, compile_limits, compile_selector, integer, limit, selection
from asl_engine.states.map_items import MAX_BATCH_BYTES, MAX_ITEMS, ItemBatcher, ItemReader, ReaderConfig
from asl_engine.states.map_results import ResultWriter
from asl_engine.states.moves import Move, StartMapRun
from asl_engine.states.program import Behaviour, Program

MAP_RUN_CONCURRENCY = 10_000
"""At most this many child executions run at once."""


class ItemSource(NamedTuple):
    """Where items are read: the ItemReader's Resource, its arguments, and its ReaderConfig with MaxItems resolved."""

    resource: str
    arguments: Json
    config: dict[str, Json]


class ResultTarget(NamedTuple):
    """Where results are written: the ResultWriter's Resource, its arguments, and its WriterConfig."""

    resource: str
    arguments: Json
    config: dict[str, Json] | None


class Batching(NamedTuple):
    """How items are put together: at most so many, in an input of at most so many bytes, with this BatchInput."""

    max_items: int
    max_bytes: int
    batch_input: Json


class RunSettings(NamedTuple):
    """What a Map Run is started with. A tolerance is None where the definition does not set it."""

    max_concurrency: int
    tolerated_count: int | None
    tolerated_percentage: float | None
    source: ItemSource | None
    batching: Batching | None
    target: ResultTarget | None


Settle: TypeAlias = Callable[[Json, Scope], RunSettings]


class MapPlan(NamedTuple):
    """A distributed Map, compiled. `transformation` is what WriterConfig asks of results that are not written."""

    program: Program
    express: bool
    label: str | None
    pointer: str
    item_input: Expr | None
    settle: Settle
    transformation: str | None


def compile_distributed(state: Map, language: QueryLanguage, program: Program) -> Behaviour:
    """What a distributed Map does when it is entered. ItemsPath has no say beside an ItemReader (recorded)."""
    select = selection(state, language)
    items_of = None if state.item_reader else compile_items(state, language)
    plan = _plan(state, language, program)

    def behaviour(scope: Scope) -> Move:
        document = select(scope.input, scope) if select else scope.input
        items, keys = items_of(document, scope) if items_of else (None, None)
        return StartMapRun(plan, items, keys, document)

    return behaviour


def _plan(state: Map, language: QueryLanguage, program: Program) -> MapPlan:
    processor = state.item_processor or state.iterator
    assert processor is not None
    selector = compile_selector(state, language)
    config = state.result_writer.writer_config if state.result_writer else None
    return MapPlan(
        program,
        processor.processor_config.execution_type == "EXPRESS",
        state.label,
        state.pointer,
        selector.expr if selector else None,
        _compile_settings(state, language),
        config.transformation if config else None,
    )


def _compile_settings(state: Map, language: QueryLanguage) -> Settle:
    concurrency, count, percentage = compile_limits(state, language)
    source = _compile_source(state.item_reader, language) if state.item_reader else None
    batching = _compile_batching(state.item_batcher, language) if state.item_batcher else None
    target = _compile_target(state.result_writer, language) if state.result_writer else None

    def settle(document: Json, scope: Scope) -> RunSettings:
        most: Any = concurrency(document, scope) if concurrency else 0
        return RunSettings(
            min(most or MAP_RUN_CONCURRENCY, MAP_RUN_CONCURRENCY),
            count(document, scope) if count else None,
            percentage(document, scope) if percentage else None,
            source(document, scope) if source else None,
            batching(document, scope) if batching else None,
            target(document, scope) if target else None,
        )

    return settle


def _arguments(language: QueryLanguage, where: str, record: ItemReader | ResultWriter) -> Expr:
    """The arguments of a reader or writer, which the two languages name differently."""
    if record.arguments is not ABSENT:
        return language.template(f"{where}/Arguments", record.arguments).expr
    return language.template("Parameters", record.parameters or {}).expr


def _compile_source(reader: ItemReader, language: QueryLanguage) -> Callable[[Json, Scope], ItemSource]:
    arguments, given = _arguments(language, "ItemReader", reader), reader.reader_config
    config = {} if given is None else _as_json(given)
    most = _whole(language, "ItemReader/ReaderConfig/MaxItems", given, "max_items", MAX_ITEMS, 0) if given else None

    def source(document: Json, scope: Scope) -> ItemSource:
        # MaxItems first: a path that gives no number fails before anything else is looked at (recorded)
        resolved = {**config, "MaxItems": most(document, scope)} if most else config
        return ItemSource(reader.resource, arguments(document, scope), resolved)

    return source


_RESOLVED = frozenset({"MaxItems", "MaxItemsPath"})


def _as_json(config: Any) -> dict[str, Json]:
    """A ReaderConfig or WriterConfig as JSON: what it sets or has as a default, MaxItems left out."""
    read = {name: getattr(config, attribute) for name, (attribute, _) in specs_of(type(config)).items()}
    found = {name: value for name, value in read.items() if value is not None and name not in _RESOLVED}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _whole(
    language: QueryLanguage, where: str, record: ReaderConfig | ItemBatcher, attribute: str, highest: int, lowest: int
) -> Expr | None:
    """A whole number that a field or its path gives; None where neither is set."""
    path: str | None = getattr(record, f"{attribute}_path")
    expr = language.value(where, getattr(record, attribute), path)
    return limit(expr, where, path, integer, highest, lowest)


def _compile_batching(batcher: ItemBatcher, language: QueryLanguage) -> Callable[[Json, Scope], Batching]:
    items = _whole(language, "ItemBatcher/MaxItemsPerBatch", batcher, "max_items_per_batch", MAX_ITEMS, 1)
    size = _whole(
        language, "ItemBatcher/MaxInputBytesPerBatch", batcher, "max_input_bytes_per_batch", MAX_BATCH_BYTES, 1
    )
    template = None
    if batcher.batch_input is not ABSENT:
        template = language.template("ItemBatcher/BatchInput", batcher.batch_input).expr

    def batching(document: Json, scope: Scope) -> Batching:
        most: Any = items(document, scope) if items else MAX_ITEMS
        largest: Any = size(document, scope) if size else MAX_BATCH_BYTES
        return Batching(most, largest, template(document, scope) if template else ABSENT)

    return batching


def _compile_target(writer: ResultWriter, language: QueryLanguage) -> Callable[[Json, Scope], ResultTarget] | None:
    """None where the results are only formed, not written."""
    if writer.resource is None:
        return None
    resource, arguments = writer.resource, _arguments(language, "ResultWriter", writer)
    config = _as_json(writer.writer_config) if writer.writer_config else None
    return lambda document, scope: ResultTarget(resource, arguments(document, scope), config)
