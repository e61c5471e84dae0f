"""The files that we keep below the home folder: how they are written, named and removed."""
