"""The binary side of a glTF file: buffers, buffer views, accessors and images, each within the one below it.

After the glTF 2.0 specification, chapters 3.6 (binary data storage) and 3.8 (images), and the extensions
EXT_meshopt_compression and KHR_meshopt_compression.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .errors import contradicts, too_large, unsafe
from .fields import Fields
from .model import Limits
from .names import data_of_uri, file_of_uri
from .pictures import PictureBudget, measure
from .spans import Span

MESHOPT = ("KHR_meshopt_compression", "EXT_meshopt_compression")
COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
INDEX_TYPES = (5121, 5123, 5125)
INDEX_CODES = {5121: "u1", 5123: "<u2", 5125: "<u4"}
COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
# Columns of small matrices are padded to four bytes.
PADDED_MATRICES = {("MAT2", 1): 8, ("MAT3", 1): 12, ("MAT3", 2): 24}
MESHOPT_STRIDES = {
    "NONE": tuple(range(4, 257, 4)),
    "OCTAHEDRAL": (4, 8),
    "QUATERNION": (8,),
    "EXPONENTIAL": tuple(range(4, 257, 4)),
    "COLOR": (4, 8),
}
READ_STEP = 1 << 22


@dataclass(frozen=True, slots=True)
class Buffer:
    """`length` bytes as declared; `span` is None for a placeholder without data."""

    length: int
    span: Span | None


@dataclass(frozen=True, slots=True)
class View:
    """A buffer view; `span` is None if its bytes are only there compressed."""

    length: int
    stride: int | None
    span: Span | None


@dataclass(frozen=True, slots=True)
class Accessor:
    """An accessor within its view; `span` holds plain, tightly packed elements or is None."""

    count: int
    component: int
    shape: str
    span: Span | None


class GltfData:
    """Checks on construction, raising UnsafeFile; a context manager, since it opens files a glTF names."""

    def __init__(self, document: Fields, binary: Span | None, folder: Path | None, limits: Limits) -> None:
        self._limits = limits
        self._folder = folder
        self._open = ExitStack()
        self._unpacked = 0
        self._largest_index: dict[int, int] = {}
        self._pictures = PictureBudget(limits)
        self.needs_meshopt = False
        try:
            self._buffers = self._read_buffers(document, binary)
            views = document.children("bufferViews", "buffer view", limits.items)
            self.views = [self._view(view) for view in views]
            accessors = document.children("accessors", "accessor", limits.items)
            self.accessors = [self._accessor(accessor) for accessor in accessors]
            self.images = document.children("images", "image", limits.items)
            for image in self.images:
                self._check_image(image)
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> GltfData:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def pictures(self) -> int:
        """How many images there are."""
        return self._pictures.count

    def largest_index(self, number: int) -> int | None:
        """Largest value of accessor `number`, which holds vertex indices; None if empty or not plain."""
        accessor = self.accessors[number]
        if accessor.shape != "SCALAR" or accessor.component not in INDEX_CODES:
            raise contradicts(f"accessor {number} cannot hold indices")
        span = accessor.span
        if span is None or not accessor.count:
            return None
        if number not in self._largest_index:
            import numpy as np  # here: see `formats.load`

            code = INDEX_CODES[accessor.component]
            pieces = range(0, span.length, READ_STEP)
            read = (span.read(offset, min(READ_STEP, span.length - offset)) for offset in pieces)
            self._largest_index[number] = max(int(np.frombuffer(piece, code).max()) for piece in read)
        return self._largest_index[number]

    def _add_unpacked(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > self._limits.unpacked_bytes:
            raise too_large("bytes once it is unpacked", self._limits.unpacked_bytes)

    def _load(self, uri: str) -> Span:
        if uri.startswith("data:"):
            return Span.of_bytes(data_of_uri(uri, self._limits.json_bytes))
        path = file_of_uri(uri, self._folder)
        size = path.stat().st_size
        if size > self._limits.file_bytes:
            raise too_large("bytes", self._limits.file_bytes)
        # Opened once for every reference to it, as an importer does.
        if len(self._opened) >= self._limits.pictures:
            raise too_large("files", self._limits.pictures)
        if path not in self._opened:
            self._opened[path] = Span(self._open.enter_context(path.open("rb")), 0, size)
        return self._opened[path]

    def _read_buffers(self, document: Fields, binary: Span | None) -> list[Buffer]:
        self._opened: dict[Path, Span] = {}
        buffers: list[Buffer] = []
        for number, buffer in enumerate(document.children("buffers", "buffer", self._limits.items)):
            length = buffer.whole("byteLength")
            uri = buffer.text("uri")
            span = self._load(uri) if uri is not None else binary if number == 0 else None
            if span is not None:
                if length > span.length:
                    raise contradicts(f"buffer {number} reaches outside of its data")
                span = span.part(0, length)
            elif length > self._limits.unpacked_bytes:
                raise too_large("bytes once it is unpacked", self._limits.unpacked_bytes)
            buffers.append(Buffer(length, span))
        return buffers

    def _view(self, view: Fields) -> View:
        buffer = self._buffers[view.index("buffer", len(self._buffers))]
        offset, length = view.whole("byteOffset", 0), view.whole("byteLength")
        if offset + length > buffer.length:
            raise contradicts(f"{view.where} reaches outside of its buffer")
        stride = view.whole("byteStride", low=4, high=252) if view.has("byteStride") else None
        stream = view.extension(*MESHOPT)
        if stream is not None:
            self._check_stream(view, stream, length)
            # The importer sees what `stream` unpacks to, whatever lies in the fallback buffer.
            return View(length, stride, None)
        if buffer.span is None:
            raise contradicts(f"{view.where} has no data")
        return View(length, stride, buffer.span.part(offset, length))

    def _check_stream(self, view: Fields, stream: Fields, length: int) -> None:
        self.needs_meshopt = True
        buffer = self._buffers[stream.index("buffer", len(self._buffers))]
        if buffer.span is None or stream.whole("byteOffset", 0) + stream.whole("byteLength") > buffer.length:
            raise contradicts(f"the compressed data of {view.where} reaches outside of its buffer")
        count, stride = stream.whole("count"), stream.whole("byteStride", low=2, high=256)
        mode, name = stream.text("mode"), stream.text("filter") or "NONE"
        if mode == "ATTRIBUTES":
            fits = stride in MESHOPT_STRIDES.get(name, ())
        elif mode in ("TRIANGLES", "INDICES"):
            fits = stride in (2, 4) and name == "NONE" and not (mode == "TRIANGLES" and count % 3)
        else:
            fits = False
        if not fits or count * stride != length:
            raise contradicts(f"the compression of {view.where} is not described rightly")
        self._add_unpacked(length)

    def _accessor(self, accessor: Fields) -> Accessor:
        component = accessor.whole("componentType")
        shape = accessor.text("type")
        if component not in COMPONENT_BYTES or shape not in COMPONENTS:
            raise contradicts(f"{accessor.where} is of an unknown type")
        size = _element_bytes(component, shape)
        count = accessor.whole("count")
        offset = accessor.whole("byteOffset", 0)
        number = accessor.optional_index("bufferView", len(self.views))
        span = None
        if number is None:
            # An importer fills it with zeros (unless Draco does).
            self._add_unpacked(count * size)
        else:
            span = self._elements(accessor, number, offset, count, component, shape)
        sparse = accessor.child("sparse")
        if sparse is not None:
            self._check_sparse(sparse, count, component, shape)
            span = None
        return Accessor(count, component, shape, span)

    def _elements(self, owner: Fields, number: int, offset: int, count: int, component: int, shape: str) -> Span | None:
        """Check that `count` elements fit; gives them if they are plain and tightly packed."""
        view = self.views[number]
        size = _element_bytes(component, shape)
        stride = view.stride or size
        if stride < size or stride % COMPONENT_BYTES[component]:
            raise contradicts(f"{owner.where} does not fit its buffer view")
        used = (count - 1) * stride + size if count else 0
        if offset + used > view.length:
            raise contradicts(f"{owner.where} reaches outside of its buffer view")
        return view.span.part(offset, used) if view.span is not None and stride == size else None

    def _check_sparse(self, sparse: Fields, count: int, component: int, shape: str) -> None:
        replaced = sparse.whole("count", high=count)
        indices, values = sparse.child("indices"), sparse.child("values")
        if indices is None or values is None:
            raise contradicts(f"{sparse.where} is incomplete")
        index_type = indices.whole("componentType")
        if index_type not in INDEX_TYPES:
            raise contradicts(f"{sparse.where} has indices of an unknown type")
        for part, part_component, part_shape in (
            (indices, index_type, "SCALAR"),
            (values, component, shape),
        ):
            number = part.index("bufferView", len(self.views))
            self._elements(part, number, part.whole("byteOffset", 0), replaced, part_component, part_shape)

    def _check_image(self, image: Fields) -> None:
        uri, number = image.text("uri"), image.optional_index("bufferView", len(self.views))
        if (uri is None) == (number is None):
            raise contradicts(f"{image.where} has no data, or twice")
        span = self._load(uri) if uri is not None else self.views[number or 0].span
        if span is None:
            raise contradicts(f"the data of {image.where} is compressed as geometry")
        picture = measure(span)
        if picture is None:
            raise unsafe(f"{image.where} is not a picture of a known kind")
        declared = image.text("mimeType")
        if declared is not None and self._limits.strict_mime and declared.lower() not in _names(picture.mime):
            raise unsafe(f"{image.where} is not of the kind it says")
        self._pictures.add(picture)


def _element_bytes(component: int, shape: str) -> int:
    size = COMPONENT_BYTES[component]
    return PADDED_MATRICES.get((shape, size), size * COMPONENTS[shape])


def _names(mime: str) -> tuple[str, ...]:
    return (mime, "image/jpg") if mime == "image/jpeg" else (mime,)
