# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that we keep below the home folder: how they are written, named and removed."""
