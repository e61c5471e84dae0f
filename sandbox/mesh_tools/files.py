# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a model in each format that results come in."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

import numpy as np

from ..models.glb import Material, encode_glb
from .fbx_writer import encode_fbx
from .model import Model, Piece
from .nodes import nodes_of

NAMES = {
    "GLTF": "model.glb",
    "USDZ": "model.usdz",
    "FBX": "model.fbx",
    "OBJ": "model.zip",
    "STL": "model.stl",
    "3MF": "model.3mf",
}
"""What the result is called, by the format asked for. An OBJ comes in an archive, with its materials."""
_DATE = (2026, 1, 1, 0, 0, 0)
_ALIGNED = 64


def write(model: Model, wanted: str) -> bytes:
    """The bytes of the file."""
    writers: dict[str, Callable[[Model], bytes]] = {
        "GLTF": _glb,
        "USDZ": _usdz,
        "FBX": lambda one: encode_fbx(one.pieces),
        "OBJ": _obj,
        "STL": _stl,
        "3MF": _3mf,
    }
    return writers[wanted](model)


def _suffix(image: bytes) -> str:
    return ".png" if image.startswith(b"\x89PNG") else ".jpg"


def _glb(model: Model) -> bytes:
    materials = [Material(one.name, one.color, 0.0, 0.8, one.image or None) for one in model.looks]
    with_uv = all(piece.uvs is not None for piece in model.pieces)
    if not with_uv:
        materials = [Material(one.name, one.color, 0.0, 0.8) for one in model.looks]
    return encode_glb(nodes_of(model.pieces), materials, with_uv=with_uv)


def _obj(model: Model) -> bytes:
    lines, colors = ["mtllib model.mtl"], list[str]()
    seen = mapped = 1
    for piece in model.pieces:
        lines += [f"o {piece.name}", *(f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in piece.positions)]
        if piece.uvs is not None:
            lines += [f"vt {u:.6f} {1 - v:.6f}" for u, v in piece.uvs]
        lines.append(f"usemtl material_{piece.material}")
        for face in piece.faces:
            corners = (f"{seen + i}/{mapped + i}" if piece.uvs is not None else f"{seen + i}" for i in face)
            lines.append(f"f {' '.join(corners)}")
        seen += len(piece.positions)
        mapped += 0 if piece.uvs is None else len(piece.uvs)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, look in enumerate(model.looks):
            red, green, blue = look.color
            colors += [f"newmtl material_{number}", f"Kd {red:.4f} {green:.4f} {blue:.4f}"]
            for use, what, image in (("map_Kd", "", look.image), ("map_Bump", "_normal", look.normal)):
                if image:
                    name = f"textures/material_{number}{what}{_suffix(image)}"
                    colors.append(f"{use} {name}")
                    archive.writestr(zipfile.ZipInfo(name, _DATE), image)
        archive.writestr(zipfile.ZipInfo("model.obj", _DATE), "\n".join([*lines, ""]), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("model.mtl", _DATE), "\n".join([*colors, ""]), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _stl(model: Model) -> bytes:
    corners = np.concatenate([piece.positions[piece.faces] for piece in model.pieces])[..., [0, 2, 1]] * (1, -1, 1)
    record = np.zeros(len(corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")]))
    record["corners"] = corners
    return b"made by the sandbox".ljust(80) + struct.pack("<I", len(corners)) + record.tobytes()


def _3mf(model: Model) -> bytes:
    """By the 3MF core specification 1.2: millimetres, +Z up."""
    objects: list[str] = []
    for number, piece in enumerate(model.pieces, 1):
        points = piece.positions[:, [0, 2, 1]] * (1000, -1000, 1000)
        vertices = "".join(f'<vertex x="{x:.4f}" y="{y:.4f}" z="{z:.4f}"/>' for x, y, z in points)
        faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in piece.faces)
        objects.append(
            f'<object id="{number}" type="model" name={quoteattr(piece.name)}><mesh><vertices>{vertices}</vertices>'
            f"<triangles>{faces}</triangles></mesh></object>"
        )
    items = "".join(f'<item objectid="{number}"/>' for number in range(1, len(objects) + 1))
    core = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Target="/3D/3dmodel.model" Id="rel0"'
        ' Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>',
        "3D/3dmodel.model": f'{head}<model unit="millimeter" xml:lang="en-US" xmlns="{core}">'
        f"<resources>{''.join(objects)}</resources><build>{items}</build></model>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _usdz(model: Model) -> bytes:
    """An archive that is not compressed, in which every file begins at a multiple of 64 bytes, the stage first."""
    images = {f"textures/material_{n}{_suffix(one.image)}": one.image for n, one in enumerate(model.looks) if one.image}
    text = "\n".join([
        '#usda 1.0\n(\n    defaultPrim = "Root"\n    metersPerUnit = 1\n    upAxis = "Y"\n)\ndef Xform "Root"\n{',
        *(_usd_mesh(number, piece) for number, piece in enumerate(model.pieces)),
        '    def Scope "Materials"\n    {',
        *(_usd_material(number, model) for number in range(len(model.looks))),
        "    }\n}\n",
    ])  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {"model.usda": text.encode(), **images}.items():
            info = zipfile.ZipInfo(name, _DATE)
            spare = -(file.tell() + 30 + len(name.encode())) % _ALIGNED
            if 0 < spare < 4:
                spare += _ALIGNED
            if spare:
                info.extra = struct.pack("<HH", 0x1986, spare - 4) + bytes(spare - 4)
            archive.writestr(info, data)
    return file.getvalue()


def _usd_mesh(number: int, piece: Piece) -> str:
    points = ", ".join(f"({x:.6f}, {y:.6f}, {z:.6f})" for x, y, z in piece.positions)
    counts = ", ".join([str(piece.faces.shape[1])] * len(piece.faces))
    corners = ", ".join(str(corner) for corner in piece.faces.reshape(-1))
    lines = [
        f'    def Mesh "mesh_{number}" (\n        prepend apiSchemas = ["MaterialBindingAPI"]\n    )\n    {{',
        f"        int[] faceVertexCounts = [{counts}]",
        f"        int[] faceVertexIndices = [{corners}]",
        f"        point3f[] points = [{points}]",
        '        uniform token subdivisionScheme = "none"',
        f"        rel material:binding = </Root/Materials/material_{piece.material}>",
    ]
    if piece.uvs is not None:
        uvs = ", ".join(f"({u:.6f}, {1 - v:.6f})" for u, v in piece.uvs)
        lines.append(f'        texCoord2f[] primvars:st = [{uvs}] (\n            interpolation = "vertex"\n        )')
    return "\n".join([*lines, "    }"])


def _usd_material(number: int, model: Model) -> str:
    look, place = model.looks[number], f"/Root/Materials/material_{number}"
    red, green, blue = look.color
    color, textures = f"color3f inputs:diffuseColor = ({red:.4f}, {green:.4f}, {blue:.4f})", ""
    if look.image:
        color = f"color3f inputs:diffuseColor.connect = <{place}/image.outputs:rgb>"
        textures = f"""
            def Shader "image"
            {{
                uniform token info:id = "UsdUVTexture"
                asset inputs:file = @textures/material_{number}{_suffix(look.image)}@
                float2 inputs:st.connect = <{place}/uv.outputs:result>
                float3 outputs:rgb
            }}
            def Shader "uv"
            {{
                uniform token info:id = "UsdPrimvarReader_float2"
                string inputs:varname = "st"
                float2 outputs:result
            }}"""
    return f"""        def Material "material_{number}"
        {{
            token outputs:surface.connect = <{place}/surface.outputs:surface>
            def Shader "surface"
            {{
                uniform token info:id = "UsdPreviewSurface"
                {color}
                token outputs:surface
            }}{textures}
        }}"""
