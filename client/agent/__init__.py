# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent: a plain Python process that does all the waiting, so that Blender never waits."""
