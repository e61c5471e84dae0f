"""The part of the extension that knows the service and nothing of Blender.

It runs in the agent process, in tests and in anyone's script; it never imports ``bpy``.
"""
