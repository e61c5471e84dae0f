"""Certificates for test servers."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme


def server_context(
    authority: trustme.CA, host: str = "localhost", *, sends_root: bool = False, **options: Any
) -> ssl.SSLContext:
    """What a server needs to be `host`.

    With `sends_root` it shows the authority's own certificate too, as many do: Wine, unlike Windows, refuses an
    authority only if it sees it, and takes a chain that stops short of it for good.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.issue_cert(host, **options).private_key_and_cert_chain_pem.tempfile() as file:
        if sends_root:
            authority.cert_pem.write_to_path(file, append=True)
        context.load_cert_chain(file)
    return context


def sandbox_certificates(authority: trustme.CA, folder: Path, *hosts: str) -> dict[str, tuple[Path, Path]]:
    """Chain and key files for a sandbox that is `hosts`: the good ones under "", the bad ones by what is wrong."""

    def files(name: str, maker: trustme.CA, *hosts: str, **options: Any) -> tuple[Path, Path]:
        made = maker.issue_cert(*hosts, **options)
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_bytes(b"".join(part.bytes() for part in made.cert_chain_pems))
        made.private_key_pem.write_to_path(key)
        return chain, key

    yesterday = datetime.now(UTC) - timedelta(days=1)
    return {
        "": files("good", authority, *hosts, "127.0.0.1"),
        "untrusted": files("untrusted", trustme.CA(), hosts[0], "127.0.0.1"),
        "wrong_name": files("wrong_name", authority, "other.example"),
        "expired": files("expired", authority, hosts[0], "127.0.0.1", not_after=yesterday),
    }
