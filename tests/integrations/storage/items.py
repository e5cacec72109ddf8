"""What the tests of readers and writers share: a folder with one bucket in it, and items read from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asl_engine import StatesError
from asl_engine.integrations.item_reader import read_items
from asl_engine.integrations.storage import FolderStorage, Storage

GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


def storing(root: Path, **files: bytes) -> FolderStorage:
    """A storage whose bucket `b` holds these files; in their names `__` stands for a dot."""
    (root / "b").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "b" / name.replace("__", ".")).write_bytes(text)
    return FolderStorage(root)


def read(storage: Storage, key: str, **config: Any) -> list[Any]:
    """The items of a file in the bucket `b`."""
    return list(read_items(GET, {"Bucket": "b", "Key": key}, config, storage))


def failure(storage: Storage, key: str, **config: Any) -> str:
    """The cause with which reading a file fails."""
    with pytest.raises(StatesError) as caught:
        read(storage, key, **config)
    assert caught.value.error == "States.ItemReaderFailed"
    return caught.value.cause or ""
