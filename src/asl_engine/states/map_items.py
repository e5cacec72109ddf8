"""What a distributed Map works on: ItemReader reads items from storage, ItemBatcher puts them together.

Developer guide, "ItemReader (Map)" and "ItemBatcher (Map)".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asl_engine.definition.described import Drafting, Schema, described, none_beside, together
from asl_engine.definition.fields import (
    ABSENT,
    JSONATA,
    JSONPATH,
    Place,
    asl,
    expression,
    expression_or,
    filled_list,
    maybe_template,
    one_of,
    path,
    payload_template,
    read_object,
    show,
    string,
    whole_number,
)
from asl_engine.jsonvalue import Json
from asl_engine.records import record
from asl_engine.states.common import at_most_one

GET_OBJECT = "s3:getObject"
LIST_OBJECTS = "s3:listObjectsV2"
FIELD_WITHOUT_EFFECT = "FIELD_WITHOUT_EFFECT"
MAX_ITEMS = 100_000_000
MAX_BATCH_BYTES = 262_144

CSV, JSON, JSONL, PARQUET, MANIFEST = "CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"
DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
FIRST_ROW, GIVEN = "FIRST_ROW", "GIVEN"
ATHENA_DATA, S3_INVENTORY = "ATHENA_DATA", "S3_INVENTORY"
LOAD_AND_FLATTEN = "LOAD_AND_FLATTEN"


@described({"type": "string", "pattern": r"^(/|(?![\s\S]))"})
def json_pointer(value: Json, place: Place) -> str | None:
    """Reads a JSON pointer."""
    if not isinstance(value, str) or (value and not value.startswith("/")):
        place.error(f"must be a JSON pointer, which begins with '/', not {show(value)}")
        return None
    return value


def storage_resource(*actions: str) -> Any:
    """The reader of a Resource that names one of these actions of the storage service."""

    examples = [f"arn:aws:states:::{action}" for action in actions]

    @described({"type": "string", "pattern": f":({'|'.join(actions)})$", "examples": examples})
    def read(value: Json, place: Place) -> str | None:
        if not isinstance(value, str) or not is_storage_action(value, actions):
            wanted = " or ".join(f"arn:aws:states:::{action}" for action in actions)
            place.error(f"must be {wanted}, not {show(value)}")
            return None
        return value

    return read


def is_storage_action(resource: str, actions: tuple[str, ...]) -> bool:
    """Whether a Resource is arn:PARTITION:states:::ACTION, the region and the account left out or not."""
    parts = resource.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[2] == "states" and parts[5] in actions


@record(frozen=True, slots=True, kw_only=True)
class ReaderConfig:
    """How the items stand in what was read."""

    input_type: str | None = asl("InputType", one_of(CSV, JSON, JSONL, PARQUET, MANIFEST))
    csv_delimiter: str = asl("CSVDelimiter", one_of(*DELIMITERS), default="COMMA")
    csv_header_location: str | None = asl("CSVHeaderLocation", one_of(FIRST_ROW, GIVEN))
    csv_headers: tuple[str, ...] | None = asl("CSVHeaders", filled_list(string))
    max_items: int | str | None = asl("MaxItems", expression_or(whole_number(0, MAX_ITEMS)))
    max_items_path: str | None = asl("MaxItemsPath", path, languages=[JSONPATH])
    items_pointer: str | None = asl("ItemsPointer", json_pointer)
    transformation: str = asl("Transformation", one_of("NONE", LOAD_AND_FLATTEN), default="NONE")
    manifest_type: str | None = asl("ManifestType", one_of(ATHENA_DATA, S3_INVENTORY))


_TYPED = (
    ("ManifestType", ATHENA_DATA, (CSV, JSONL, PARQUET)),
    ("Transformation", LOAD_AND_FLATTEN, (CSV, JSON, JSONL, PARQUET)),
)
"""A field, its value, and the InputTypes that the guide has for it."""


@described(lambda drafting: drafting.fields(ReaderConfig) | none_beside("MaxItems", "MaxItemsPath"))
def read_reader_config(value: Json, place: Place) -> ReaderConfig | None:
    """Reads ReaderConfig and the rules between its fields."""
    read = read_object(ReaderConfig, value, place)
    if read is None or not isinstance(value, dict):
        return None
    at_most_one(value, place, "MaxItems", "MaxItemsPath")
    if value.get("CSVHeaderLocation") == GIVEN and "CSVHeaders" not in value:
        place.error("These fields are required: [CSVHeaders]")
    if value.get("ManifestType") == S3_INVENTORY and "InputType" in value:
        place.at("InputType").error("must not be set with ManifestType S3_INVENTORY, whose type is CSV")
    for field, word, types in _TYPED:
        if value.get(field) == word and "InputType" not in value:
            place.error("These fields are required: [InputType]")
        elif value.get(field) == word and value["InputType"] not in types:
            told = f"must be one of {', '.join(types)} with {field} {word}, not {show(value['InputType'])}"
            place.at("InputType").error(told)
    for name, why in _without_effect(value):
        place.at(name).warning(f"Field '{name}' has no effect {why}", FIELD_WITHOUT_EFFECT)
    return ReaderConfig(**read)


def _without_effect(config: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The fields that the guide has for other InputTypes, and what they need."""
    kind = config.get("InputType")
    delimited = kind in (CSV, MANIFEST) or config.get("ManifestType") == S3_INVENTORY
    for name in ("CSVDelimiter", "CSVHeaderLocation", "CSVHeaders"):
        if name in config and not delimited:
            yield name, f"unless InputType is {CSV} or {MANIFEST}"
    if delimited and "CSVHeaders" in config and config.get("CSVHeaderLocation") == FIRST_ROW:
        yield "CSVHeaders", f"unless CSVHeaderLocation is {GIVEN}"
    if "ItemsPointer" in config and kind != JSON:
        yield "ItemsPointer", f"unless InputType is {JSON}"


@record(frozen=True, slots=True, kw_only=True)
class ItemReader:
    """Where a distributed Map's items come from."""

    resource: str = asl("Resource", storage_resource(GET_OBJECT, LIST_OBJECTS), default="", required=True)
    parameters: Json = asl("Parameters", payload_template, languages=[JSONPATH])
    arguments: Json = asl("Arguments", expression, default=ABSENT, languages=[JSONATA])
    reader_config: ReaderConfig | None = asl("ReaderConfig", read_reader_config)


@described(lambda drafting: drafting.fields(ItemReader), "ItemReader")
def read_item_reader(value: Json, place: Place) -> ItemReader | None:
    """Reads ItemReader."""
    read = read_object(ItemReader, value, place)
    if read is None:
        return None
    reader = ItemReader(**read)
    config = reader.reader_config
    lists = isinstance(value, dict) and str(value.get("Resource")).endswith(LIST_OBJECTS)
    if config is not None and lists and config.input_type is not None and config.transformation != LOAD_AND_FLATTEN:
        told = f"Field 'InputType' has no effect on a listing unless Transformation is {LOAD_AND_FLATTEN}"
        place.at("ReaderConfig").at("InputType").warning(told, FIELD_WITHOUT_EFFECT)
    return reader


@record(frozen=True, slots=True, kw_only=True)
class ItemBatcher:
    """How many items one child execution gets, and what else."""

    max_items_per_batch: int | str | None = asl("MaxItemsPerBatch", expression_or(whole_number(1, MAX_ITEMS)))
    max_items_per_batch_path: str | None = asl("MaxItemsPerBatchPath", path, languages=[JSONPATH])
    max_input_bytes_per_batch: int | str | None = asl(
        "MaxInputBytesPerBatch", expression_or(whole_number(1, MAX_BATCH_BYTES))
    )
    max_input_bytes_per_batch_path: str | None = asl("MaxInputBytesPerBatchPath", path, languages=[JSONPATH])
    batch_input: Json = asl("BatchInput", maybe_template, default=ABSENT)


_BATCH_SIZES = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")


def _draft_batcher(drafting: Drafting) -> Schema:
    some: Schema = {"anyOf": [{"required": [each]} for name in _BATCH_SIZES for each in (name, f"{name}Path")]}
    return drafting.fields(ItemBatcher) | together(some, *(none_beside(name, f"{name}Path") for name in _BATCH_SIZES))


@described(_draft_batcher, "ItemBatcher")
def read_item_batcher(value: Json, place: Place) -> ItemBatcher | None:
    """Reads ItemBatcher, which must say how large a batch is."""
    read = read_object(ItemBatcher, value, place)
    if read is None or not isinstance(value, dict):
        return None
    for name in _BATCH_SIZES:
        at_most_one(value, place, name, f"{name}Path")
    if not any(name in value or f"{name}Path" in value for name in _BATCH_SIZES):
        place.error("one of MaxItemsPerBatch and MaxInputBytesPerBatch is required")
    return ItemBatcher(**read)
