# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job is: its request, its states, its cost, and where its model goes. Data and rules, no HTTP and no SQLite."""
