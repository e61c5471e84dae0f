# SPDX-License-Identifier: GPL-3.0-or-later
"""The background Blender as the agent sees it: started early, given one file after the other, watched, ended."""
