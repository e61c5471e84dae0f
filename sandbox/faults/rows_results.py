# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of results: how they are told of, and what the storage makes of them."""

from __future__ import annotations

import gzip

from ..answer_shapes import PAGES, SHAPES
from ..foreign_pages import LOGIN
from ..hostile import CONTENTS
from .kinds import AFTER, BEFORE, EFFECT, LOOK, STORED, Row
from .mechanisms import (
    change_asset,
    content,
    expire_urls,
    headers,
    huge,
    no_range,
    page,
    patch,
    redirect,
    rejson,
    reply,
    reported,
    rewrite,
    without,
    wrong_range,
)  # fmt: skip

_GZIP = ("Content-Encoding", "gzip")


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


RESULTS = (
    # How a finished task is told of, from now on
    *(Row(f"told_{name}", EFFECT, reported(shape=name), LOOK, f"told in the shape `{name}`") for name in SHAPES),
    Row("told_lower", EFFECT, reported(words="lower"), LOOK, "status words in small letters"),
    Row("told_title", EFFECT, reported(words="title"), LOOK, "status words with a capital"),
    Row("told_late", EFFECT, reported(late=3), LOOK, "FINISHED three times before there is a result: option `late`"),
    Row("told_late_null", EFFECT, reported(late=3, late_as="null"), LOOK, "the same, with an asset that is null"),
    Row("told_without_progress", EFFECT, reported(with_progress=False), LOOK, "no progress is said"),
    Row("told_early", AFTER, rejson(lambda value: value | {"status": "IN_PROGRESS", "progress": 99}), LOOK,
        "still in progress by its word, and the result is there"),
    Row("told_failed", AFTER, rejson(lambda value: value | {"status": "FAILED"}), LOOK,
        "failed by its word, and the result is there"),
    Row("told_unsaid", AFTER, patch(["status"]), LOOK, "no status at all"),
    *(Row(f"told_page_{name}", EFFECT, reported(page=name), LOOK, f"the storage will answer `{name}` once")
      for name in PAGES),
    # What the storage sends once
    *(Row(f"page_{name}", AFTER, page(name), STORED, f"`{name}` in the place of the object") for name in PAGES),
    *(Row(f"content_{name}", AFTER, content(name), STORED, f"another content: {name}") for name in CONTENTS),
    Row("gzip_object", AFTER, rewrite(_packed, _GZIP), STORED, "the object, compressed, and it says so"),
    Row("gzip_object_unsaid", AFTER, rewrite(_packed, ("ETag", '"packed"')), STORED, "the object, compressed, unsaid"),
    Row("object_short", AFTER, rewrite(lambda data: data[: len(data) // 2], ("ETag", '"short"')), STORED,
        "half the object, as if it were whole"),
    Row("object_empty", AFTER, rewrite(lambda _: b"", ("ETag", '"empty"')), STORED, "the object is empty"),
    Row("object_twice", AFTER, rewrite(lambda data: data + data, ("ETag", '"twice"')), STORED, "the object twice"),
    Row("object_type", AFTER, rewrite(lambda data: data, content_type="text/html"), STORED, "says it is a page"),
    Row("object_later", BEFORE, reply(202, b"", "text/plain"), STORED, "202: not there yet"),
    Row("object_gone", BEFORE, reply(204, b"", "text/plain"), STORED, "204 for an object"),
    Row("error_code_200", BEFORE, reply(200, "error code: 1015", "text/plain"), STORED, "a number in words, with 200"),
    # Redirects
    Row("to_login", BEFORE, redirect(LOGIN), STORED, "302 to a login page"),
    Row("to_http", BEFORE, redirect("http://203.0.113.7/model.glb"), STORED, "302 to plain http"),
    Row("to_file", BEFORE, redirect("file:///etc/hostname"), STORED, "302 to a file"),
    Row("to_nowhere", BEFORE, reply(302, b"", "text/html"), STORED, "302 without an address"),
    Row("to_closed_port", BEFORE, redirect("http://127.0.0.1:9/model.glb"), STORED, "302 to where nobody listens"),
    Row("to_itself", AFTER, redirect("?again"), STORED, "302 to no signature"),
    # Ranges
    Row("huge", AFTER, huge, STORED, "says it is 50 GB, and stops: option `bytes`"),
    Row("no_range", AFTER, no_range, STORED, "the whole object with 200, whatever range was asked for"),
    Row("wrong_range", AFTER, wrong_range, STORED, "206 from byte 0, whatever was asked for"),
    Row("part_for_whole", AFTER, headers(("Content-Range", "bytes 0-99/100"), status=206), STORED, "206 for the whole"),
    Row("part_unsaid", AFTER, headers(status=206), STORED, "206 without saying which part"),
    Row("part_odd", AFTER, headers(("Content-Range", "parts 1/2"), status=206), STORED, "206 with words for a range"),
    Row("range_refused", BEFORE, reply(416, b"", "text/plain", ("Content-Range", "bytes */7")), STORED, "416 of 7"),
    Row("change_asset", EFFECT, change_asset, STORED, "from now on the object is another one"),
    Row("expire_urls", EFFECT, expire_urls, STORED, "all addresses given out for this task are void"),
    Row("weak_etag", AFTER, headers(("etag", 'W/"1"')), STORED, "two tags, one of them weak"),
    Row("no_etag", AFTER, without("ETag", "Last-Modified", "Accept-Ranges"), STORED, "nothing to go on with later"),
)  # fmt: skip
