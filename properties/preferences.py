# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's preferences: what belongs to the artist's account and machine, not to a file."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import AddonPreferences, Context, UILayout

from .. import __package__ as base_package
from ..client.account import (
    DEFAULT_API_URL,
    DEFAULT_ASK_ABOVE,
    DEFAULT_CACHE_BYTES,
    DEFAULT_REQUESTS_PER_MINUTE,
)
from . import sandbox_mode
from .placement import TripoPlacementDefault

if TYPE_CHECKING:
    from ..client.jobs.spending_limits import Limits

BUY_PAGE = "https://www.3daistudio.com/Platform/API/Documentation/credit-balance"
"""The service's public page on credits and where to buy them."""

_drawer: Callable[[UILayout, "TripoPreferences", Context], None] | None = None
"""What draws the settings: it uses what is drawn elsewhere too, so it is no part of this."""
_account_listener: Callable[[], None] | None = None
"""What is told that key or address have changed."""

KEY_PAGE = "https://www.3daistudio.com/Platform/API/Documentation/getting-started"
"""The service's public page that says how to make a key."""


def _account_changed(_preferences: "TripoPreferences", _context: Context) -> None:
    """Pass on that another account may be meant; runs while the artist edits and does nothing by itself."""
    if _account_listener is not None:
        _account_listener()


def redraw_viewports(_owner: object = None, _context: object = None) -> None:
    """Draw every 3D viewport anew; may be a property's ``update``."""
    for window in bpy.data.window_managers[0].windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "WINDOW":
                        region.tag_redraw()


class TripoPreferences(AddonPreferences):
    """What belongs to the artist's account and machine, not to a file."""

    bl_idname = cast(str, base_package)

    api_key: StringProperty(
        name="API Key",
        description="Your key of the 3D AI Studio API, sent there and nowhere else",
        subtype="PASSWORD",
        update=_account_changed,
    )
    api_url: StringProperty(
        name="API URL",
        description="Address of the 3D AI Studio API; change it only for a proxy or for tests",
        default=DEFAULT_API_URL,
        update=_account_changed,
    )
    requests_per_minute: IntProperty(
        name="Requests per Minute",
        description="How often 3D AI Studio may be asked, shared by every Blender on this machine",
        default=DEFAULT_REQUESTS_PER_MINUTE,
        min=1,
        max=600,
    )

    ask_above: IntProperty(
        name="Confirm Above",
        description="Ask before a press spends more credits than this",
        default=DEFAULT_ASK_ABOVE,
        min=0,
        max=10_000,
    )
    use_daily_cap: BoolProperty(
        name="Daily Cap",
        description="Refuse to spend more credits in a day than this",
    )
    daily_cap: IntProperty(
        name="Daily Cap",
        description="Credits that may be spent between midnight and midnight",
        default=500,
        min=0,
        max=1_000_000,
    )
    finish_after_quit: BoolProperty(
        name="Finish Jobs after Quitting",
        description="Let the background helper fetch what is paid for after Blender is closed",
        default=True,
    )
    show_targets: BoolProperty(
        name="Show Placement Preview",
        description="Show in the 3D viewport where the models under way will land",
        default=True,
        update=redraw_viewports,
    )
    max_download_mb: IntProperty(
        name="Largest Download",
        description="Results larger than this many megabytes are not downloaded",
        default=2048,
        min=1,
        max=65_536,
    )

    mark_assets: BoolProperty(
        name="Mark as Asset",
        description="Mark each new model as an asset of the file, in the catalog Tripo, with its image",
    )
    cache_limit_gb: FloatProperty(
        name="Cache Limit",
        description="How many gigabytes of results are kept for importing them again; the least used go first,"
        " never those that are pinned or in no scene yet",
        default=DEFAULT_CACHE_BYTES / 1e9,
        min=0.1,
        soft_max=100.0,
        max=10_000.0,
        precision=1,
    )
    select_new: BoolProperty(
        name="Select New Objects",
        description="Select a finished model when it arrives in Object Mode; otherwise the selection is left alone",
    )
    frame_first: BoolProperty(
        name="Frame First Model",
        description="Move the 3D view to the first model of a file when it arrives in Object Mode; the view stays for"
        " all others, and while it looks through a camera",
        default=True,
    )
    show_textures: BoolProperty(
        name="Show Textures",
        description="Show textures in the 3D view when the first model of a file arrives, where Solid shading has"
        " Color set to Material; all other shading stays as it is",
        default=True,
    )
    merge_seams: BoolProperty(
        name="Merge Seams",
        description="Join the vertices that files hold twice along seams, so that sculpting does not tear them; shading"
        " and textures stay. Animated models and those with shape keys are left as they are",
        default=True,
    )
    euler: BoolProperty(
        name="XYZ Euler Rotation",
        description="Rotate new objects by XYZ Euler angles instead of quaternions",
        default=True,
    )
    apply_scale: BoolProperty(
        name="Apply Scale",
        description="Leave no scale on new objects, so that modifiers and tools work evenly",
        default=True,
    )
    name_by_prompt: BoolProperty(
        name="Name by Prompt",
        description="Name the object and its collection by the first words of the prompt",
        default=True,
    )
    use_collection: BoolProperty(
        name="Collect in Tripo",
        description="Put the collections of all models into one collection of the scene, named Tripo",
        default=True,
    )
    offer_budget_above: IntProperty(
        name="Offer a Budget Above",
        description="Offer to reduce a finished model that has more triangles than this",
        default=500_000,
        min=0,
        soft_max=2_000_000,
        step=10_000,
    )
    placement: PointerProperty(
        name="Placement",
        description="Where and how models are placed in scenes that have no choice of their own",
        type=TripoPlacementDefault,
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        api_key: str
        api_url: str
        requests_per_minute: int
        ask_above: int
        use_daily_cap: bool
        daily_cap: int
        finish_after_quit: bool
        show_targets: bool
        max_download_mb: int
        mark_assets: bool
        cache_limit_gb: float
        select_new: bool
        frame_first: bool
        show_textures: bool
        merge_seams: bool
        euler: bool
        apply_scale: bool
        name_by_prompt: bool
        use_collection: bool
        offer_budget_above: int
        placement: TripoPlacementDefault

    def draw(self, context: Context) -> None:
        """Draw the settings as ``widgets.preferences`` does."""
        if _drawer is not None:
            _drawer(self.layout, self, context)


def draw_with(drawer: Callable[[UILayout, TripoPreferences, Context], None] | None) -> None:
    """Draw the settings with ``drawer`` from now on."""
    global _drawer
    _drawer = drawer


def on_account_change(listener: Callable[[], None] | None) -> None:
    """Call ``listener`` whenever key or address are edited; None ends that."""
    global _account_listener
    _account_listener = listener


def get_preferences(context: Context) -> TripoPreferences:
    """Return the extension's preferences."""
    return cast(TripoPreferences, context.preferences.addons[cast(str, base_package)].preferences)


def get_limits(context: Context) -> "Limits":
    """Return the artist's own limits on spending."""
    from ..client.jobs.spending_limits import Limits

    preferences = get_preferences(context)
    return Limits(preferences.ask_above, preferences.daily_cap if preferences.use_daily_cap else None)


def get_agent_options() -> tuple[bool, int]:
    """Return whether the agent outlives Blender, and the largest result it may fetch, in bytes."""
    preferences = get_preferences(bpy.context)
    outlive = preferences.finish_after_quit and not sandbox_mode.current().is_on
    return outlive, preferences.max_download_mb * 2**20


def get_cache_limit() -> int:
    """Return how many bytes of results may be kept."""
    return int(get_preferences(bpy.context).cache_limit_gb * 1e9)


register, unregister = bpy.utils.register_classes_factory((TripoPlacementDefault, TripoPreferences))
