"""Cases that are played side by side before the tests look at their ends."""

from __future__ import annotations

from typing import Protocol, TypeVar

import pytest


class Named(Protocol):
    """A case with a name that no other has."""

    @property
    def name(self) -> str:
        """What it is found by."""
        ...


Case = TypeVar("Case", bound=Named)


def chosen(request: pytest.FixtureRequest, kind: type[Case]) -> dict[str, Case]:
    """Return the cases by name that the tests of this run take as their parameter ``case``."""
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    cases = [spec.params.get("case") for spec in specs if spec is not None]
    return {case.name: case for case in cases if isinstance(case, kind)}
