# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the way there: modes of the proxy (see `proxy`) and of TLS (see `tls`), a connection each."""

from __future__ import annotations

from collections.abc import Mapping

from .kinds import READY, UNCERTAIN, WAY, Expect, Row

_UNSENT: Mapping[str, Expect] = {"proxy": READY}
_CLOSED: Mapping[str, Expect] = {"tls": READY}

WAYS = (
    # Before a tunnel stands nothing of ours has left
    Row("proxy_403", WAY, "403", _UNSENT, "the proxy refuses the tunnel, with a page"),
    Row("proxy_login", WAY, "407", _UNSENT, "the proxy wants a login (407)"),
    Row("proxy_407_close", WAY, "407_close", _UNSENT, "the same, and hangs up at once"),
    Row("proxy_429", WAY, "429", _UNSENT, "the proxy has too many connections"),
    Row("proxy_500", WAY, "500", _UNSENT, "the proxy has a problem of its own"),
    Row("proxy_502", WAY, "502", _UNSENT, "the proxy cannot find the service"),
    Row("proxy_503", WAY, "503", _UNSENT, "the proxy is busy"),
    Row("proxy_504", WAY, "504", _UNSENT, "the proxy waits for the service in vain"),
    Row("proxy_302", WAY, "302", _UNSENT, "the proxy sends the tunnel to a login page"),
    Row("proxy_portal", WAY, "portal", _UNSENT, "the proxy answers the tunnel with 200 and a page"),
    Row("proxy_reset", WAY, "reset", _UNSENT, "the proxy resets the connection"),
    Row("proxy_close", WAY, "close", _UNSENT, "the proxy hangs up without a word"),
    Row("proxy_hang", WAY, "hang", _UNSENT, "the proxy says nothing: option `seconds`"),
    Row("proxy_garbage", WAY, "garbage", _UNSENT, "the proxy speaks another language"),
    Row("proxy_interim", WAY, "interim", _UNSENT, "the proxy sends 100 before its 200"),
    Row("proxy_http_1_0", WAY, "http_1_0", _UNSENT, "the proxy answers in HTTP/1.0 with more headers"),
    Row("tunnel_closed_at_once", WAY, "drop_at_once", _UNSENT, "the tunnel ends as soon as it stands"),
    Row("tunnel_closed_early", WAY, "drop_early", _UNSENT, "the tunnel ends in the middle of the handshake"),
    Row("tunnel_mute", WAY, "mute", _UNSENT, "the tunnel stands, and nothing comes through it"),
    # What was sent through a tunnel may have arrived
    Row("tunnel_idle", WAY, "drop_idle", {"proxy": UNCERTAIN}, "the tunnel ends when it is silent: option `seconds`"),
    Row("tunnel_reset_idle", WAY, "reset_idle", {"proxy": UNCERTAIN}, "the same, with a reset"),
    Row("tunnel_answer_lost", WAY, "drop_answer", {"proxy": UNCERTAIN}, "the tunnel ends as the answer comes"),
    Row("tunnel_answer_half", WAY, "half_answer", {"proxy": UNCERTAIN}, "the tunnel ends in the middle of the answer"),
    # TLS: before the handshake is over nothing of ours has left
    Row("tls_alert", WAY, "alert", _CLOSED, "a fatal alert: handshake failure"),
    Row("tls_old", WAY, "old", _CLOSED, "a fatal alert: wrong protocol version"),
    Row("tls_name_alert", WAY, "name_alert", _CLOSED, "a fatal alert: unrecognized name"),
    Row("tls_internal_alert", WAY, "internal_alert", _CLOSED, "a fatal alert: internal error"),
    Row("tls_plain", WAY, "plain", _CLOSED, "an answer in plain HTTP on the port of TLS"),
    Row("tls_close", WAY, "close", _CLOSED, "hangs up at the first byte"),
    Row("tls_reset", WAY, "reset", _CLOSED, "resets at the first byte"),
    Row("tls_garbage", WAY, "garbage", _CLOSED, "random bytes in the place of the handshake"),
    Row("tls_hang", WAY, "hang", _CLOSED, "no handshake comes: option `seconds`"),
    Row("tls_half", WAY, "half", _CLOSED, "half a handshake, and then the end"),
    Row("tls_untrusted", WAY, "certificate:untrusted", _CLOSED, "a certificate that nobody knows"),
    Row("tls_wrong_name", WAY, "certificate:wrong_name", _CLOSED, "a certificate of another host"),
    Row("tls_expired", WAY, "certificate:expired", _CLOSED, "a certificate of yesterday"),
)
