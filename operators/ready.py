"""What every operator that reaches the service has in common: whether it may run, and how it reports."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import Context

from ..client.errors import InvalidRequest, InvalidSetting, TripoError
from ..preferences import account_problem, online_problem
from ..translations.interface import tell


class NeedsService(bpy.types.Operator):
    """Mixin: greyed out with the reason while there is no key, a bad address, or no leave to go online."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell whether the service may be called; reads preferences only."""
        problem = account_problem(context) or online_problem()
        if problem:
            cls.poll_message_set(tell(problem))
        return not problem


def check_online() -> None:
    """Raise InvalidSetting with the switch to flip when Blender may not go online."""
    problem = online_problem()
    if problem:
        raise InvalidSetting(problem)


def report_problem(operator: bpy.types.Operator, error: TripoError) -> set[Any]:
    """Report an error as one sentence and return CANCELLED; a script sees RuntimeError."""
    if isinstance(error, InvalidRequest):
        operator.report({"ERROR"}, ". ".join(tell(problem.message) for problem in error.problems))
    else:
        operator.report({"ERROR"}, tell(error.user_message))
    return {"CANCELLED"}
