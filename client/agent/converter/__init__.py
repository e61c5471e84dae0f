"""The background Blender as the agent sees it: started early, given one file after the other, watched, ended."""
