# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels share: the next request, its price, and what keeps it from being sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import Context

from ..client.jobs.images import ImageSource
from ..client.jobs.request import GenerationRequest, problems
from ..client.notices import N_
from ..client.schema import ENDPOINTS, Kind, ModelVersion
from ..properties.account import account_problem, online_problem
from ..properties.image_slots import is_filled
from ..properties.parameters import values_of
from ..properties.scene import settings_of

if TYPE_CHECKING:
    from ..client.schema.pricing import Price
    from ..properties.scene import TripoImageSlot, TripoSceneSettings

_KINDS = {kind.name: kind for kind in Kind}
_VERSIONS = {version.value: version for version in ModelVersion}
"""Every draw and poll looks here; an enumeration takes several calls to find its member."""


def chosen(context: Context) -> tuple[TripoSceneSettings, Kind, ModelVersion]:
    """Return ``Scene.tripo`` and the endpoint it stands for."""
    settings = settings_of(context.scene)
    return settings, _KINDS[settings.kind], _VERSIONS[settings.model_version]


def sketch(context: Context) -> GenerationRequest:
    """Return the next request as far as it can be told without looking at any file."""
    settings, kind, version = chosen(context)
    slots = [_image(slot, getattr(settings, slot)) for slot in ENDPOINTS[kind].image_slots]
    images = tuple(image for image in slots if image.path or image.url)
    return GenerationRequest(kind, version, values_of(settings, kind, version), images)


def price_of(request: GenerationRequest) -> Price:
    """Return what a request costs."""
    _last.remember(request)
    if _last.price is None:
        _last.price = request.price
    return _last.price


def shown_price(context: Context) -> Price:
    """Return the price of the next request in a panel that is drawn right after the one with the button."""
    return _last.price or price_of(sketch(context))


def total_of(settings: TripoSceneSettings, price: Price) -> int:
    """Return what one press of Generate costs, in credits: the price of every variation it asks for."""
    return price.total * settings.variations


def obstacle(context: Context, request: GenerationRequest) -> str:
    """Return why Generate cannot be pressed now, as one sentence, or an empty string."""
    account = account_problem(context)
    if online_problem():
        return N_("Blender is offline")  # the head of the tab says which switch to flip
    if account:
        return account
    _last.remember(request)
    if _last.problem is None:
        broken = problems(request, look_at_files=False)
        _last.problem = broken[0].notice.to_text() if broken else ""
    return _last.problem or bad_image(context, request)


def bad_image(context: Context, request: GenerationRequest) -> str:
    """Return why an image cannot be sent, as was found when it was chosen; the slot itself says it too."""
    settings = settings_of(context.scene)
    for slot in ENDPOINTS[request.kind].image_slots:
        image: TripoImageSlot = getattr(settings, slot)
        if image.problem and is_filled(image):
            return image.problem
    return ""


class _Last:
    """What is known of the last request: a panel is drawn many times before anything in it changes."""

    request: GenerationRequest | None = None
    price: Price | None = None
    problem: str | None = None

    def remember(self, request: GenerationRequest) -> None:
        """Forget what was known of another one."""
        if request != self.request:
            self.request, self.price, self.problem = request, None, None


_last = _Last()


def _image(slot: str, chosen: TripoImageSlot) -> ImageSource:
    if chosen.source == "URL":
        return ImageSource(slot, url=chosen.url.strip())
    if chosen.source == "IMAGE":
        return ImageSource(slot, path=chosen.image.name if chosen.image else "")
    return ImageSource(slot, path=chosen.path)
