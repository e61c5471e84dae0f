# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators share: whether they may run, how they report, and how they call each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import bpy
from bpy.props import StringProperty
from bpy.types import Context

from ..client.errors import InvalidRequest, InvalidSetting, TripoError
from ..client.notices import N_, Notice, read
from ..properties.account import account_problem, online_problem
from ..session import timer
from ..session.operator_return import OperatorReturn
from ..translations.translate import tell

if TYPE_CHECKING:
    from ..session.session import Session

_Method = TypeVar("_Method", bound=Callable[..., OperatorReturn | None])


def may_run(operator: type[bpy.types.Operator], reason: str) -> bool:
    """Whether there is no reason against it; one that there is, as text that `tell` takes, is shown where the button
    is greyed out."""
    if reason:
        operator.poll_message_set(tell(reason))
    return not reason


class NeedsService(bpy.types.Operator):
    """Mixin: greyed out with the reason while there is no key, the address is bad, or Blender may not go online."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether the service may be called; reads preferences only."""
        return may_run(cls, account_problem(context) or online_problem())


def job_id_property(*, description: str) -> object:
    """Return the annotation of the argument that names a job."""
    return StringProperty(name="Job ID", description=description, options={"SKIP_SAVE", "HIDDEN"})


class OfJob(bpy.types.Operator):
    """An operator that is about one job."""

    __annotations__ = {"job_id": job_id_property(description="The job's id on this machine")}
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str


def check_online() -> None:
    """Raise InvalidSetting with the switch to flip when Blender may not go online."""
    problem = online_problem()
    if problem:
        raise InvalidSetting(read(problem))


def check_receives(scene: bpy.types.Scene) -> None:
    """Raise TripoError when no model can be put into a scene: asked before anything is paid or changed."""
    for owner in (scene, scene.collection):
        if owner.library is not None or owner.override_library is not None or not getattr(owner, "is_editable", True):
            raise TripoError(
                N_("This scene is linked from another file and takes no models: switch to one of this file")
            )


def follow(
    operator: bpy.types.Operator, context: Context, session: Session, job_ids: Sequence[str], said: Notice | None = None
) -> OperatorReturn:
    """See jobs through that were just written: without a window wait for their models and deliver them, else report
    what is said of it and look after them from now on."""
    if bpy.app.background:
        from ..session import wait

        return wait.wait_and_deliver_all(operator, context, session, job_ids)
    session.tick(deliver=False)  # the new rows show at once
    timer.start()
    if said is not None:
        operator.report({"INFO"}, tell(said))
    return {"FINISHED"}


def report_problem(operator: bpy.types.Operator, error: TripoError) -> OperatorReturn:
    """Report an error as one sentence and return CANCELLED; a script sees RuntimeError."""
    if isinstance(error, InvalidRequest):
        operator.report({"ERROR"}, ". ".join(tell(problem.notice) for problem in error.problems))
    else:
        operator.report({"ERROR"}, tell(error.notice))
    return {"CANCELLED"}


def reporting(method: _Method) -> _Method:
    """Let an operator's method report a TripoError and return CANCELLED, instead of raising it."""

    def run(*arguments: Any) -> OperatorReturn | None:
        try:
            return method(*arguments)
        except TripoError as error:
            return report_problem(arguments[0], error)

    def with_context(self: Any, context: Any) -> OperatorReturn | None:
        return run(self, context)

    def with_event(self: Any, context: Any, event: Any) -> OperatorReturn | None:
        return run(self, context, event)

    # Blender counts the arguments that a function names.
    takes_event = cast(FunctionType, method).__code__.co_argcount == 3
    counted: Callable[..., OperatorReturn | None] = with_event if takes_event else with_context
    return cast(_Method, wraps(method)(counted))


def call(operator: str, *how: object, **arguments: object) -> OperatorReturn:
    """Call another operator of ours; raises TripoError with what it reports instead of working."""
    try:
        return getattr(cast(Any, bpy.ops).tripo, operator)(*how, **arguments)
    except RuntimeError as error:  # Blender's own word stands before what was reported
        raise TripoError(str(error).removeprefix("Error: ").strip()) from error
