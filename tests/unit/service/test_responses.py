"""What a status answer means, in every shape that was seen or is likely: the result in hand wins over the words."""

from __future__ import annotations

from typing import Any

import pytest

from client.service import exceptions
from client.service.responses import TaskState, read_status, reason_in_words
from client.service.result_files import asset_name, find_assets, prefer

API = "https://api.example"
S = "https://storage.example/assets"
GLB, FBX, OBJ, STL, ZIP, USDZ, PNG = (
    f"{S}/m.{x}?X-Amz-Sig=a.png" for x in (["glb", "fbx", "obj", "stl", "zip", "usdz", "png"])
)
BARE = f"{S}/4711?name=model.png"
FINISHED, FAILED, RUNNING, PENDING, EXPIRED = (
    TaskState.FINISHED,
    TaskState.FAILED,
    TaskState.IN_PROGRESS,
    TaskState.PENDING,
    TaskState.EXPIRED,
)


def typed(asset: Any, kind: Any) -> dict[str, Any]:
    return {"asset": asset, "asset_type": kind}


def finished(*results: Any, **more: Any) -> dict[str, Any]:
    return {"status": "FINISHED", "results": list(results), **more}


TABLE: list[tuple[str, Any, TaskState, list[str], str]] = [
    # name, document, state, assets the best first, thumbnail
    ("documented", finished(typed(GLB, "3D_MODEL"), progress=100), FINISHED, [GLB], ""),
    ("overview", {"status": "finished", "results": [{"asset_url": GLB, "thumbnail": PNG}]}, FINISHED, [GLB], PNG),
    ("at the top", {"status": "FINISHED", "asset_url": GLB, "thumbnail": PNG}, FINISHED, [GLB], PNG),
    ("asset at the top", {"status": "FINISHED", "asset": GLB}, FINISHED, [GLB], ""),
    ("no type", finished({"asset": GLB}), FINISHED, [GLB], ""),
    ("a type of null", finished(typed(GLB, None)), FINISHED, [GLB], ""),
    ("an FBX before the GLB", finished(typed(FBX, "3D_MODEL"), typed(GLB, "3D_MODEL")), FINISHED, [GLB, FBX], ""),
    (
        "every format",
        finished(*(typed(url, "3D_MODEL") for url in (STL, OBJ, USDZ, FBX, GLB))),
        FINISHED,
        [GLB, FBX, USDZ, OBJ, STL],
        "",
    ),
    ("an archive", finished(typed(ZIP, "ARCHIVE")), FINISHED, [ZIP], ""),
    ("an archive and a GLB", finished(typed(ZIP, "ARCHIVE"), typed(GLB, "3D_MODEL")), FINISHED, [GLB, ZIP], ""),
    (
        "glTF in a ZIP",
        finished(typed(FBX, "3D_MODEL"), typed(f"{S}/a_gltf.zip", "ARCHIVE")),
        FINISHED,
        [f"{S}/a_gltf.zip", FBX],
        "",
    ),
    ("scaled", finished(typed(GLB, "SCALED_3D_MODEL")), FINISHED, [GLB], ""),
    ("an image first", finished(typed(PNG, "IMAGE"), typed(GLB, "3D_MODEL")), FINISHED, [GLB], PNG),
    ("a thumbnail last", finished(typed(GLB, "3D_MODEL"), typed(PNG, "THUMBNAIL")), FINISHED, [GLB], PNG),
    ("an unknown type", finished(typed(GLB, "RIGGED_THING")), FINISHED, [GLB], ""),
    ("an image's type, a model's suffix", finished(typed(GLB, "IMAGE")), FINISHED, [GLB], ""),
    ("types in lower case", finished(typed(PNG, "image"), typed(BARE, "3d_model")), FINISHED, [BARE], PNG),
    ("no suffix", finished(typed(BARE, "3D_MODEL")), FINISHED, [BARE], ""),
    ("no suffix beside an STL", finished(typed(STL, "3D_MODEL"), typed(BARE, "3D_MODEL")), FINISHED, [BARE, STL], ""),
    ("suffix in capitals", finished(typed(f"{S}/M.GLB", "3D_MODEL")), FINISHED, [f"{S}/M.GLB"], ""),
    ("a model in the query only", finished(typed(f"{S}/x.png?f=m.glb", "IMAGE")), FINISHED, [], f"{S}/x.png?f=m.glb"),
    ("relative", finished(typed("/media/m.glb", "3D_MODEL")), FINISHED, [f"{API}/media/m.glb"], ""),
    ("without a slash", finished(typed("media/m.glb", "3D_MODEL")), FINISHED, [f"{API}/media/m.glb"], ""),
    (
        "without a scheme",
        finished(typed("//cdn.example/m.glb", "3D_MODEL")),
        FINISHED,
        ["https://cdn.example/m.glb"],
        "",
    ),
    ("a url", finished({"url": GLB}), FINISHED, [GLB], ""),
    ("a list of texts", finished(GLB, FBX), FINISHED, [GLB, FBX], ""),
    ("one text", {"status": "FINISHED", "results": GLB}, FINISHED, [GLB], ""),
    ("a dictionary", {"status": "FINISHED", "results": {"asset": GLB}}, FINISHED, [GLB], ""),
    (
        "by format",
        {"status": "FINISHED", "results": {"fbx": f"{S}/1", "glb": f"{S}/2"}},
        FINISHED,
        [f"{S}/2", f"{S}/1"],
        "",
    ),
    ("nested output", {"status": "success", "output": {"model": GLB, "rendered_image": PNG}}, FINISHED, [GLB], PNG),
    ("in an envelope", {"code": 0, "data": {"status": "success", "output": {"model": BARE}}}, FINISHED, [BARE], ""),
    ("a list of assets", finished({"asset": [PNG, GLB]}), FINISHED, [GLB], PNG),
    ("an asset that is an object", finished({"asset": {"url": GLB}, "asset_type": "3D_MODEL"}), FINISHED, [GLB], ""),
    ("the same twice", finished(typed(GLB, "3D_MODEL"), typed(GLB, "3D_MODEL")), FINISHED, [GLB], ""),
    ("an unknown word", {"status": "POSTPROCESSING", "results": [typed(GLB, "3D_MODEL")]}, FINISHED, [GLB], ""),
    ("a word of failure", {"status": "FAILED", "results": [typed(GLB, "3D_MODEL")]}, FINISHED, [GLB], ""),
    ("no word", {"results": [typed(GLB, "3D_MODEL")]}, FINISHED, [GLB], ""),
    ("a word of no text", {"status": 3, "results": [typed(GLB, "3D_MODEL")]}, FINISHED, [GLB], ""),
    ("nothing yet", finished(), FINISHED, [], ""),
    ("null", finished(typed(None, "3D_MODEL")), FINISHED, [], ""),
    ("an empty text", finished(typed("", "3D_MODEL")), FINISHED, [], ""),
    ("results of null", {"status": "FINISHED", "results": None}, FINISHED, [], ""),
    ("no results", {"status": "COMPLETED"}, FINISHED, [], ""),
    ("only a thumbnail", finished({"thumbnail": PNG}), FINISHED, [], PNG),
    ("metadata is no result", finished(typed(None, "3D_MODEL") | {"metadata": {"model_url": GLB}}), FINISHED, [], ""),
    (
        "the request is no result",
        {"status": "IN_PROGRESS", "model_url": GLB, "image_url": PNG, "input": {"model": GLB}, "url": GLB},
        RUNNING,
        [],
        "",
    ),
    *[
        (f"a word is no result: {name}, {word}", {"status": "IN_PROGRESS", name: word}, RUNNING, [], "")
        for name, word in [("model", "tripo-v3.1"), ("model", "tripo/v3.1"), ("result", "pending"), ("data", "m.glb")]
    ],
    ("failed, and its model's version", {"status": "FAILED", "model": "v3.1-20260211"}, FAILED, [], ""),
    ("a word among results", finished("queued", GLB), FINISHED, [GLB], ""),
    ("a film and a text", finished(f"{S}/turn.mp4", f"{S}/log.txt"), FINISHED, [], ""),
    ("a foreign scheme", finished(typed("file:///etc/passwd", "3D_MODEL")), FINISHED, ["file:///etc/passwd"], ""),
    ("an address that is none", finished(typed("http://[::1/m.glb", "3D_MODEL")), FINISHED, ["http://[::1/m.glb"], ""),
    *[
        (f"failed: {word}", {"status": word}, FAILED, [], "")
        for word in ["FAILED", "failed", "ERROR", "CANCELLED", "canceled", "BANNED", "timed-out", "Rejected"]
    ],
    *[
        (f"finished: {word}", {"status": word}, FINISHED, [], "")
        for word in ["SUCCESS", "succeeded", "Done", "complete"]
    ],
    *[(f"waits: {word}", {"status": word}, PENDING, [], "") for word in ("PENDING", "queued", "in queue")],
    *[
        (f"goes on: {word}", {"status": word}, RUNNING, [], "")
        for word in ["IN_PROGRESS", "running", "QUEUED_FOR_REVIEW"]
    ],
    ("expired", {"status": "expired"}, EXPIRED, [], ""),
    ("another name for the word", {"state": "SUCCESS"}, FINISHED, [], ""),
]


@pytest.mark.parametrize(
    ("document", "state", "assets", "thumbnail"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_status_answer_is_understood(document: Any, state: TaskState, assets: list[str], thumbnail: str) -> None:
    status = read_status(document, API)
    assert (status.state, list(status.assets), status.thumbnail_url) == (state, assets, thumbnail)


def test_the_table_is_long_enough() -> None:
    assert len({row[0] for row in TABLE}) == len(TABLE) >= 40


@pytest.mark.parametrize("document", [None, [], [1], "text", {}, {"status": None}, {"status": ""}, {"results": []}])
def test_what_says_nothing_is_asked_about_again(document: object) -> None:
    with pytest.raises(exceptions.UnreadableAnswer):
        read_status(document)


REASONS = [
    ("An error occurred.\nSee below", "An error occurred. See below"),
    (2008, "2008"),
    ({"code": 2010, "message": "no credits"}, "2010: no credits"),
    (["a", "b"], "a; b"),
    (None, ""),
    ("None", ""),
    ("  ", ""),
    (False, ""),
    ("x" * 500, "x" * 200),
    ("bad key SECRET-1", "bad key [key]"),
]


@pytest.mark.parametrize(("reason", "said"), REASONS)
def test_a_reason_is_one_bounded_line_without_the_key(reason: object, said: str) -> None:
    assert (
        read_status({"status": "FINISHED", "results": [], "failure_reason": reason}, "", "SECRET-1").failure_reason
        == said
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("2008", "content policy"),
        ("Task failed with code 2008", "content policy"),
        ("error code: 2000.", "too many tasks"),
        ("[2010] not enough", "credits"),
        ("code=2020", "quad"),
        ("1004", "error in the request"),
        ("code 1003: malformed", "error in the request"),
    ],
)
def test_a_number_gets_words_beside_it(reason: str, words: str) -> None:
    made = str(reason_in_words(reason))
    assert words in made and reason.rstrip(".") in made


@pytest.mark.parametrize(
    "reason", ["", "face_limit must be below 2000", "the image has 2008 pixels", "12008", "code 20081"]
)
def test_other_numbers_are_left_alone(reason: str) -> None:
    assert reason_in_words(reason) == reason


def test_an_asset_keeps_its_name_when_it_is_signed_anew() -> None:
    assert asset_name(GLB) == asset_name(GLB.replace("Sig=a", "Sig=b")) != asset_name(FBX)


def test_one_format_can_be_preferred() -> None:
    assert prefer((GLB, FBX, OBJ), ".fbx") == (FBX, GLB, OBJ)


def test_a_strange_document_does_no_harm() -> None:
    deep: Any = {"asset": GLB}
    for _ in range(500):
        deep = {"results": [deep]}
    assert find_assets(deep).assets == ()
    many = {"results": [f"{S}/{n}.glb" for n in range(100_000)]}
    assert len(find_assets(many).assets) <= 1000
