"""What becomes of a distributed Map's results: ResultWriter. Developer guide, "ResultWriter (Map)"."""

from __future__ import annotations

from asl_engine.definition.described import Drafting, Schema, described
from asl_engine.definition.fields import (
    ABSENT,
    JSONATA,
    JSONPATH,
    Place,
    asl,
    expression,
    one_of,
    payload_template,
    read_object,
)
from asl_engine.jsonvalue import Json
from asl_engine.records import record
from asl_engine.states.map_items import storage_resource

PUT_OBJECT = "s3:putObject"


@record(frozen=True, slots=True, kw_only=True)
class WriterConfig:
    """The form in which results are given or written."""

    transformation: str | None = asl("Transformation", one_of("NONE", "COMPACT", "FLATTEN"))
    output_type: str = asl("OutputType", one_of("JSON", "JSONL"), default="JSON")


@described(lambda drafting: drafting.fields(WriterConfig))
def read_writer_config(value: Json, place: Place) -> WriterConfig | None:
    """Reads WriterConfig."""
    read = read_object(WriterConfig, value, place)
    return None if read is None else WriterConfig(**read)


@record(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    """Where a distributed Map's results go, and in which form."""

    resource: str | None = asl("Resource", storage_resource(PUT_OBJECT))
    parameters: Json = asl("Parameters", payload_template, languages=[JSONPATH])
    arguments: Json = asl("Arguments", expression, default=ABSENT, languages=[JSONATA])
    writer_config: WriterConfig | None = asl("WriterConfig", read_writer_config)


def _draft_writer(drafting: Drafting) -> Schema:
    target = "Arguments" if drafting.query_language == JSONATA else "Parameters"
    resource, written, config = ({"required": [name]} for name in ("Resource", target, "WriterConfig"))
    pair = {"if": {"anyOf": [resource, written]}, "then": {"allOf": [resource, written]}, "else": config}
    return drafting.fields(ResultWriter) | pair


@described(_draft_writer, "ResultWriter")
def read_result_writer(value: Json, place: Place) -> ResultWriter | None:
    """Reads ResultWriter: WriterConfig, or Resource with its parameters, or all of them."""
    read = read_object(ResultWriter, value, place)
    if read is None or not isinstance(value, dict):
        return None
    target = "Arguments" if place.query_language == JSONATA else "Parameters"
    missing = [name for name in ("Resource", target) if name not in value]
    if len(missing) == 1 or (missing and "WriterConfig" not in value):
        place.error(f"These fields are required: [{', '.join(missing)}]")
    return ResultWriter(**read)
