"""Items that a callable gives in place of an ItemReader's storage: `tasks={"Orders": read_orders}`.

The callable stands under the name of the Map state and is called once for each Map Run with the ItemReader's arguments
(Bucket, Key, ... as the state made them); it returns an iterable, which is read as items are asked for. The rule: every
item is checked and copied where it enters, and MaxItems bounds it as it bounds a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from asl_engine.errors import ITEM_READER_FAILED, StatesError
from asl_engine.jsonvalue import Json, JsonValueError, adopt, copy
from asl_engine.states.map_distributed import ItemSource

ItemsGiven: TypeAlias = Callable[[Json], Iterable[Any]]
"""(arguments of the ItemReader) -> the items."""


def given_items(read: ItemsGiven, source: ItemSource, state_name: str) -> Iterator[tuple[str, Json]]:
    """The items, each after its `Map.Item.Source`. Raises StatesError: what the callable raises, else
    States.ItemReaderFailed with the state and the number of the item."""
    place = _place(source.arguments)
    most = source.config.get("MaxItems")
    items = _raised_as_failure(read, source.arguments, state_name)
    for number, item in enumerate(islice(items, int(most)) if most else items):
        try:
            yield place, adopt(item)[0]
        except JsonValueError as error:
            raise _failed(f"the items given for the Map state {state_name!r}: item {number}: {error}") from None


def _raised_as_failure(read: ItemsGiven, arguments: Json, state_name: str) -> Iterator[Any]:
    try:
        given = read(copy(arguments))
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            raise _failed(f"the items given for the Map state {state_name!r} must be an iterable, not {given!r:.60}")
        yield from given
    except StatesError:
        raise
    except Exception as error:  # a user's callable: whatever it raises is the reader's failure
        told = (
            f"the callable that gives the items of the Map state {state_name!r} raised {type(error).__name__}: {error}"
        )
        raise _failed(told) from error


def _place(arguments: Json) -> str:
    """S3://bucket/key where the arguments say so, as it stands for an object."""
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Bucket"), str):
        return "STATE_DATA"
    return "/".join(
        ["S3:/", arguments["Bucket"], *([arguments["Key"]] if isinstance(arguments.get("Key"), str) else [])]
    )


def _failed(cause: str) -> StatesError:
    return StatesError(ITEM_READER_FAILED, cause)
