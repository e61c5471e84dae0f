# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent: a plain Python process that does everything that waits, so that Blender never does."""
