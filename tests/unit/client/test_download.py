"""Downloads: resumed, complete or not there at all, from safe addresses only, without the key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import errors
from client.api import TripoClient
from client.download import download
from client.request import GenerationRequest
from client.schema import Kind
from client.settings import Account
from sandbox import Sandbox

KEY = "download-test-key-0123456789"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(keys=(KEY,), requests_per_minute=0, seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def service(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def link(service: Sandbox) -> str:
    client = TripoClient(Account(service.api_url, KEY))
    return client.status(
        client.submit(GenerationRequest(Kind.TEXT, parameters={"prompt": "a sword"})).task_id
    ).asset_url


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
    assert seen[-1] == (len(data), len(data))
    assert sorted(path.name for path in part.parent.iterdir()) == ["results"]
    assert not assets(service)[0]["authorization"]


def test_a_cut_download_is_resumed(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "cut")
    with pytest.raises(errors.DownloadFailed):
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
    with pytest.raises(errors.DownloadFailed):
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
    with pytest.raises(errors.DownloadFailed):
        download(link, part, target)
    service.add_fault("asset", fault)
    if fault == "wrong_range":
        with pytest.raises(errors.DownloadFailed):
            download(link, part, target)
    download(link, part, target)
    whole = target.read_bytes()
    download(link, part, target)
    assert target.read_bytes() == whole


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("http_403", errors.LinkExpired),
        ("http_404", errors.LinkExpired),
        ("http_410", errors.LinkExpired),
        ("expire_urls", errors.LinkExpired),
        ("http_500", errors.DownloadFailed),
        ("http_503", errors.DownloadFailed),
        ("reset_after", errors.DownloadFailed),
        ("empty", errors.DownloadFailed),
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
    assert "Signature" not in caught.value.user_message


def test_the_size_limit_holds_without_a_length(link: str, part: Path, target: Path) -> None:
    with pytest.raises(errors.ResultRefused, match="larger than"):
        download(link, part, target, max_bytes=1000)
    assert not target.exists()


@pytest.mark.parametrize("location", ["http://example.com/evil.glb", "file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_lead_to_safe_addresses_only(
    service: Sandbox, link: str, part: Path, target: Path, location: str
) -> None:
    service.add_fault("asset", "http_302", location=location)
    with pytest.raises(errors.ResultRefused, match="not https"):
        download(link, part, target)


def test_a_redirect_on_loopback_is_followed(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "http_302", location=link)
    download(link, part, target)
    assert target.exists()


def test_redirects_in_circles_end(service: Sandbox, link: str, part: Path, target: Path) -> None:
    service.add_fault("asset", "http_302", times=10, location=link)
    with pytest.raises(errors.DownloadFailed, match="circles"):
        download(link, part, target)


def test_an_unsafe_address_is_never_asked(part: Path, target: Path) -> None:
    with pytest.raises(errors.ResultRefused):
        download("http://storage.example.com/a.glb", part, target)


def test_a_full_disk_is_told_before_it_is_full(
    link: str, part: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import client.download as module

    monkeypatch.setattr(module, "SPARE_DISK_BYTES", 1 << 62)
    with pytest.raises(errors.DiskFull, match="free some space"):
        download(link, part, target)
    assert not part.exists()
