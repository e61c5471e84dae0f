# SPDX-License-Identifier: GPL-3.0-or-later
"""When to look at a running job: a forecast of its finish, and a rule that spends the rate budget."""
