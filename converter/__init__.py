# SPDX-License-Identifier: GPL-3.0-or-later
"""The background Blender that turns a downloaded file into a ``.blend`` with one collection.

Untrusted bytes are parsed here and nowhere else: a crash or a hang kills this child, not an artist's session.
"""
