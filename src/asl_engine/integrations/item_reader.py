"""ItemReader: the items of a distributed Map, read from storage as they are asked for. Developer guide, "ItemReader
(Map)".

A table says which arguments a Resource takes and another how a file of each InputType is read. What cannot be read
fails with States.ItemReaderFailed, which names the object and the place in it, in AWS's words where they were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import chain, islice
from typing import BinaryIO, TypeAlias

from asl_engine.errors import ITEM_READER_FAILED, StatesError
from asl_engine.integrations.item_formats.blocks import Unreadable, byte_blocks, lines
from asl_engine.integrations.item_formats.csv_rows import csv_rows
from asl_engine.integrations.item_formats.json_items import json_array, json_lines
from asl_engine.integrations.item_formats.parquet_rows import parquet_rows
from asl_engine.integrations.storage import OwnedStorage, Storage, StorageError
from asl_engine.jsonvalue import Json, JsonTextError, loads
from asl_engine.states.map_items import (
    ATHENA_DATA,
    CSV,
    DELIMITERS,
    FIRST_ROW,
    GIVEN,
    JSON,
    JSONL,
    LIST_OBJECTS,
    LOAD_AND_FLATTEN,
    MANIFEST,
    PARQUET,
    S3_INVENTORY,
)

Config: TypeAlias = Mapping[str, Json]
Source: TypeAlias = tuple[str, Iterator[Json]]
"""Where items stand, as the context object's `Map.Item.Source` shows it, and the items."""

MANIFEST_BYTES = 64 * 1024 * 1024
"""A manifest of an inventory is read whole; this is one of some 400,000 files."""


def read_items(resource: str, arguments: Json, config: Config, storage: Storage) -> Iterator[Json]:
    """The items, at most MaxItems of them; MaxItems 0 is no bound (recorded). Raises StatesError, at once or when the
    items are asked for."""
    return _bounded(chain.from_iterable(items for _, items in _sources(resource, arguments, config, storage)), config)


def read_sourced_items(resource: str, arguments: Json, config: Config, storage: Storage) -> Iterator[tuple[str, Json]]:
    """The items as `read_items` gives them, each after its `Map.Item.Source`, such as S3://bucket/key."""
    sources = _sources(resource, arguments, config, storage)
    return _bounded(((source, item) for source, items in sources for item in items), config)


def _bounded(items: Iterator[Json], config: Config) -> Iterator[Json]:
    most = config.get("MaxItems")
    return islice(items, int(most)) if most else items


def _sources(resource: str, arguments: Json, config: Config, storage: Storage) -> Iterator[Source]:
    kind = resource.rpartition(":::")[2]
    read = _list_objects if kind == LIST_OBJECTS else _get_object
    place, storage = _place(kind, arguments, storage)
    return read(place, config, storage)


_ARGUMENTS = {
    True: ("Bucket", "Prefix", "ExpectedBucketOwner"),
    False: ("Bucket", "Key", "VersionId", "ExpectedBucketOwner"),
}
_OPTIONAL = ("Prefix", "VersionId", "ExpectedBucketOwner")


def _place(kind: str, arguments: Json, storage: Storage) -> tuple[dict[str, str], Storage]:
    """The arguments, once they are known to be strings that the Resource takes; and the storage to ask."""
    if not isinstance(arguments, dict):
        raise _failed(f"ItemReader: its arguments must be an object, not {arguments!r:.60}")
    known = _ARGUMENTS[kind == LIST_OBJECTS]
    for name in known:
        value = arguments.get(name)
        if not isinstance(value, str) and not (value is None and name in _OPTIONAL):
            raise _failed(f"ItemReader: {name} must be a string, not {value!r:.60}")
    for name in arguments:
        if name not in known:
            raise _failed(f"ItemReader: {kind} takes {', '.join(known)}, not {name}")
    place = {name: value for name, value in arguments.items() if value is not None}
    owner = place.get("ExpectedBucketOwner")
    return place, storage.owned_by(owner) if owner and isinstance(storage, OwnedStorage) else storage


def _failed(cause: str) -> StatesError:
    return StatesError(ITEM_READER_FAILED, cause)


def _list_objects(place: Mapping[str, str], config: Config, storage: Storage) -> Iterator[Source]:
    """The objects themselves as items, or with LOAD_AND_FLATTEN what each of them holds."""
    bucket, prefix = place["Bucket"], place.get("Prefix", "")
    if config.get("Transformation") != LOAD_AND_FLATTEN:
        yield f"S3://{bucket}", _told(_listed(bucket, prefix, storage), f"{bucket}/{prefix}")
        return
    for item in _told(_listed(bucket, prefix, storage), f"{bucket}/{prefix}"):
        if not (item["Key"].endswith("/") and item["Size"] == 0):  # what consoles make for a folder holds nothing
            yield _read_object(bucket, item["Key"], config, storage)


def _listed(bucket: str, prefix: str, storage: Storage) -> Iterator[Json]:
    for found in storage.list(bucket, prefix):
        yield {
            "Etag": found.etag,
            "Key": found.key,
            "LastModified": found.last_modified,
            "Size": found.size,
            "StorageClass": found.storage_class,
        }


def _get_object(place: Mapping[str, str], config: Config, storage: Storage) -> Iterator[Source]:
    """What an object holds, or the objects that a manifest names."""
    bucket, key, version = place["Bucket"], place["Key"], place.get("VersionId")
    kind = config.get("ManifestType")
    if kind == ATHENA_DATA:
        for named, path in _told(_athena_uris(bucket, key, version, storage), f"{bucket}/{key}"):
            yield _read_object(named, path, config, storage)
    elif kind == S3_INVENTORY or config.get("InputType") == MANIFEST:
        yield from _inventory(bucket, key, version, config, storage)
    else:
        yield _read_object(bucket, key, config, storage, version)


def _athena_uris(bucket: str, key: str, version: str | None, storage: Storage) -> Iterator[tuple[str, str]]:
    """Bucket and key of each data file: a line each, as s3://bucket/key."""
    with closing(storage.open(bucket, key, version)) as file:
        for number, line in enumerate(lines(byte_blocks(file, key)), 1):
            uri = line.strip().strip('"')
            named, _, path = uri.partition("://")[2].partition("/")
            if uri and not (uri.lower().startswith("s3://") and named and path):
                raise Unreadable(f"line {number}: must be s3://bucket/key, not {line:.60}")
            if uri:
                yield named, path


def _inventory(bucket: str, key: str, version: str | None, config: Config, storage: Storage) -> Iterator[Source]:
    """The objects of an inventory: its manifest names the columns, and the files that hold the rows."""
    [manifest] = _told(_inventory_manifest(bucket, key, version, storage), f"{bucket}/{key}")
    bucket = manifest.get("destinationBucket", bucket).rpartition(":::")[2]
    headers = [name.strip() for name in manifest["fileSchema"].split(",")]
    rows = {"CSVHeaders": headers, "CSVHeaderLocation": GIVEN, **config, "InputType": CSV}
    for file in manifest["files"]:
        yield _read_object(bucket, file["key"], rows, storage)


def _inventory_manifest(bucket: str, key: str, version: str | None, storage: Storage) -> Iterator[Json]:
    with closing(storage.open(bucket, key, version)) as file:
        text = file.read(MANIFEST_BYTES + 1)
    if len(text) > MANIFEST_BYTES:
        raise Unreadable("is a manifest larger than 64 MB")
    try:
        manifest = loads(text)
    except JsonTextError as error:
        raise Unreadable(str(error)) from None
    fault = _fault_of_manifest(manifest)
    if fault:
        raise Unreadable(f"is no manifest of an S3 inventory: {fault}")
    yield manifest


def _fault_of_manifest(manifest: Json) -> str | None:
    if not isinstance(manifest, dict):
        return "it must be a JSON object"
    if manifest.get("fileFormat") != "CSV":
        return f"fileFormat must be 'CSV', not {manifest.get('fileFormat')!r:.60}"
    if not all(isinstance(manifest.get(name, ""), str) for name in ("fileSchema", "destinationBucket")):
        return "fileSchema and destinationBucket must be strings"
    if "fileSchema" not in manifest:
        return "fileSchema is missing"
    files = manifest.get("files")
    if not isinstance(files, list) or not all(isinstance(f, dict) and isinstance(f.get("key"), str) for f in files):
        return "files must be an array of objects that have a key"
    return None


def _read_object(bucket: str, key: str, config: Config, storage: Storage, version: str | None = None) -> Source:
    kind = config.get("InputType")
    read = _READ.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise _failed(f"ReaderConfig: InputType must be {', '.join(_READ)} or {MANIFEST}, not {kind!r:.60}")
    if kind == PARQUET and version is not None:
        raise _failed("ItemReader: VersionId is not supported with InputType PARQUET")
    return f"S3://{bucket}/{key}", _told(_opened(read, bucket, key, version, config, storage), f"{bucket}/{key}")


def _opened(
    read: _Read, bucket: str, key: str, version: str | None, config: Config, storage: Storage
) -> Iterator[Json]:
    with closing(storage.open(bucket, key, version)) as file:
        yield from read(file, key, config)


def _told(items: Iterator[Json], place: str) -> Iterator[Json]:
    """The items; what they fail with is told as the Map's failure, with the place."""
    try:
        yield from items
    except Unreadable as error:
        raise _failed(f"{place}: {error}") from None
    except StorageError as error:
        raise _failed(f"{place}: {error.message} ({error.name})") from None
    except OSError as error:
        raise _failed(f"{place}: {error}") from None


def _read_csv(file: BinaryIO, key: str, config: Config) -> Iterator[Json]:
    location = config.get("CSVHeaderLocation")
    if location not in (FIRST_ROW, GIVEN):
        raise Unreadable(f"ReaderConfig: CSVHeaderLocation must be {FIRST_ROW} or {GIVEN}, not {location!r:.60}")
    delimiter = DELIMITERS[config.get("CSVDelimiter") or "COMMA"]
    return csv_rows(byte_blocks(file, key), delimiter, config.get("CSVHeaders") if location == GIVEN else None)


_Read: TypeAlias = Callable[[BinaryIO, str, Config], Iterator[Json]]
_READ: dict[str, _Read] = {
    CSV: _read_csv,
    JSON: lambda file, key, config: json_array(byte_blocks(file, key), config.get("ItemsPointer") or ""),
    JSONL: lambda file, key, config: json_lines(byte_blocks(file, key)),
    PARQUET: lambda file, key, config: parquet_rows(file),
}
