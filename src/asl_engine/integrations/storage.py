"""Where a distributed Map's files stand: a folder on disk, or buckets behind a client that the user gives.

A `Storage` opens, lists and creates objects, streamed. What it refuses is a `StorageError` with S3's own error name.
The rule: an object is there whole or not at all, and no bucket or key leads out of the folder that was given.
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, cast, runtime_checkable

from asl_engine.errors import AslError


class StorageError(AslError):
    """A storage refused: `name` is S3's error name, such as NoSuchKey; `message` is a sentence."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class ObjectSummary(NamedTuple):
    """What a listing tells of an object. `etag` has its quotes, `last_modified` is in seconds since the epoch."""

    key: str
    size: int
    etag: str
    last_modified: int
    storage_class: str = "STANDARD"


@runtime_checkable
class Storage(Protocol):
    """What reads and writes the files of a distributed Map. Each method raises StorageError."""

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """The bytes of an object, streamed; the caller closes it."""

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        """The objects whose keys begin with `prefix`, in the order of their keys' bytes, read as they are asked for."""

    def create(self, bucket: str, key: str) -> AbstractContextManager[BinaryIO]:
        """A file to write, which is an object when the block ends; where it fails, nothing is left behind."""


@runtime_checkable
class OwnedStorage(Protocol):
    """A storage that can hold the account in ExpectedBucketOwner against the owner of a bucket."""

    def owned_by(self, account: str) -> Storage:
        """The same storage, refusing buckets of other accounts."""


def as_storage(value: Storage | str | Path | None) -> Storage | None:
    """A storage from what a user gives: a storage, or the path of a folder that holds one folder for each bucket."""
    if value is None:
        return None
    if isinstance(value, (str, Path)):
        return FolderStorage(value)
    if isinstance(value, Storage):
        return value
    raise TypeError(f"storage must be a folder's path, or have open, list and create, not {value!r:.60}")


_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_PARTIAL = ".partial-"
"""No bucket's name begins with a dot, so that a file being written stands in no bucket."""

_DIGESTED_BYTES = 8 * 1024 * 1024
"""S3's clients upload larger files in parts, and the ETag of such an object is not the MD5 of its bytes."""

_REFUSALS: dict[int | None, tuple[str, str]] = {
    errno.EACCES: ("AccessDenied", "Access Denied"),
    errno.EPERM: ("AccessDenied", "Access Denied"),
    errno.EROFS: ("AccessDenied", "Access Denied"),
    errno.ENAMETOOLONG: ("KeyTooLongError", "Your key is too long"),
}
_NOTHING = ("NoSuchKey", "The specified key does not exist.")
_IN_THE_WAY = ("InvalidArgument", "a file stands where the key needs a folder, or a folder where it needs a file")
_READING = _REFUSALS | {errno.ENOENT: _NOTHING, errno.ENOTDIR: _NOTHING, errno.EISDIR: _NOTHING}
_WRITING = _REFUSALS | {errno.EEXIST: _IN_THE_WAY, errno.ENOTDIR: _IN_THE_WAY, errno.EISDIR: _IN_THE_WAY}
"""What the system says -> what S3 says."""


class FolderStorage:
    """Buckets as the folders in one folder, and objects as the files below them. Nothing outside it is reached."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).resolve()
        if not self.root.is_dir():
            raise StorageError("NoSuchBucket", f"{str(root)!r} is not a folder")

    def __repr__(self) -> str:
        return f"FolderStorage({str(self.root)!r})"

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """The file of an object. A folder keeps no versions: to ask for one is an error."""
        if version is not None:
            raise StorageError("NoSuchVersion", f"a folder keeps no versions, so there is no version {version!r}")
        path = self._path(bucket, key)
        try:
            if not path.is_file():  # nothing, a folder, or what blocks the one who opens it
                raise FileNotFoundError(errno.ENOENT, key)
            return path.open("rb")
        except OSError as error:
            raise _storage_error(error, _READING) from None

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        """The files of a bucket. Links to folders are not followed, and links that lead out are not shown."""
        folder = self._bucket(bucket)
        try:
            yield from self._list(folder, "", prefix)
        except OSError as error:
            raise _storage_error(error, _READING) from None

    def _list(self, folder: Path, begun: str, prefix: str) -> Iterator[ObjectSummary]:
        """The objects below a folder whose keys begin with `begun`; what cannot hold the prefix is not entered."""
        with os.scandir(folder) as entries:
            names = [f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries]
        for name in sorted(names, key=os.fsencode):
            key = begun + name
            if name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._list(folder / name, key, prefix)
            elif key.startswith(prefix) and self._is_object(folder / name):
                yield _file_summary(folder / name, key)

    def _is_object(self, path: Path) -> bool:
        """Whether a file below a bucket is an object: only a link can lead elsewhere."""
        return (not path.is_symlink() or self._is_inside(path)) and path.is_file()

    @contextmanager
    def create(self, bucket: str, key: str) -> Iterator[BinaryIO]:
        """A file beside the buckets, which is moved to its place when the block ends without a failure."""
        from secrets import token_hex

        path = self._path(bucket, key)
        partial = self.root / f"{_PARTIAL}{token_hex(8)}"
        try:
            with partial.open("xb") as file:
                yield file
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(partial, self._path(bucket, key))  # asked again: the way there may have come to hold a link
        except OSError as error:
            raise _storage_error(error, _WRITING) from None
        finally:
            with suppress(OSError):
                partial.unlink()

    def _path(self, bucket: str, key: str) -> Path:
        folder = self._bucket(bucket)
        parts = key.split("/")
        if (
            not key
            or any(part in ("", ".", "..") for part in parts)
            or "\0" in key
            or (os.sep != "/" and os.sep in key)
        ):
            raise StorageError("InvalidArgument", f"the key {key!r} cannot be a file's path below a bucket's folder")
        path = folder.joinpath(*parts)
        if not self._is_inside(path):
            raise StorageError("AccessDenied", f"the key {key!r} leads out of the storage's folder")
        return path

    def _bucket(self, bucket: str) -> Path:
        if not re.fullmatch(_BUCKET, bucket):
            raise StorageError("InvalidBucketName", f"The specified bucket is not valid: {bucket!r}")
        folder = self.root / bucket
        if not self._is_inside(folder):
            raise StorageError("AccessDenied", f"the bucket {bucket!r} leads out of the storage's folder")
        if not folder.is_dir():
            raise StorageError("NoSuchBucket", f"The specified bucket does not exist: no folder {str(folder)!r}")
        return folder

    def _is_inside(self, path: Path) -> bool:
        """Whether a path, its links followed, is one below the storage's folder."""
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):  # a circle of links
            return False


def _storage_error(error: OSError, names: dict[int | None, tuple[str, str]]) -> StorageError:
    return StorageError(*names.get(error.errno, ("InternalError", error.strerror or str(error))))


def _file_summary(path: Path, key: str) -> ObjectSummary:
    found = path.stat()
    return ObjectSummary(key, found.st_size, f'"{_etag(path, found)}"', int(found.st_mtime))


def _etag(path: Path, found: os.stat_result) -> str:
    """The MD5 of a file's bytes, as S3 gives for an object uploaded in one part; of a larger file it is not read."""
    from hashlib import md5

    if found.st_size > _DIGESTED_BYTES:
        seen = f"{found.st_size} {found.st_mtime_ns}".encode()
        return f"{md5(seen, usedforsecurity=False).hexdigest()}-{-(-found.st_size // _DIGESTED_BYTES)}"
    return md5(path.read_bytes(), usedforsecurity=False).hexdigest()


PART_BYTES = 8 * 1024 * 1024
"""One part of an upload; S3 takes 10,000 of them, each of 5 MiB at least."""

_READ_BYTES = 1024 * 1024


class Boto3Storage:
    """The buckets of an S3-compatible client, as `boto3.client("s3", ...)` makes them.

    The client is the user's: its endpoint, account and credentials are said where it is made. Nothing here makes one.
    """

    def __init__(self, client: Any, *, expected_bucket_owner: str | None = None) -> None:
        self.client = client
        self._owner = {} if expected_bucket_owner is None else {"ExpectedBucketOwner": expected_bucket_owner}

    def owned_by(self, account: str) -> Boto3Storage:
        """The same buckets, each call holding the bucket's owner against the account."""
        return Boto3Storage(self.client, expected_bucket_owner=account)

    def open(self, bucket: str, key: str, version: str | None = None) -> BinaryIO:
        """GetObject; the body is read as it is asked for."""
        asked = {"VersionId": version} if version is not None else {}
        with _told_by_s3():
            reply = self.client.get_object(Bucket=bucket, Key=key, **asked, **self._owner)
        return cast(BinaryIO, io.BufferedReader(_Body(reply["Body"]), _READ_BYTES))

    def list(self, bucket: str, prefix: str) -> Iterator[ObjectSummary]:
        """ListObjectsV2, a page when it is needed."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **self._owner)
        pages = iter(pages)
        while True:
            with _told_by_s3():
                page = next(pages, None)
            if page is None:
                return
            yield from map(_object_summary, page.get("Contents", ()))

    @contextmanager
    def create(self, bucket: str, key: str) -> Iterator[BinaryIO]:
        """PutObject, or a multipart upload where there is more than one part; a failure aborts it."""
        upload = _Upload(self.client, {"Bucket": bucket, "Key": key, **self._owner})
        try:
            yield cast(BinaryIO, upload)
            upload.complete()
        finally:
            upload.abort()


def _object_summary(found: dict[str, Any]) -> ObjectSummary:
    modified = int(found["LastModified"].timestamp())
    return ObjectSummary(found["Key"], found["Size"], found["ETag"], modified, found.get("StorageClass", "STANDARD"))


@contextmanager
def _told_by_s3() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        raise StorageError(str(told.get("Code", "InternalError")), str(told.get("Message", error))) from None
    except BotoCoreError as error:
        raise StorageError(type(error).__name__, str(error)) from None


class _Body(io.RawIOBase):
    """An answer's body; what botocore raises in the middle of it is a StorageError too."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _told_by_s3():
            read = self._body.read(len(buffer))
        buffer[: len(read)] = read
        return len(read)

    def close(self) -> None:
        self._body.close()
        super().close()


class _Upload(io.RawIOBase):
    """What is written, sent in parts of PART_BYTES."""

    def __init__(self, client: Any, target: dict[str, str]) -> None:
        self._client = client
        self._target = target
        self._pending = bytearray()
        self._id: str | None = None
        self._parts: list[dict[str, Any]] = []

    def writable(self) -> bool:
        return True

    def write(self, written: Any) -> int:
        self._pending += written
        while len(self._pending) >= PART_BYTES:
            self._send(bytes(self._pending[:PART_BYTES]))
            del self._pending[:PART_BYTES]
        return len(written)

    def complete(self) -> None:
        """Makes the object."""
        with _told_by_s3():
            if self._id is None:
                self._client.put_object(**self._target, Body=bytes(self._pending))
                return
        if self._pending:
            self._send(bytes(self._pending))
        with _told_by_s3():
            parts = {"Parts": self._parts}
            self._client.complete_multipart_upload(**self._target, UploadId=self._id, MultipartUpload=parts)
        self._id = None

    def abort(self) -> None:
        """Forgets the parts that were sent and made no object. A client that fails here too adds nothing to the first
        failure."""
        if self._id is not None:
            with suppress(StorageError), _told_by_s3():
                self._client.abort_multipart_upload(**self._target, UploadId=self._id)

    def _send(self, part: bytes) -> None:
        with _told_by_s3():
            if self._id is None:
                self._id = self._client.create_multipart_upload(**self._target)["UploadId"]
            number = len(self._parts) + 1
            sent = self._client.upload_part(**self._target, UploadId=self._id, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
