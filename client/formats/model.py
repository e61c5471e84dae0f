"""What `inspect` is told and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30


class Format(StrEnum):
    """Formats of 3D models, recognised by content."""

    GLB = "GLB"
    GLTF = "glTF"
    ZIP = "ZIP"
    USDZ = "USDZ"
    USDC = "USDC"
    USDA = "USDA"
    FBX = "FBX"
    FBX_ASCII = "FBX (text)"
    OBJ = "OBJ"
    STL = "STL"
    STL_ASCII = "STL (text)"
    PLY = "PLY"
    THREEMF = "3MF"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask for. The defaults are far above what the service makes and below what hurts."""

    file_bytes: int = 4 * GIB
    json_bytes: int = 64 * MIB
    json_values: int = 4_000_000
    """Commas and brackets in JSON, counted before it is parsed: each may become an object in memory."""
    json_depth: int = 64
    items: int = 100_000
    """Members of each list of a glTF file: nodes, meshes, accessors …"""
    node_depth: int = 400
    triangles: int = 30_000_000
    vertices: int = 60_000_000
    keyframes: int = 20_000_000
    pictures: int = 1_000
    picture_side: int = 16_384
    picture_pixels: int = 1 << 29
    """Pixels of all pictures together."""
    strict_mime: bool = True
    """Refuse a picture of another kind than its `mimeType` says (an importer looks at the content)."""
    unpacked_bytes: int = 2 * GIB
    """Size of compressed geometry once it is unpacked."""
    archive_entries: int = 4_096
    archive_bytes: int = 2 * GIB
    """Size of all files of an archive once they are unpacked."""
    archive_ratio: int = 200
    """How much smaller a packed file may be, for files above `archive_ratio_from` bytes."""
    archive_ratio_from: int = 64 * MIB
    archive_name: int = 240


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that passed every check that can be made without parsing it with an importer."""

    path: Path
    """The file to import; for an archive seen by `inspect` the archive itself."""
    format: Format
    size: int
    """Bytes of `path`."""
    inner: Format | None = None
    """For Format.ZIP: the format of the model inside; `unpack` it first."""
    triangles: int | None = None
    """Triangles of all distinct meshes, where that is known without unpacking."""
    vertices: int | None = None
    pictures: int = 0
    needs_meshopt: bool = False
    """Geometry is compressed with meshopt, which Blender 4.2 to 5.1 cannot read: expand it first."""
    uses_draco: bool = False
    extensions_required: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    """All files unpacked from an archive, `path` among them."""

    @property
    def is_archive(self) -> bool:
        """Whether the file has to be unpacked before it can be imported."""
        return self.format is Format.ZIP
