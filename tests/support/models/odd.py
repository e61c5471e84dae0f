"""Small model files by hand of every kind that importers open although something about them is odd.

Each is a cube of 8 vertices and 12 triangles with one image, unless its `Odd` says otherwise. Written with the
standard library only: the unit tests and Blender's Python use them.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

Json = dict[str, Any]
POSITIONS = [float(one) for corner in product((-1, 1), repeat=3) for one in corner]
UVS = [float(one) for corner in product((0, 1), repeat=3) for one in corner[1:]]
TRIANGLES = [
    *(0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1),
    *(2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3),
]
# One pixel of a kind whose name no magic number tells; Pillow wrote neither of them.
GIF = base64.b64decode("R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")
TGA = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 4, 4, 24, 0) + b"\x20\x80\xf0" * 16
BMP = (
    b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 54 + 48, 0, 0, 54, 40, 4, 4, 1, 24, 0, 48, 0, 0, 0, 0)
    + b"\x20\x80\xf0" * 16
)


def png(side: int = 4, shade: int = 200) -> bytes:
    """A PNG of one colour; a large one is small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1 if side > 64 else 8, 0, 0, 0, 0)
    row = b"\0" + (bytes(side // 8) if side > 64 else bytes([shade]) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")


class Cube:
    """A glTF document of a cube with one image, and its binary data: change `document`, then ask for the bytes."""

    def __init__(self, image: bytes | None = None, mime: str = "image/png") -> None:
        self.binary = bytearray()
        self.document: Json = {"asset": {"version": "2.0"}, "bufferViews": []}
        self.document["images"] = [{"bufferView": self.view(png() if image is None else image), "mimeType": mime}]
        positions = self.view(struct.pack("<24f", *POSITIONS))
        uvs = self.view(struct.pack("<16f", *UVS))
        indices = self.view(struct.pack("<36H", *TRIANGLES))
        self.document["accessors"] = [
            {
                "bufferView": positions,
                "componentType": 5126,
                "count": 8,
                "type": "VEC3",
                "min": [-1] * 3,
                "max": [1] * 3,
            },
            {"bufferView": uvs, "componentType": 5126, "count": 8, "type": "VEC2"},
            {"bufferView": indices, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ]
        attributes = {"POSITION": 0, "TEXCOORD_0": 1}
        self.document["meshes"] = [{"primitives": [{"attributes": attributes, "indices": 2, "material": 0}]}]
        self.document["materials"] = [{"name": "Paint", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
        self.document["textures"] = [{"source": 0}]
        self.document["nodes"] = [{"name": "Cube", "mesh": 0}]
        self.document["scenes"] = [{"nodes": [0]}]
        self.document["scene"] = 0

    def view(self, data: bytes) -> int:
        """Add bytes; gives the number of their view."""
        self.binary += bytes(-len(self.binary) % 4)
        self.document["bufferViews"].append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)})
        self.binary += data
        return len(self.document["bufferViews"]) - 1

    def glb(self, more: int = 0) -> bytes:
        """The file; `more` is added to the length that its buffer is said to have."""
        binary = bytes(self.binary) + bytes(-len(self.binary) % 4)
        text = json.dumps(self.document | {"buffers": [{"byteLength": len(binary) + more}]}).encode()
        text += b" " * (-len(text) % 4)
        head = struct.pack("<4sIII4s", b"glTF", 2, 28 + len(text) + len(binary), len(text), b"JSON")
        return head + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary

    def gltf(self, folder: str = "") -> dict[str, bytes]:
        """The file as text with its buffer beside it, for an archive."""
        document = self.document | {"buffers": [{"byteLength": len(self.binary), "uri": "model.bin"}]}
        return {f"{folder}scene.gltf": json.dumps(document).encode(), f"{folder}model.bin": bytes(self.binary)}


def naming(uri: str) -> Cube:
    """A cube whose image is a file."""
    cube = Cube()
    cube.document["images"] = [{"uri": uri}]
    return cube


def changed(change: Callable[[Cube], object]) -> bytes:
    cube = Cube()
    change(cube)
    return cube.glb()


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def obj(library: str = "model.mtl") -> bytes:
    lines = [f"mtllib {library}", "o Cube", "usemtl Paint"]
    lines += [f"v {x:g} {y:g} {z:g}" for x, y, z in zip(*[iter(POSITIONS)] * 3, strict=True)]
    lines += [f"vt {u:g} {v:g}" for u, v in zip(*[iter(UVS)] * 2, strict=True)]
    corners = zip(*[iter(TRIANGLES)] * 3, strict=True)
    lines += ["f " + " ".join(f"{one + 1}/{one + 1}" for one in triangle) for triangle in corners]
    return "\n".join([*lines, ""]).encode()


def mtl(image: str = "tex.png") -> bytes:
    return f"newmtl Paint\nKd 1 1 1\nmap_Kd {image}\n".encode()


def usda(image: str = "tex.png", points: str = "", moves: str = "") -> bytes:
    """A quad of 1 × 1 m with an image; `moves` are time samples of its translation, `points` those of its points."""
    translate = (
        f"double3 xformOp:translate.timeSamples = {{{moves}}}" if moves else "double3 xformOp:translate = (0,0,0)"
    )
    shape = f"point3f[] points.timeSamples = {{{points}}}" if points else f"point3f[] points = {SQUARE}"
    return f"""#usda 1.0
(
    defaultPrim = "Root"
    upAxis = "Z"
    metersPerUnit = 1
    startTimeCode = 1
    endTimeCode = 24
    timeCodesPerSecond = 24
)
def Xform "Root"
{{
    def Mesh "Quad" (prepend apiSchemas = ["MaterialBindingAPI"])
    {{
        int[] faceVertexCounts = [4]
        int[] faceVertexIndices = [0, 1, 2, 3]
        {shape}
        texCoord2f[] primvars:st = [(0,0),(1,0),(1,1),(0,1)] (interpolation = "vertex")
        rel material:binding = </Root/Paint>
        {translate}
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def Material "Paint"
    {{
        token outputs:surface.connect = </Root/Paint/Surface.outputs:surface>
        def Shader "Surface"
        {{
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor.connect = </Root/Paint/Image.outputs:rgb>
            token outputs:surface
        }}
        def Shader "Image"
        {{
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @{image}@
            float2 inputs:st.connect = </Root/Paint/Map.outputs:result>
            float3 outputs:rgb
        }}
        def Shader "Map"
        {{
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }}
    }}
}}
""".encode()


SQUARE = "[(0,0,0),(1,0,0),(1,1,0),(0,1,0)]"
RAISED = "[(0,0,2),(1,0,2),(1,1,2),(0,1,2)]"


def usdz(files: dict[str, bytes]) -> bytes:
    """A USDZ: nothing is compressed, and each file begins at a multiple of 64 bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            begin = target.tell() + 30 + len(name)
            info.extra = struct.pack("<HH", 0x1986, (-begin - 4) % 64) + bytes((-begin - 4) % 64)
            file.writestr(info, data)
    return target.getvalue()


@dataclass(frozen=True)
class Odd:
    """One file and what comes of it: how many of each, and what is told to be missing or why it is refused."""

    suffix: str
    make: Callable[[], bytes]
    objects: int = 1
    meshes: int = 1
    vertices: int = 8
    faces: int = 12
    uv_layers: int = 1
    images: int = 1
    with_pixels: int = 1
    side: int = 4
    warnings: list[list[str]] = field(default_factory=list[list[str]])
    refused: str = ""

    def write(self, folder: Path) -> Path:
        path = folder / f"download{self.suffix}"
        path.write_bytes(self.make())
        return path


def _stride_0(cube: Cube) -> None:
    cube.document["bufferViews"][1]["byteStride"] = 0


def _stride_of_indices(cube: Cube) -> None:
    cube.document["bufferViews"][3]["byteStride"] = 2


def _colours_of_three_bytes(cube: Cube) -> None:
    view = cube.view(bytes(range(0, 240, 10)))
    cube.document["bufferViews"][view]["byteStride"] = 3
    accessor = {"bufferView": view, "componentType": 5121, "count": 8, "type": "VEC3", "normalized": True}
    cube.document["accessors"].append(accessor)
    cube.document["meshes"][0]["primitives"][0]["attributes"] = {"POSITION": 0, "COLOR_0": 3}
    for key in ("images", "textures", "materials"):
        del cube.document[key]
    del cube.document["meshes"][0]["primitives"][0]["material"]


def _another_kind(extension: str, mime: str, *, required: bool) -> Callable[[Cube], None]:
    def change(cube: Cube) -> None:
        cube.document["images"].append({"bufferView": cube.view(b"\0" * 40), "mimeType": mime})
        cube.document["textures"][0]["extensions"] = {extension: {"source": 1}}
        cube.document["extensionsUsed"] = [extension]
        if required:
            cube.document["extensionsRequired"] = [extension]

    return change


def _many_images(cube: Cube) -> None:
    view = cube.view(png(4096))
    document = cube.document
    document["images"] = [{"bufferView": view, "mimeType": "image/png", "name": f"t{one}"} for one in range(33)]
    document["textures"] = [{"source": one} for one in range(33)]
    document["materials"] = [
        {"pbrMetallicRoughness": {"baseColorTexture": {"index": one}}, "name": f"m{one}"} for one in range(33)
    ]
    attributes = {"POSITION": 0, "TEXCOORD_0": 1}
    document["meshes"] = [
        {"primitives": [{"attributes": attributes, "indices": 2, "material": one}]} for one in range(33)
    ]
    document["nodes"] = [{"mesh": one, "translation": [3 * one, 0, 0]} for one in range(33)]
    document["scenes"] = [{"nodes": list(range(33))}]


def _chain(cube: Cube) -> None:
    cube.document["nodes"] += [{"name": f"n{one}", "children": [one]} for one in range(500)]
    cube.document["scenes"] = [{"nodes": [500]}]


def _scene_lists_child(cube: Cube) -> None:
    cube.document["nodes"] = [{"mesh": 0, "children": [1]}, {"mesh": 0, "translation": [3, 0, 0]}]
    cube.document["scenes"] = [{"nodes": [0, 1]}]


def _glb(change: Callable[[Cube], object], **expected: Any) -> Odd:
    return Odd(".glb", lambda: changed(change), **expected)


def _image(data: bytes, mime: str, **expected: Any) -> Odd:
    return Odd(".glb", lambda: Cube(data, mime).glb(), **expected)


def _zip(files: Callable[[], dict[str, bytes]], **expected: Any) -> Odd:
    return Odd(".zip", lambda: archive(files()), **expected)


UNREADABLE = {"with_pixels": 0, "warnings": [["image unreadable", "Image_0"]]}
WITHOUT = {"images": 0, "with_pixels": 0}
LIBRARY = {**WITHOUT, "warnings": [["materials missing", "model.mtl"]]}
QUAD = {"objects": 2, "vertices": 4, "faces": 1}
TEX = {"tex.png": png()}
MOVED = "1: (0,0,0), 12: (0,0,2), 24: (0,0,0)"
BENT = f"1: {SQUARE}, 12: {RAISED}, 24: {SQUARE}"

ODD: dict[str, Odd] = {
    "PNG called JPEG": _image(png(), "image/jpeg"),
    "BMP called x-ms-bmp": _image(BMP, "image/x-ms-bmp"),
    "GIF": _image(GIF, "image/gif", **UNREADABLE),
    "TGA": _image(TGA, "image/x-tga"),
    "image of no bytes": _image(b"", "image/png", **UNREADABLE),
    "image of nonsense": _image(b"nothing of the kind", "image/png", **UNREADABLE),
    "AVIF with a fallback": _glb(_another_kind("EXT_texture_avif", "image/avif", required=False)),
    "KTX2 required": _glb(
        _another_kind("KHR_texture_basisu", "image/ktx2", required=True), refused="KHR_texture_basisu"
    ),
    "stride of 0": _glb(_stride_0),
    "stride of indices": _glb(_stride_of_indices),
    "colours of three bytes": _glb(_colours_of_three_bytes, uv_layers=0, **WITHOUT),
    "buffer longer than its data": Odd(".glb", lambda: Cube().glb(more=3)),
    "33 large images": _glb(_many_images, objects=33, meshes=33, images=33, with_pixels=33, side=4096),
    "chain of 500 nodes": _glb(_chain, objects=501),
    "scene that lists a child": _glb(_scene_lists_child, objects=2, meshes=2),
    "GLB whose image is not there": Odd(
        ".glb", lambda: naming("textures/gone.png").glb(), with_pixels=0, warnings=[["image missing", "gone.png"]]
    ),
    "GLB beside its image": _zip(lambda: {"model.glb": naming("tex.png").glb(), **TEX}),
    "GLB with an image by absolute path": _zip(lambda: {"model.glb": naming("/home/someone/tex.png").glb(), **TEX}),
    "GLB with an image by a file address": _zip(lambda: {"model.glb": naming("file:///C:/a/tex.png").glb(), **TEX}),
    "glTF in a folder of its own": _zip(
        lambda: {**naming("../textures/tex.png").gltf("source/"), "textures/tex.png": png()}
    ),
    "glTF whose image is not there": _zip(
        lambda: naming("textures/gone.png").gltf(), with_pixels=0, warnings=[["image missing", "gone.png"]]
    ),
    "glTF in another case": _zip(lambda: {**naming("Textures/Tex.PNG").gltf(), "textures/tex.png": png()}),
    "glTF with backslashes": _zip(lambda: {**naming("textures\\tex.png").gltf(), "textures/tex.png": png()}),
    "glTF with escapes": _zip(lambda: {**naming("my%20tex%23.png").gltf(), "my tex#.png": png()}),
    "OBJ with a Windows path": _zip(
        lambda: {"model.obj": obj(), "model.mtl": mtl("C:\\Users\\artist\\tex.png"), **TEX}
    ),
    "OBJ with an absolute path": _zip(lambda: {"model.obj": obj(), "model.mtl": mtl("/home/artist/tex.png"), **TEX}),
    "OBJ with a share": _zip(lambda: {"model.obj": obj(), "model.mtl": mtl("\\\\server\\art\\tex.png"), **TEX}),
    "OBJ with options": _zip(
        lambda: {"model.obj": obj(), "model.mtl": mtl("-s 1 1 1 -bm 0.5 ../maps/my tex.png"), "maps/my tex.png": png()}
    ),
    "OBJ whose materials have an absolute path": _zip(
        lambda: {"body.obj": obj("C:/art/model.mtl"), "model.mtl": mtl(), **TEX}
    ),
    "OBJ in a folder of its own": _zip(
        lambda: (
            {"source/model.obj": obj("../materials/Model.mtl"), "materials/model.mtl": mtl("../tex/tex.png")}
            | {"tex/tex.png": png()}
        )
    ),
    "OBJ that ends with a zero": Odd(".obj", lambda: obj() + b"\n\0\n", **LIBRARY),
    "OBJ with long comments": Odd(".obj", lambda: b"# made by hand, line by line\n" * 4000 + obj(), **LIBRARY),
    "OBJ whose image is not there": _zip(
        lambda: {"model.obj": obj(), "model.mtl": mtl("maps/gone.png")},
        with_pixels=0,
        warnings=[["image missing", "gone.png"]],
    ),
    "names of Windows": _zip(lambda: {"out\\model.obj": obj(), "out\\model.mtl": mtl(), "out\\tex.png": png()}),
    "names that Windows forbids": _zip(
        lambda: {"what is this?.obj": obj("con.mtl"), "con.mtl": mtl("a|b.png"), "a|b.png": png()}
    ),
    "two models": _zip(
        lambda: {"body.glb": Cube().glb(), "wheel.glb": Cube(png(shade=9)).glb()},
        objects=2,
        meshes=2,
        images=2,
        with_pixels=2,
    ),
    "two models of two formats": _zip(
        lambda: {"body.glb": Cube().glb(), "wheel.obj": obj()}, warnings=[["model", "wheel.obj"]]
    ),
    "one model in two formats": _zip(lambda: {"body.glb": Cube().glb(), "body.obj": obj()}),
    "one of two models cannot be read": _zip(
        lambda: {
            "a.glb": changed(_another_kind("KHR_texture_basisu", "image/ktx2", required=True)),
            "b.glb": Cube().glb(),
        },
        warnings=[["model", "a.glb"]],
    ),
    "USD with a Windows path": _zip(lambda: {"model.usda": usda("C:/Users/artist/tex.png"), **TEX}, **QUAD),
    "USD in a folder of its own": _zip(
        lambda: {"source/model.usda": usda("..\\textures\\tex.png"), "textures/tex.png": png()}, **QUAD
    ),
    "USDZ with an absolute path": Odd(".usdz", lambda: usdz({"m.usda": usda("/home/a/tex.png"), **TEX}), **QUAD),
    "USD whose image is not there": Odd(
        ".usda", lambda: usda("gone.png"), **{**QUAD, **WITHOUT}, warnings=[["image missing", ""]]
    ),
    "USD that moves": Odd(".usdz", lambda: usdz({"m.usda": usda(moves=MOVED), **TEX}), **QUAD),
    "USD that moves, zipped": _zip(lambda: {"m.usda": usda(moves=MOVED), "read me.txt": b"hello", **TEX}, **QUAD),
    "USD that changes its shape": Odd(".usdz", lambda: usdz({"m.usda": usda(points=BENT), **TEX}), **QUAD),
    "address of an image": Odd(".glb", lambda: naming("https://example.org/a.png").glb(), refused="network"),
    "share with an image": Odd(".glb", lambda: naming("\\\\server\\art\\a.png").glb(), refused="network"),
    "buffer that is not there": Odd(
        ".zip", lambda: archive({"a.gltf": Cube().gltf()["scene.gltf"]}), refused="missing"
    ),
}
