"""Folders and buckets: the same contract for both, and no way out of a folder."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from asl_engine.integrations import storage as storage_module
from asl_engine.integrations.storage import Boto3Storage, FolderStorage, Storage, StorageError, as_storage


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'asl-engine[test]'")
    moto = pytest.importorskip("moto", reason="needs moto: pip install 'asl-engine[test]'")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture(params=["folder", "boto3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "boto3":
        return Boto3Storage(request.getfixturevalue("client"))
    (tmp_path / "bucket").mkdir()
    return FolderStorage(tmp_path)


def put(storage: Storage, key: str, body: bytes, *, bucket: str = "bucket") -> None:
    with storage.create(bucket, key) as file:
        file.write(body)


def fail_while_writing(storage: Storage, key: str, body: bytes) -> None:
    with pytest.raises(ZeroDivisionError), _failing(storage.create("bucket", key)) as file:
        file.write(body)


@contextmanager
def _failing(creating: AbstractContextManager[BinaryIO]) -> Iterator[BinaryIO]:
    with creating as file:
        yield file
        raise ZeroDivisionError


def refused(call: Any) -> str:
    with pytest.raises(StorageError) as caught:
        call()
    return caught.value.name


def test_what_was_created_is_opened(storage: Storage) -> None:
    put(storage, "a/b.txt", b"text")
    with closing(storage.open("bucket", "a/b.txt")) as file:
        assert (file.read(2), file.read()) == (b"te", b"xt")


def test_an_object_is_written_over(storage: Storage) -> None:
    put(storage, "k", b"long text")
    put(storage, "k", b"new")
    with closing(storage.open("bucket", "k")) as file:
        assert file.read() == b"new"


def test_what_fails_while_it_is_written_leaves_the_old_object(storage: Storage) -> None:
    put(storage, "k", b"old")
    fail_while_writing(storage, "k", b"new")
    with closing(storage.open("bucket", "k")) as file:
        assert file.read() == b"old"


def test_what_fails_while_it_is_written_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    fail_while_writing(storage, "new/k", b"x")
    assert list(storage.list("bucket", "")) == []
    assert [path.name for path in tmp_path.rglob("*")] in ([], ["bucket"])


def test_a_listing_is_in_the_order_of_the_keys_bytes(storage: Storage) -> None:
    keys = ["a", "a.txt", "a/b", "a0", "A", "é", "z/y/x", "z.", "z/y.x", "\U0001f600", "\uffee"]
    if isinstance(storage, FolderStorage):
        keys.remove("a")  # no folder and no file can have one name
    for key in keys:
        put(storage, key, b"x")
    assert [found.key for found in storage.list("bucket", "")] == sorted(keys, key=str.encode)


@pytest.mark.parametrize("prefix, keys", [("", 4), ("d", 3), ("d/", 2), ("d/e", 1), ("d/e.", 1), ("x", 0), ("D", 0)])
def test_a_prefix_is_a_beginning_of_keys(storage: Storage, prefix: str, keys: int) -> None:
    for key in ("d/e.txt", "d/f/g", "d.txt", "c"):
        put(storage, key, b"x")
    assert len(list(storage.list("bucket", prefix))) == keys


def test_a_listing_tells_what_s3_tells(storage: Storage) -> None:
    put(storage, "k", b"hello")
    [found] = storage.list("bucket", "")
    assert (found.key, found.size, found.storage_class) == ("k", 5, "STANDARD")
    assert found.etag == '"5d41402abc4b2a76b9719d911017c592"'
    assert type(found.last_modified) is int
    assert found.last_modified > 1_500_000_000


def test_what_is_not_there_has_s3s_error_name(storage: Storage) -> None:
    put(storage, "folder/k", b"x")
    assert refused(lambda: storage.open("bucket", "k")) == "NoSuchKey"
    assert refused(lambda: storage.open("bucket", "folder")) == "NoSuchKey"
    assert refused(lambda: storage.open("bucket", "folder/k/more")) == "NoSuchKey"
    assert refused(lambda: storage.open("nowhere", "k")) == "NoSuchBucket"
    assert refused(lambda: list(storage.list("nowhere", ""))) == "NoSuchBucket"
    assert refused(lambda: put(storage, "k", b"x", bucket="nowhere")) == "NoSuchBucket"


def test_a_large_object_goes_up_in_parts(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_module, "PART_BYTES", 5 * 1024 * 1024)
    body = os.urandom(1024) * 11 * 1024
    with Boto3Storage(client).create("bucket", "k") as file:
        for at in range(0, len(body), 700_001):
            file.write(body[at : at + 700_001])
        assert len(client.list_multipart_uploads(Bucket="bucket")["Uploads"]) == 1
    assert client.get_object(Bucket="bucket", Key="k")["Body"].read() == body
    assert client.head_object(Bucket="bucket", Key="k")["ETag"].endswith('-3"')


def test_a_failed_upload_leaves_no_parts(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_module, "PART_BYTES", 5 * 1024 * 1024)
    fail_while_writing(Boto3Storage(client), "k", b"x" * (6 * 1024 * 1024))
    assert "Uploads" not in client.list_multipart_uploads(Bucket="bucket")


def test_more_than_a_page_of_objects_is_listed(client: Any) -> None:
    for number in range(1005):
        client.put_object(Bucket="bucket", Key=f"k{number:04}", Body=b"")
    listing = Boto3Storage(client).list("bucket", "k")
    assert [found.key for found in listing] == [f"k{number:04}" for number in range(1005)]


def test_a_version_is_opened(client: Any) -> None:
    client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket="bucket", Key="k", Body=b"first")["VersionId"]
    client.put_object(Bucket="bucket", Key="k", Body=b"second")
    with closing(Boto3Storage(client).open("bucket", "k", first)) as file:
        assert file.read() == b"first"


def test_the_owner_that_is_expected_goes_with_every_call(client: Any) -> None:
    sent: list[Any] = []
    client.meta.events.register("provide-client-params.s3.*", lambda params, **_: sent.append(params))
    owned = Boto3Storage(client).owned_by("123456789012")
    put(owned, "k", b"x")
    owned.open("bucket", "k").close()
    list(owned.list("bucket", ""))
    assert [call["ExpectedBucketOwner"] for call in sent] == ["123456789012"] * 3


def test_a_connection_that_breaks_is_a_storage_error() -> None:
    boto3 = pytest.importorskip("boto3")
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=pytest.importorskip("botocore.config").Config(retries={"total_max_attempts": 1}),
    )
    assert refused(lambda: Boto3Storage(client).open("bucket", "k")) == "EndpointConnectionError"


ESCAPES = ["../out", "a/../../out", "/etc/passwd", "..", ".", "a//b", "a/./b", "", "a\0b", "link/out", "file-link"]


@pytest.mark.parametrize("key", ESCAPES)
def test_no_key_leads_out_of_the_folder(key: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "bucket").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "out").write_text("secret")
    (tmp_path / "out").write_text("secret")
    (root / "bucket" / "link").symlink_to(tmp_path / "outside")
    (root / "bucket" / "file-link").symlink_to(tmp_path / "outside" / "out")
    storage = FolderStorage(root)
    assert refused(lambda: storage.open("bucket", key)) in ("InvalidArgument", "AccessDenied")
    assert refused(lambda: put(storage, key, b"changed")) in ("InvalidArgument", "AccessDenied")
    assert list(storage.list("bucket", "")) == []
    assert {(tmp_path / "out").read_text(), (tmp_path / "outside" / "out").read_text()} == {"secret"}


@pytest.mark.parametrize("bucket", ["..", ".", "", "a/b", "../x", "/etc", ".hidden", "a\0b", "linked"])
def test_no_bucket_leads_out_of_the_folder(bucket: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path)
    (tmp_path / "k").write_text("secret")
    for call in (lambda s: s.open(bucket, "k"), lambda s: list(s.list(bucket, ""))):
        assert refused(lambda call=call: call(FolderStorage(root))) in ("InvalidBucketName", "AccessDenied")


def test_a_circle_of_links_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "a").symlink_to(tmp_path / "bucket" / "a")
    (tmp_path / "bucket" / "up").symlink_to(tmp_path / "bucket")
    assert list(FolderStorage(tmp_path).list("bucket", "")) == []
    assert refused(lambda: FolderStorage(tmp_path).open("bucket", "a")) in ("AccessDenied", "NoSuchKey")


@pytest.mark.parametrize("key", ["folder", "folder/file/more"])
def test_what_stands_in_a_keys_way_is_told(key: str, tmp_path: Path) -> None:
    (tmp_path / "bucket" / "folder").mkdir(parents=True)
    (tmp_path / "bucket" / "folder" / "file").write_text("x")
    assert refused(lambda: put(FolderStorage(tmp_path), key, b"y")) == "InvalidArgument"
    assert [path.name for path in tmp_path.rglob("*")] == ["bucket", "folder", "file"]


def test_a_pipe_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    os.mkfifo(tmp_path / "bucket" / "pipe")
    assert refused(lambda: FolderStorage(tmp_path).open("bucket", "pipe")) == "NoSuchKey"
    assert list(FolderStorage(tmp_path).list("bucket", "")) == []


def test_a_folder_has_no_versions(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    assert refused(lambda: FolderStorage(tmp_path).open("bucket", "k", "3")) == "NoSuchVersion"


def test_a_name_that_the_disk_does_not_take_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    assert refused(lambda: put(FolderStorage(tmp_path), "k" * 300, b"")) == "KeyTooLongError"


def test_the_etag_of_a_large_file_is_not_read_from_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    with (tmp_path / "bucket" / "k").open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    [found] = FolderStorage(tmp_path).list("bucket", "")
    assert found.etag.endswith('-3"')


def test_a_storage_is_made_of_a_path_or_taken_as_it_is(tmp_path: Path) -> None:
    made = [as_storage(str(tmp_path)), as_storage(tmp_path)]
    assert [isinstance(each, FolderStorage) for each in made] == [True, True]
    assert as_storage(made[0]) is made[0]
    assert as_storage(None) is None


def test_what_is_no_storage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="open, list and create"):
        as_storage(io.BytesIO())  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="is not a folder"):
        as_storage(tmp_path / "nowhere")
