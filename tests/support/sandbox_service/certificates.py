"""Certificates for test servers."""

from __future__ import annotations

import ssl
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
