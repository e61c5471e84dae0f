"""Downloads: resumed, complete or not there at all, from safe addresses only, without the key."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client import errors
from client.account import Account
from client.jobs.request import GenerationRequest
from client.schema import Kind
from client.service import exceptions
from client.service.api import TripoClient
from client.service.download import download
from client.service.request_watch import RequestWatch
from sandbox import Sandbox
from support.sandbox_service.variety import vary

KEY = "download-test-key-0123456789"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, seconds=0, **vary(__name__, waits=False)) as sandbox:
        yield sandbox


@pytest.fixture
def service(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def link(service: Sandbox) -> str:
    client = TripoClient(Account(service.api_url, KEY))
    return client.status(client.submit(GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"}))).assets[0]


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "job.part"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "results" / "model"


def assets(service: Sandbox) -> list[dict[str, object]]:
    return [entry for entry in service.state["requests"] if entry["kind"] == "asset"]


def test_a_whole_download(service: Sandbox, link: str, part: Path, target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    result = download(link, part, target, progress=lambda done, whole: seen.append((done, whole)))
    data = target.read_bytes()
    assert data[:4] == b"glTF" and result.size == len(data)
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert seen[-1] in ((len(data), len(data)), (len(data), None)), "its length may come without being announced"
    assert sorted(path.name for path in part.parent.iterdir()) == ["results"]
    assert not assets(service)[0]["authorization"]


def test_a_cut_download_is_resumed(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "cut")
    with pytest.raises(exceptions.DownloadFailed):
        download(link, part, target)
    kept = part.stat().st_size
    assert kept > 0 and not target.exists()
    starts: list[int] = []
    result = download(link, part, target, progress=lambda done, _whole: starts.append(done))
    assert starts[0] >= kept
    assert result.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert target.read_bytes()[:4] == b"glTF"
    assert [entry["status"] for entry in assets(service)] == [200, 206]


def test_a_file_that_changed_meanwhile_is_fetched_anew(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "cut")
    with pytest.raises(exceptions.DownloadFailed):
        download(link, part, target)
    service.add_fault("asset", "change_asset")
    download(link, part, target)
    whole = target.read_bytes()
    target.unlink()
    download(link, part, target)
    assert target.read_bytes() == whole


@pytest.mark.parametrize("fault", ["no_range", "wrong_range"])
def test_a_server_that_ignores_the_range(service: Sandbox, link: str, part: Path, target: Path, fault: str) -> None:
    service.add_fault("asset", "cut")
    with pytest.raises(exceptions.DownloadFailed):
        download(link, part, target)
    service.add_fault("asset", fault)
    if fault == "wrong_range":
        with pytest.raises(exceptions.DownloadFailed):
            download(link, part, target)
    download(link, part, target)
    whole = target.read_bytes()
    download(link, part, target)
    assert target.read_bytes() == whole


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("http_403", exceptions.LinkExpired),
        ("http_404", exceptions.LinkExpired),
        ("http_410", exceptions.LinkExpired),
        ("expire_urls", exceptions.LinkExpired),
        ("http_500", exceptions.DownloadFailed),
        ("http_503", exceptions.DownloadFailed),
        ("reset_after", exceptions.DownloadFailed),
        ("empty", exceptions.DownloadFailed),
        ("huge", errors.ResultRefused),
    ],
)
def test_what_goes_wrong_is_told_apart(
    service: Sandbox, link: str, part: Path, target: Path, fault: str, expected: type[errors.TripoError]
) -> None:
    service.add_fault("asset", fault)
    with pytest.raises(errors.TripoError) as caught:
        download(link, part, target)
    assert type(caught.value) is expected
    assert not target.exists()
    assert "Signature" not in str(caught.value)


def test_the_size_limit_holds_without_a_length(link: str, part: Path, target: Path) -> None:
    with pytest.raises(errors.ResultRefused, match="larger than"):
        download(link, part, target, max_bytes=1000)
    assert not target.exists()


@pytest.mark.parametrize("location", ["http://example.com/evil.glb", "file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_lead_to_safe_addresses_only(
    service: Sandbox, link: str, part: Path, target: Path, location: str
) -> None:
    service.add_fault("asset", "http_302", location=location)
    with pytest.raises(exceptions.DownloadFailed, match="log in there with a web browser") as caught:
        download(link, part, target)
    assert type(caught.value) is exceptions.DownloadFailed
    assert len(assets(service)) == 1


def test_a_redirect_on_loopback_is_followed(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "http_302", location=link)
    download(link, part, target)
    assert target.exists()


def test_redirects_in_circles_end(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "http_302", times=10, location=link)
    with pytest.raises(exceptions.DownloadFailed, match="Too many redirects"):
        download(link, part, target)


def test_an_unsafe_address_is_never_asked(part: Path, target: Path) -> None:
    with pytest.raises(errors.ResultRefused):
        download("http://storage.example.com/a.glb", part, target)


def test_a_full_disk_is_told_before_it_is_full(
    link: str, part: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.files.disk.SPARE_DISK_BYTES", 1 << 62)
    with pytest.raises(exceptions.DiskFull, match="free some space"):
        download(link, part, target)
    assert not part.exists()


class Reply:
    """What a session answers, piece by piece, without a network."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes = b"", before: object = None) -> None:
        self.status_code = status
        self.headers = headers
        self.is_redirect = False
        self.raw = io.BytesIO(body)
        self.before = before

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *_error: object) -> None:
        self.raw.close()


class Script:
    """A session that gives its replies in turn and remembers what it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.watch = RequestWatch()
        self.asked: list[dict[str, str]] = []

    def __call__(self) -> Any:
        return self

    def __enter__(self) -> Script:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def get(self, _url: str, *, headers: dict[str, str], **_options: Any) -> Reply:
        self.asked.append(headers)
        return self.replies.pop(0)


URL = "https://storage.example/model.glb?Signature=secret"
TAG = {"ETag": '"one"'}


def test_a_range_that_is_only_a_part_is_not_the_whole(part: Path, target: Path) -> None:
    """A server may send less than was asked for: what is there then is continued, never published."""
    script = Script(
        Reply(200, {**TAG, "Content-Length": "10"}, b"01234"),
        Reply(206, {**TAG, "Content-Length": "3", "Content-Range": "bytes 5-7/10"}, b"567"),
        Reply(206, {**TAG, "Content-Length": "2", "Content-Range": "bytes 8-9/10"}, b"89"),
    )
    for _ in range(2):
        with pytest.raises(exceptions.DownloadFailed):
            download(URL, part, target, session_factory=script)
        assert not target.exists()
    assert download(URL, part, target, session_factory=script).size == 10
    assert target.read_bytes() == b"0123456789"
    assert [asked.get("Range") for asked in script.asked] == [None, "bytes=5-", "bytes=8-"]
    assert script.asked[1]["If-Range"] == '"one"'


def test_a_part_that_is_whole_is_taken_as_it_is(part: Path, target: Path) -> None:
    """An agent was killed between the last byte and the rename."""
    script = Script(Reply(200, {**TAG, "Content-Length": "6"}, b"01234"), Reply(416, {"Content-Range": "bytes */6"}))
    with pytest.raises(exceptions.DownloadFailed):
        download(URL, part, target, session_factory=script)
    part.write_bytes(b"012345")
    assert download(URL, part, target, session_factory=script).size == 6


def test_a_tag_never_vouches_for_other_bytes(part: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed right after a new tag was written, the old bytes must not be continued under it."""
    script = Script(Reply(200, {**TAG, "Content-Length": "6"}, b"old"))
    with pytest.raises(exceptions.DownloadFailed):
        download(URL, part, target, session_factory=script)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    again = Script(Reply(200, {"ETag": '"two"', "Content-Length": "6"}, b"newest"))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("client.service.download._Transfer._write", killed)
        download(URL, part, target, session_factory=again)
    third = Script(Reply(200, {"ETag": '"two"', "Content-Length": "6"}, b"newest"))
    download(URL, part, target, session_factory=third)
    assert "Range" not in third.asked[0] and target.read_bytes() == b"newest"


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_tag_nothing_is_continued(part: Path, target: Path, etag: str) -> None:
    headers = {"ETag": etag, "Content-Length": "6"}
    script = Script(Reply(200, headers, b"old"), Reply(200, headers, b"newest"))
    with pytest.raises(exceptions.DownloadFailed):
        download(URL, part, target, session_factory=script)
    download(URL, part, target, session_factory=script)
    assert "Range" not in script.asked[1] and target.read_bytes() == b"newest"


def test_a_part_from_before_a_restart_of_the_machine_is_not_trusted(
    part: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(
        Reply(200, {**TAG, "Content-Length": "6"}, b"012"), Reply(200, {**TAG, "Content-Length": "6"}, b"012345")
    )
    with pytest.raises(exceptions.DownloadFailed):
        download(URL, part, target, session_factory=script)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() - 7200)
    download(URL, part, target, session_factory=script)
    assert "Range" not in script.asked[1]


def test_a_trickle_ends_and_is_continued(part: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def minutes_pass(_done: int, _whole: int | None) -> None:
        clock[0] += 30.0

    slow = Script(Reply(200, {**TAG, "Content-Length": "9"}, b"012345678"))
    slow.replies[0].raw = Drops(b"012345678")
    with pytest.raises(exceptions.DownloadFailed, match="too slow"):
        download(URL, part, target, session_factory=slow, progress=minutes_pass)
    assert 0 < part.stat().st_size < 9


class Drops(io.BytesIO):
    """Gives one byte at a time."""

    def read1(self, _size: int | None = -1, /) -> bytes:
        return self.read(1)
