"""ResultWriter: what becomes of the results of a distributed Map's child executions. Developer guide, "ResultWriter
(Map)".

Results are written as they come, to one file for each kind of outcome. The rule: the files are made only when all
results are in, and the manifest after them, so that a manifest names whole files or is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO, NamedTuple

from asl_engine.errors import RESULT_WRITER_FAILED, StatesError
from asl_engine.execution.child_results import NONE, PENDING, ChildResult, state_output
from asl_engine.integrations.storage import OwnedStorage, Storage, StorageError
from asl_engine.jsonvalue import Json, dumps

FILE_BYTES = 5 * 1024 * 1024 * 1024
"""Step Functions begins another result file where one would be larger than 5 GB."""

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
_KINDS = {SUCCEEDED: SUCCEEDED, PENDING: PENDING}
"""Status -> the file of such results. Those that failed, timed out or were aborted stand together in FAILED."""


def transform(results: Iterable[ChildResult], config: Mapping[str, Json] | None) -> list[Json]:
    """The Map's output where its results are not exported; without a Transformation they are COMPACT."""
    return state_output(results, (config or {}).get("Transformation"))


class ResultWriter:
    """Takes the results of a Map Run one by one and gives the Map's output.

    Without `resource` the results are kept and transformed, in the order in which they were written. With it they are
    exported to `{Prefix}/{id of the Map Run}/` in the Bucket of the arguments. `write` and `finish` raise StatesError
    with States.ResultWriterFailed; after that no manifest and no half-written file is there.
    """

    def __init__(
        self,
        resource: str | None,
        arguments: Json,
        config: Mapping[str, Json] | None,
        storage: Storage | None,
        map_run_arn: str,
        *,
        file_bytes: int = FILE_BYTES,
    ) -> None:
        self._config = config or {}
        self._map_run_arn = map_run_arn
        self._kept: list[ChildResult] = []
        self._export = None
        if resource is not None:
            self._export = _Export(_target(arguments, storage, map_run_arn), self._config, file_bytes)

    def write(self, result: ChildResult) -> None:
        """Takes one result."""
        if self._export is None:
            self._kept.append(result)
        else:
            self._export.write(result)

    def abandon(self) -> None:
        """Gives up: nothing is exported."""
        if self._export is not None:
            self._export.abandon(_failed("it was abandoned"))

    def finish(self) -> Json:
        """The Map's output, once everything is exported that is to be."""
        if self._export is None:
            return transform(self._kept, self._config)
        target = self._export.finish(self._map_run_arn)
        return {"MapRunArn": self._map_run_arn, "ResultWriterDetails": target}


class _Target(NamedTuple):
    """Where results go: `folder` is the part that all keys have in common, with its slash."""

    storage: Storage
    bucket: str
    folder: str


def _target(arguments: Json, storage: Storage | None, map_run_arn: str) -> _Target:
    if storage is None:
        raise _failed("there is no storage to write to: give one as storage=")
    if not isinstance(arguments, dict):
        raise _failed(f"its arguments must be an object, not {arguments!r:.60}")
    for name, value in arguments.items():
        if name not in ("Bucket", "Prefix", "ExpectedBucketOwner"):
            raise _failed(f"s3:putObject takes Bucket, Prefix, ExpectedBucketOwner, not {name}")
        if not isinstance(value, str):
            raise _failed(f"{name} must be a string, not {value!r:.60}")
    if "Bucket" not in arguments:
        raise _failed("Bucket is missing")
    owner = arguments.get("ExpectedBucketOwner")
    if owner and isinstance(storage, OwnedStorage):
        storage = storage.owned_by(owner)
    prefix = arguments.get("Prefix", "").rstrip("/")
    run = map_run_arn.rpartition(":")[2]
    return _Target(storage, arguments["Bucket"], f"{prefix}/{run}/" if prefix else f"{run}/")


def _failed(cause: str) -> StatesError:
    return StatesError(RESULT_WRITER_FAILED, f"ResultWriter: {cause}")


class _Form(NamedTuple):
    """What stands in a result file before the first value, between two values and after the last."""

    before: bytes
    between: bytes
    after: bytes


_FORMS = {"JSON": _Form(b"[", b",", b"]"), "JSONL": _Form(b"", b"\n", b"\n")}


class _ResultFile(NamedTuple):
    """A result file, and the bytes written to it."""

    key: str
    file: BinaryIO
    size: int

    def put(self, written: bytes) -> _ResultFile:
        self.file.write(written)
        return self._replace(size=self.size + len(written))


class _Export:
    """The files of one Map Run. `_making` holds them while they are written, and makes all of them or none."""

    def __init__(self, target: _Target, config: Mapping[str, Json], file_bytes: int) -> None:
        self._target = target
        self._transformation = config.get("Transformation") or NONE
        self._form = _FORMS[config.get("OutputType") or "JSON"]
        self._file_bytes = file_bytes
        self._files: dict[str, list[_ResultFile]] = {FAILED: [], PENDING: [], SUCCEEDED: []}
        self._making = ExitStack()
        self._failure: StatesError | None = None

    def write(self, result: ChildResult) -> None:
        """Appends what stands for a result to the file of its kind."""
        files = self._files[_KINDS.get(result.status, FAILED)]
        with self._whole_or_not():
            for value in state_output([result], self._transformation):
                self._append(files, _KINDS.get(result.status, FAILED), dumps(value).encode())

    def finish(self, map_run_arn: str) -> dict[str, Json]:
        """Makes the files, then the manifest."""
        bucket, key = self._target.bucket, f"{self._target.folder}manifest.json"
        with self._whole_or_not():
            for files in self._files.values():
                files[-1:] = [file.put(self._form.after) for file in files[-1:]]
            self._making.close()
            listed = {kind: [{"Key": f.key, "Size": f.size} for f in files] for kind, files in self._files.items()}
            manifest = {"DestinationBucket": bucket, "MapRunArn": map_run_arn, "ResultFiles": listed}
            with self._target.storage.create(bucket, key) as file:
                file.write(dumps(manifest).encode())
        return {"Bucket": bucket, "Key": key}

    def abandon(self, why: StatesError) -> None:
        """Gives up the files that are being written; what is asked of the writer from now on fails."""
        self._failure = self._failure or why
        with suppress(StatesError, StorageError, OSError), self._making:
            raise why

    def _append(self, files: list[_ResultFile], kind: str, value: bytes) -> None:
        form = self._form
        more = len(form.between) + len(value) + len(form.after)
        if files and files[-1].size + more <= self._file_bytes:
            files[-1] = files[-1].put(form.between + value)
            return
        if files:
            files[-1] = files[-1].put(form.after)
        key = f"{self._target.folder}{kind}_{len(files)}.json"
        file = self._making.enter_context(self._target.storage.create(self._target.bucket, key))
        files.append(_ResultFile(key, file, 0).put(form.before + value))

    @contextmanager
    def _whole_or_not(self) -> Iterator[None]:
        """What the storage refuses fails the Map, and gives up every file."""
        if self._failure is not None:
            raise self._failure
        try:
            yield
        except (StorageError, OSError) as error:
            told = f"{error.message} ({error.name})" if isinstance(error, StorageError) else str(error)
            failure = _failed(f"{self._target.bucket}/{self._target.folder}: {told}")
            self.abandon(failure)
            raise failure from None
