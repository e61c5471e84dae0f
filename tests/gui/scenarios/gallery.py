"""The same sidebar in every look: dark, light, twice the scale, narrow, Chinese, Japanese."""

from __future__ import annotations

from support.ui import artist, gallery
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 170, "sandbox": ("--requests-per-minute", "120", "--seconds", "3", "--variety", "plain")}


def scenario(ui: Ui) -> Steps:
    sidebar = yield ui.open_sidebar("Tripo")
    yield gallery.fill_scene(ui)
    yield gallery.window_image(ui, "jobs-and-models")
    yield gallery.sidebar_image(ui, sidebar, "sidebar")
    yield artist.pull_sidebar(ui, sidebar, 80)
    yield gallery.sidebar_image(ui, sidebar, "narrow-sidebar")
    yield artist.pull_sidebar(ui, sidebar, -80)
    for code, name in (("zh_HANS", "chinese"), ("ja_JP", "japanese")):
        gallery.use_language(code)
        yield gallery.window_image(ui, name)
    gallery.use_language("en_US")
    gallery.use_light_theme()
    yield gallery.window_image(ui, "light-theme")
    gallery.use_scale(2.0)
    yield ui.move(*ui.middle())
    yield ui.press("SPACE", ctrl=True)  # the 3D view alone
    yield 1.0
    yield gallery.window_image(ui, "scale-2x")
