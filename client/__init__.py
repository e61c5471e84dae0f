# SPDX-License-Identifier: GPL-3.0-or-later
"""Know the service and nothing of Blender.

It runs in the agent process, in tests and in anyone's script; it never imports ``bpy``.
"""
