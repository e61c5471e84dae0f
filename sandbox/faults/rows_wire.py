# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of how an answer travels: encodings, framing, interim answers, headers, connections."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache

from .kinds import (
    AFTER,
    BEFORE,
    EVERYWHERE,
    EVERYWHERE_UNREAD,
    STORED,
    UNDERSTOOD,
    UNREAD,
    Row,
    Spoil,
)  # fmt: skip
from .mechanisms import body, deliver, headers, raw, rewrite

BOMB_BYTES = 100 * 2**20


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@cache
def _bomb(rounds: int) -> bytes:
    """As many zeros as fill a memory, in few bytes; packed once more for each further round."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(2**20)
    data = b"".join(packer.compress(zeros) for _ in range(BOMB_BYTES // len(zeros))) + packer.flush()
    for _ in range(rounds - 1):
        data = _gzip(data)
    return data


def _coded(coding: str, change: Callable[[bytes], bytes] = lambda data: data) -> Spoil:
    return rewrite(change, ("Content-Encoding", coding))


def _head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def _plain(data: bytes, *lines: str) -> bytes:
    """An ordinary answer with further lines in its head, written out."""
    return _head("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(data)}", *lines) + data


def _chunk(data: bytes, size: str = "") -> bytes:
    head = _head("HTTP/1.1 200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked")
    return head + (size or f"{len(data):x}").encode() + b"\r\n" + data + b"\r\n"


_MANY = tuple((f"X-Part-{number}", "0123456789") for number in range(500))

WIRE = (
    # Encodings
    Row("gzip", AFTER, _coded("gzip", _gzip), EVERYWHERE, "gzip, whether it was offered or not"),
    Row("gzip_upper", AFTER, _coded("GZIP", _gzip), EVERYWHERE, "gzip, written in capitals"),
    Row("x_gzip", AFTER, _coded("x-gzip", _gzip), EVERYWHERE, "gzip under its old name"),
    Row("gzip_members", AFTER, _coded("gzip", lambda d: _gzip(d[:9]) + _gzip(d[9:])), EVERYWHERE,
        "gzip in two members behind each other"),
    Row("deflate", AFTER, _coded("deflate", zlib.compress), EVERYWHERE, "deflate, in zlib's wrapping as it should be"),
    Row("deflate_raw", AFTER, _coded("deflate", _raw_deflate), EVERYWHERE, "deflate without any wrapping"),
    Row("gzip_of_gzip", AFTER, _coded("gzip, gzip", lambda d: _gzip(_gzip(d))), EVERYWHERE, "gzip twice"),
    Row("gzip_twice", AFTER, _coded("gzip", lambda d: _gzip(_gzip(d))), EVERYWHERE, "gzip twice, said once"),
    Row("gzip_unsaid", AFTER, rewrite(_gzip), EVERYWHERE, "gzip without a word about it"),
    Row("gzip_lie", AFTER, _coded("gzip"), EVERYWHERE, "says gzip, and is plain"),
    Row("identity", AFTER, _coded("identity"), EVERYWHERE, "says that it is not encoded"),
    Row("encoding_unknown", AFTER, _coded("x-sandbox", lambda d: d[::-1]), EVERYWHERE_UNREAD, "nobody knows how"),
    Row("encoding_brotli", AFTER, _coded("br", lambda d: b"\x0b\x02\x80" + d[:9] + b"\x03"), EVERYWHERE_UNREAD,
        "says Brotli, and is broken"),
    Row("gzip_truncated", AFTER, _coded("gzip", lambda d: _gzip(d)[: len(_gzip(d)) // 2]), EVERYWHERE_UNREAD,
        "gzip that ends in the middle"),
    Row("gzip_bad_sum", AFTER, _coded("gzip", lambda d: _gzip(d)[:-8] + bytes(8)), EVERYWHERE_UNREAD,
        "gzip whose check sum is wrong"),
    Row("gzip_tail", AFTER, _coded("gzip", lambda d: _gzip(d) + b"\0" * 40), EVERYWHERE, "zeros behind"),
    Row("gzip_bomb", AFTER, _coded("gzip", lambda _: _bomb(1)), EVERYWHERE_UNREAD, "100 MB of zeros in 100 kB"),
    Row("gzip_bomb_twice", AFTER, _coded("gzip, gzip", lambda _: _bomb(2)), EVERYWHERE_UNREAD, "the same in 1 kB"),
    # Framing
    Row("chunked", AFTER, headers(chunked=True), EVERYWHERE, "in chunks, without a length"),
    Row("no_length", AFTER, headers(("Content-Length", "")), EVERYWHERE, "an empty Content-Length"),
    Row("until_close", AFTER, raw(lambda d: _head("HTTP/1.1 200 OK", "Content-Type: application/json") + d),
        UNDERSTOOD, "without a length: the end of the connection is its end"),
    Row("length_short", AFTER, headers(declared_length=5), UNREAD, "says 5 bytes"),
    Row("length_long", AFTER, raw(lambda d: _plain(d).replace(b"Content-Length: ", b"Content-Length: 9")), UNDERSTOOD,
        "says more bytes than come"),
    Row("length_words", AFTER, raw(lambda d: _plain(d).replace(b"Content-Length: ", b"Content-Length: x")), UNDERSTOOD,
        "a length that is no number"),
    Row("length_negative", AFTER, raw(lambda d: _plain(d).replace(b"Content-Length: ", b"Content-Length: -")),
        UNDERSTOOD, "a length below zero"),
    Row("length_twice", AFTER, raw(lambda d: _plain(d, "Content-Length: 4")), UNREAD, "two lengths, not the same"),
    Row("length_and_chunks", AFTER, raw(lambda d: _chunk(d).replace(b"Transfer", b"Content-Length: 4\r\nTransfer", 1)
        + b"0\r\n\r\n"), UNDERSTOOD, "a length and chunks at once"),
    Row("chunk_open", AFTER, raw(_chunk), UNDERSTOOD, "the last chunk never comes"),
    Row("chunk_size_odd", AFTER, raw(lambda d: _chunk(d, "size")), UNREAD, "the size of a chunk is no number"),
    Row("chunk_size_lie", AFTER, raw(lambda d: _chunk(d, "3") + b"0\r\n\r\n"), UNREAD, "more than the chunk says"),
    Row("cut", AFTER, deliver("cut", 0, 0.5), EVERYWHERE_UNREAD, "ends in the middle: option `amount`, a part"),
    Row("longer", AFTER, deliver("extra", 0, 4096), EVERYWHERE, "zeros behind the answer: option `amount`"),
    Row("slow", AFTER, deliver("trickle", 0.05, 16), EVERYWHERE, "in pieces: options `amount`, `seconds` between"),
    Row("body_endless", AFTER, deliver("endless_body", 120, 0.001), UNREAD, "a body without an end"),
    # Interim answers
    Row("interim_100", AFTER, headers(interim=(100,)), EVERYWHERE, "100 before the answer, unasked"),
    Row("interim_102", AFTER, headers(interim=(102, 102)), EVERYWHERE, "102 twice before the answer"),
    Row("interim_103", AFTER, headers(interim=(103,)), EVERYWHERE, "103 before the answer"),
    Row("interim_many", AFTER, headers(interim=(100, 102, 103) * 5), EVERYWHERE, "fifteen before the answer"),
    Row("interim_199", AFTER, headers(interim=(199,)), EVERYWHERE, "an interim answer nobody knows"),
    Row("interim_flood", AFTER, deliver("flood", 120, 0.0), UNREAD, "interim answers without an end"),
    Row("interim_slow", AFTER, deliver("flood", 120, 0.05), UNREAD, "one interim answer after the other, for ever"),
    Row("interim_only", AFTER, raw(lambda _: _head("HTTP/1.1 100 Continue")), UNREAD, "100, and then the end"),
    Row("switching_101", AFTER, raw(lambda d: _head("HTTP/1.1 101 Switching Protocols", "Upgrade: h2c") + d), UNREAD,
        "101: goes on in another protocol"),
    # Headers
    Row("lower_case", AFTER, headers(lower_case=True), EVERYWHERE, "header names in small letters"),
    Row("http_1_0", AFTER, headers(version="HTTP/1.0"), EVERYWHERE, "HTTP/1.0, without a length"),
    Row("no_type", AFTER, rewrite(lambda d: d, content_type=""), EVERYWHERE, "an empty Content-Type"),
    Row("type_text", AFTER, rewrite(lambda d: d, content_type="text/plain"), EVERYWHERE, "JSON that says text/plain"),
    Row("type_html", AFTER, rewrite(lambda d: d, content_type="text/html; charset=iso-8859-1"), EVERYWHERE,
        "JSON that says it is a page"),
    Row("charset_odd", AFTER, rewrite(lambda d: d, content_type="application/json; charset=x-none"), EVERYWHERE,
        "a charset nobody knows"),
    Row("cookies", AFTER, headers(*[("Set-Cookie", f"part{n}={'c' * 200}; Path=/") for n in range(30)]), EVERYWHERE,
        "thirty cookies"),
    Row("many_headers", AFTER, headers(*_MANY), EVERYWHERE_UNREAD, "500 headers"),
    Row("huge_header", AFTER, headers(("X-Big", "b" * 100_000)), EVERYWHERE_UNREAD, "a header of 100 kB"),
    Row("folded", AFTER, headers(("X-Folded", "one\r\n two")), EVERYWHERE, "a header that goes on in the next line"),
    Row("latin", AFTER, headers(("X-Ort", "K\xf6ln")), EVERYWHERE, "a header that is no ASCII"),
    Row("bad_line", AFTER, raw(lambda d: _plain(d, "this is no header")), UNDERSTOOD, "a line that is no header"),
    Row("bare_newlines", AFTER, raw(lambda d: _plain(d)[: -len(d)].replace(b"\r\n", b"\n") + d), UNDERSTOOD,
        "newlines"),
    Row("no_status_line", AFTER, raw(lambda d: d), UNREAD, "the body and nothing before it"),
    Row("status_words", AFTER, raw(lambda d: _plain(d).replace(b"200 OK", b"OK 200")), UNREAD, "no status number"),
    Row("status_huge", AFTER, raw(lambda d: _plain(d).replace(b"200 OK", b"20000 OK")), UNREAD, "status 20000"),
    Row("http_2_preface", BEFORE, raw(lambda _: b"\0\0\x12\x04\0\0\0\0\0" + bytes(18)), UNREAD, "an answer in HTTP/2"),
    Row("ssh_banner", BEFORE, raw(lambda _: b"SSH-2.0-OpenSSH_9.6\r\n"), UNREAD, "quite another server"),
    Row("head_slow", AFTER, deliver("drip_head", 0.01, 16), EVERYWHERE, "headers in pieces"),
    Row("head_drips", AFTER, deliver("drip_head", 0.2, 2), UNREAD, "headers in drops, for half a minute"),
    Row("head_endless", AFTER, deliver("endless_head", 120, 0.02), UNREAD, "one header after the other, for ever"),
    Row("head_flood", AFTER, deliver("endless_head", 120, 0.0), UNREAD, "the same, as fast as it goes"),
    Row("hostile_name", AFTER, headers(("Content-Disposition", 'attachment; filename="../../../../evil.glb"')),
        EVERYWHERE, "a file name that climbs out of every folder"),
    # Connections
    Row("reset_before", BEFORE, deliver("reset"), UNREAD | STORED, "reset; the service saw nothing"),
    Row("reset_after", AFTER, deliver("reset"), EVERYWHERE_UNREAD, "the work is done, then the connection is reset"),
    Row("close_before", BEFORE, raw(lambda _: b""), UNREAD | STORED, "closed in good order; the service saw nothing"),
    Row("close_after", AFTER, raw(lambda _: b""), EVERYWHERE_UNREAD, "the work is done, then closed without a word"),
    Row("head_only", AFTER, raw(lambda d: _plain(d)[:30]), EVERYWHERE_UNREAD, "closed in the middle of the headers"),
    Row("hang_before", BEFORE, deliver("hang", 120), UNREAD, "no answer; the service saw nothing: option `seconds`"),
    Row("hang_after", AFTER, deliver("hang", 120), EVERYWHERE_UNREAD, "the work is done, and no answer comes"),
    Row("body", AFTER, body(b"OK", "text/plain"), UNREAD, "200 OK, in words"),
)  # fmt: skip
