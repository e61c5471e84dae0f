# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answers say for certain that a request was refused, so that it was not charged."""

from __future__ import annotations

REFUSED = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})
"""The statuses that say so, with a redirect to elsewhere. The list is closed: a time-out (408), a conflict (409) or an
error of the service may come after the credits were taken."""
REDIRECTS = frozenset({301, 302, 307, 308})
"""Not 303: it answers a POST that was carried out."""
