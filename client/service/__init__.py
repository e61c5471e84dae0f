# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side of the service: requests, answers, errors. Nothing else speaks HTTP."""
