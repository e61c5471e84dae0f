# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a downloaded file. What is wrong inside it is said in English: it is for a report."""

from __future__ import annotations

from ..notices import N_, Code


class FileNotice(Code):
    """Why a file is no model, or may not or cannot be read."""

    DAMAGED = N_("The model file is damaged: {reason}")
    UNSAFE = N_("The model file was refused because {reason}")
    UNCHECKED = N_("The model file was refused because it could not be checked")
    TOO_MANY = N_("The model file was refused because it has too many {what} (the limit is {limit:,})")
    MEMORY = N_(
        "The model file was refused because its images take {needed:,.1f} GB of memory, and this computer has"
        " {available:,.1f} GB"
    )
    OTHER = N_("The downloaded file is {kind}, not a 3D model")
    NO_MODEL = N_("The downloaded file is an archive without a 3D model in it")
    NO_IMAGE = N_("The downloaded file is not an image that can be opened")
    COMPRESSED = N_("The compressed model could not be unpacked: {reason}")
    NO_IMPORTER = N_("The model file needs an importer for {format}, which {blender} does not have")
    EXTENSION = N_("The model file needs {extension}, which {blender} cannot read")
    DRACO = N_("The model file is compressed with Draco, which {blender} cannot read here")
