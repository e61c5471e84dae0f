# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolve and check the account: API key, service address, request rate.

Names of the environment variables are a promise to others (see the README).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import InvalidSetting
from .notices import N_, Notice, text

KEY_VARIABLE = "THREEDAISTUDIO_API_KEY"
URL_VARIABLE = "THREEDAISTUDIO_API_URL"
HOME_VARIABLE = "TRIPO_GENERATOR_HOME"
CACHE_LIMIT_SETTING = "cache_limit_bytes"
"""Store setting: how much may be kept of finished jobs. Blender writes it, the agent reads it."""
SHELF_SETTING = "shelf"
"""Store setting: whether finished models are wanted on the shelf; empty when not. Blender writes it, the agent reads
it."""
DEFAULT_API_URL = "https://api.3daistudio.com"
DEFAULT_REQUESTS_PER_MINUTE = 3
DEFAULT_CACHE_BYTES = 5 * 10**9
"""How much is kept of finished jobs."""
DEFAULT_ASK_ABOVE = 100
"""Credits above which a press is asked about."""
_FOREIGN_KEY_WORDS: Mapping[str, str] = {
    "tsk_": N_("a key of Tripo's own service"),
    "tcli_": N_("a client id of Tripo's own service"),
    "msy_": N_("a key of Meshy"),
}
"""How keys of other services begin that people paste here by mistake (C)."""
_NO_ADDRESS = N_("The API URL is not a valid web address: correct it in the preferences")
SANDBOX_ACCOUNT = "sandbox"
"""Account id of the Sandbox that ships with the extension. It needs no network and costs nothing, so neither Blender's
leave to go online nor any spending counts for it."""


class Account(NamedTuple):
    """Where requests go and with which key. The key is kept out of ``repr``.

    ``fixed_id`` is the account's id where key and address are new at every start, as the Sandbox's are.
    """

    api_url: str
    api_key: str
    requests_per_minute: int = DEFAULT_REQUESTS_PER_MINUTE
    fixed_id: str = ""

    def __repr__(self) -> str:
        return f"Account({self.api_url!r}, [key])"

    @property
    def account_id(self) -> str:
        """A short one-way name of this key at this service; jobs and the rate budget are filed under it."""
        if self.fixed_id:
            return self.fixed_id
        import hashlib  # with OpenSSL behind it: Blender's start need not wait for that

        digest = hashlib.sha256(b"tripo-generator account\0")
        digest.update(f"{self.api_url}\0{self.api_key}".encode())
        return digest.hexdigest()[:16]


def is_loopback(host: str | None) -> bool:
    """Whether a host name is this machine's loopback, without asking a name server."""
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether an address leads to this machine's loopback."""
    return is_loopback(urlsplit(url).hostname)


@lru_cache(maxsize=8)
def check_api_url(entered: str) -> str:
    """Return the service's address without a trailing slash; raises InvalidSetting.

    Only ``https`` is allowed, and ``http`` on a loopback address. Every drawing of a button asks for it anew.
    """
    url = entered.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise InvalidSetting(_NO_ADDRESS) from None
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidSetting(_NO_ADDRESS)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return url
    raise InvalidSetting(N_("The API URL must begin with https:// : correct it in the preferences"))


def foreign_key(key: str) -> Notice | None:
    """Return whose key this is, to complete "it looks like …", if its beginning shows that."""
    lower = key.lower()
    return next((text(owner) for beginning, owner in _FOREIGN_KEY_WORDS.items() if lower.startswith(beginning)), None)


def check_api_key(entered: str) -> str:
    """Return the key without surrounding white space; raises InvalidSetting. The key is never quoted."""
    key = entered.strip()
    if not key:
        raise InvalidSetting(N_("The API key is missing: paste it in the add-on's preferences"))
    other = foreign_key(key)
    if other is not None:
        raise InvalidSetting(
            N_("The API key looks like {owner}: paste one from the dashboard of 3D AI Studio"), owner=other
        )
    if len(key) < 8 or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidSetting(N_("This does not look like an API key: copy it again from 3D AI Studio's dashboard"))
    return key


def resolve_account(environment: Mapping[str, str], *, api_key: str, api_url: str, requests_per_minute: int) -> Account:
    """Return the account from the environment, which wins, and the preferences; raises InvalidSetting."""
    return Account(
        check_api_url(environment.get(URL_VARIABLE) or api_url or DEFAULT_API_URL),
        check_api_key(environment.get(KEY_VARIABLE) or api_key),
        max(1, requests_per_minute),
    )
