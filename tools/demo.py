"""The shortest way to see it work: three models from text, from an image and from four views, in one scene.

Run by ``make demo`` in the ``bpy`` wheel, with the built ZIP named by ``TRIPO_ZIP``. ``BLENDER=/path`` runs the same in
an installed Blender; ``LIVE=1`` makes the text model on the real service instead, after asking, with the key from
``THREEDAISTUDIO_API_KEY``. Leaves ``demo-output/`` with a ``.blend`` and a rendered PNG; everything else is temporary.
"""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "demo-output"
PROMPT = "a mushroom with a red cap"
KEY_VARIABLE = "THREEDAISTUDIO_API_KEY"
URL_VARIABLE = "THREEDAISTUDIO_API_URL"
SANDBOX_KEY = "demo-key-0123456789"
SANDBOX_REQUESTS = 120
SPACING = 1.5
MODULE = "bl_ext.user_default.tripo_generator"


def main() -> int:
    """Run in this process, or hand over to the Blender that was asked for."""
    if "bpy" in sys.modules:  # inside the Blender that was started below; its folders are set
        return run(Path(os.environ["TRIPO_GENERATOR_HOME"]).parent)
    blender = os.environ.pop("BLENDER", "")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tripo-demo-") as folder:
        profile = Path(folder) / "profile"
        profile.mkdir()
        os.environ["BLENDER_USER_RESOURCES"] = str(profile)
        os.environ["TRIPO_GENERATOR_HOME"] = str(Path(folder) / "home")
        if blender:
            command = [blender, "--background", "--factory-startup", "--python-exit-code", "1"]
            status = subprocess.run([*command, "--python", str(Path(__file__).resolve())]).returncode
        else:
            status = run(Path(folder))
    if status == 0:
        print(f"done in {time.monotonic() - started:.0f} s")
    return status


def run(folder: Path) -> int:
    """Install the ZIP, generate, render, save."""
    live = os.environ.get("LIVE", "") not in ("", "0")
    if live and not os.environ.get(KEY_VARIABLE):
        print(f"LIVE=1 needs the API key in {KEY_VARIABLE}", file=sys.stderr)
        return 1
    install(Path(os.environ["TRIPO_ZIP"]))
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    if live:
        if not confirmed():
            print("nothing was sent")
            return 1
        generate_live()
    else:
        with sandbox() as url:
            os.environ[URL_VARIABLE] = url
            os.environ[KEY_VARIABLE] = SANDBOX_KEY
            preferences().requests_per_minute = SANDBOX_REQUESTS
            generate_three(folder)
    finish()
    return 0


def blender() -> Any:
    """The ``bpy`` module: untyped, since its stubs know neither add-ons nor the kinds of object data."""
    import bpy

    return bpy


def install(archive: Path) -> None:
    """Install and enable the extension in a throw-away profile."""
    bpy = blender()
    bpy.context.preferences.system.use_online_access = True
    bpy.ops.extensions.package_install_files(repo="user_default", filepath=str(archive), enable_on_install=True)
    print(f"installed {archive.name} in Blender {bpy.app.version_string}", flush=True)


@contextmanager
def sandbox() -> Generator[str]:
    """Run the sandbox service for a while; gives its address. It ends with the pipe, whatever happens to us."""
    options = [
        "--key",
        SANDBOX_KEY,
        "--requests-per-minute",
        str(SANDBOX_REQUESTS),
        "--seconds",
        "5",
        "--exit-with-stdin",
    ]
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "sandbox", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        if not select.select([process.stdout], [], [], 60)[0]:
            raise RuntimeError("the sandbox did not start")
        url = str(json.loads(process.stdout.readline())["api_url"])
        print(f"the sandbox service is up at {url}: no key, no credits", flush=True)
        yield url
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def generate_three(folder: Path) -> None:
    """One model from text, one from an image, one from four views, side by side."""
    bpy = blender()
    scene = bpy.context.scene
    tripo: Any = bpy.ops.tripo
    stage(scene)
    print("1 of 3: text to 3D", flush=True)
    place(scene, -SPACING)
    tripo.text_to_3d(prompt=PROMPT, location="CURSOR")
    print("2 of 3: image to 3D, from an image drawn for it", flush=True)
    place(scene, 0.0)
    tripo.image_to_3d(image=str(draw_image(folder / "image.png", 3, "a treasure chest")), location="CURSOR")
    print("3 of 3: multiview to 3D, from four views", flush=True)
    place(scene, SPACING)
    views = {view: str(draw_image(folder / f"{view}.png", number, "a rocket")) for number, view in enumerate(VIEWS)}
    tripo.multiview_to_3d(**views, location="CURSOR")


VIEWS = ("front", "left", "back", "right")


def draw_image(path: Path, seed: int, about: str) -> Path:
    """Write a small image: coloured rings, different for each seed, and what it is about for the sandbox, which
    cannot see."""
    side = 96
    rows = bytearray()
    for y in range(side):
        rows.append(0)  # PNG: this row is not filtered
        for x in range(side):
            distance = math.hypot(x - side / 2, y - side / 2)
            rows += bytes((int(distance * (seed + 2)) % 256, 255 * x // side, 255 * y // side))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(rows), 0)
    chunks = (
        chunk(b"IHDR", header),
        chunk(b"tEXt", b"Description\0" + about.encode()),
        chunk(b"IDAT", pixels),
        chunk(b"IEND", b""),
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


def place(scene: Any, y: float) -> None:
    """Put the 3D cursor where the next model goes."""
    scene.cursor.location = (0.0, y, 0.0)


def generate_live() -> None:
    """One text model on the real service."""
    bpy = blender()
    stage(bpy.context.scene)
    place(bpy.context.scene, 0.0)
    tripo: Any = bpy.ops.tripo
    tripo.text_to_3d(prompt=PROMPT, location="CURSOR")


def confirmed() -> bool:
    """Ask on the terminal before credits are spent."""
    pricing, schema = (sys.modules[f"{MODULE}.client.{name}"] for name in ("schema.pricing", "schema"))
    credits = pricing.price(schema.Kind.TEXT, schema.DEFAULT_VERSION, {}).total
    url = os.environ.get(URL_VARIABLE, "the real service")
    answer = input(f"Send {PROMPT!r} to {url} for {credits} credits? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def preferences() -> Any:
    """The extension's preferences."""
    bpy = blender()
    return bpy.context.preferences.addons[MODULE].preferences


def stage(scene: Any) -> None:
    """A floor, three lights, a camera and Cycles on the CPU."""
    bpy = blender()
    # Emptied by hand: the profile is a new one, and nothing is saved in it that a loaded file could rely on.
    bpy.data.batch_remove([*scene.objects, *bpy.data.collections])
    bpy.ops.mesh.primitive_plane_add(size=400)
    floor = bpy.context.object
    floor.name = "Floor"
    material = bpy.data.materials.new("Floor")
    if material.node_tree is None:  # always there from Blender 5 on
        material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.32, 0.34, 0.38, 1.0)
    shader.inputs["Roughness"].default_value = 0.8
    floor.data.materials.append(material)
    for name, position, energy, size in (
        ("Key", (4.0, -3.0, 4.5), 380.0, 2.0),
        ("Fill", (4.0, 4.0, 2.5), 140.0, 4.0),
        ("Rim", (-3.5, 0.5, 4.0), 220.0, 2.0),
    ):
        light = bpy.data.objects.new(name, bpy.data.lights.new(name, "AREA"))
        light.data.energy, light.data.size = energy, size
        light.location = position
        look_at(light, (0.0, 0.0, 0.5))
        scene.collection.objects.link(light)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 55.0
    camera.location = (7.2, 0.0, 2.0)
    look_at(camera, (0.0, 0.0, 0.52))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("World")
    if scene.world.node_tree is None:
        scene.world.use_nodes = True
    background = scene.world.node_tree.nodes.get("Background")
    if background is not None:
        background.inputs["Color"].default_value = (0.55, 0.62, 0.72, 1.0)
        background.inputs["Strength"].default_value = 0.35


def look_at(obj: Any, target: tuple[float, float, float]) -> None:
    """Turn an object's −Z axis towards a point."""
    from mathutils import Vector

    obj.rotation_euler = (Vector(target) - obj.location).to_track_quat("-Z", "Y").to_euler()


def can_denoise() -> bool:
    """Whether this build of Blender can denoise: Debian's cannot."""
    cycles = sys.modules.get("_cycles")
    return bool(getattr(cycles, "with_openimagedenoise", False))


def finish() -> None:
    """Render and save."""
    bpy = blender()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    denoises = can_denoise()
    scene.cycles.use_denoising = denoises
    scene.cycles.samples = 32 if denoises else 128
    scene.render.resolution_x, scene.render.resolution_y = 1200, 600
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(OUTPUT / "demo.png")
    started = time.monotonic()
    bpy.ops.render.render(write_still=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(OUTPUT / "demo.blend"), check_existing=False)
    models = [c for c in scene.collection.children_recursive if c.get("tripo_task_id")]
    faces = sum(len(obj.data.polygons) for c in models for obj in c.all_objects if obj.type == "MESH")
    print(f"rendered {len(models)} models, {faces:,} faces, in {time.monotonic() - started:.0f} s")
    for name in ("demo.png", "demo.blend"):
        size = math.ceil((OUTPUT / name).stat().st_size / 1024)
        print(f"  {OUTPUT / name} ({size:,} kB)")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The bpy wheel may crash at interpreter exit; everything is written by now.
    os._exit(code)
