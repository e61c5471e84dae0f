"""PLY: what faces, strips and edges refer to, in text and in both byte orders."""

from __future__ import annotations

import struct

import pytest

from client.formats import UnsafeFile, inspect

FACES = "element face 2\nproperty uchar flag\nproperty list uchar int vertex_indices\n"
EDGES = "element edge 2\nproperty int vertex1\nproperty int vertex2\n"
STRIPS = "element tristrips 1\nproperty list int int vertex_indices\n"
CASES = {
    "faces": (FACES, "BB3i BB4i", [(7, 3, 0, 1, 2), (7, 4, 0, 2, 3, 1)], True),
    "a face beyond": (FACES, "BB3i BB3i", [(7, 3, 0, 1, 2), (7, 3, 0, 2, 4)], False),
    "a face before": (FACES, "BB3i BB3i", [(7, 3, 0, 1, 2), (7, 3, 0, 2, -1)], False),
    "a face without corners": (FACES, "BB3i BB", [(7, 3, 0, 1, 2), (7, 0)], True),
    "edges": (EDGES, "2i 2i", [(0, 1), (2, 3)], True),
    "an edge beyond": (EDGES, "2i 2i", [(0, 1), (2, 99)], False),
    "strips": (STRIPS, "i6i", [(6, 0, 1, 2, -1, 3, 2)], True),
    "a strip beyond": (STRIPS, "i3i", [(3, 0, 1, 4)], False),
    "a list of negative length": (STRIPS, "i", [(-4,)], False),
    "nothing there": (STRIPS, "i", [(4,)], False),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_references(name, kind, write):
    header, form, records, fine = CASES[name]
    order = {"ascii": "", "binary_big_endian": ">"}.get(kind, "<")
    vertices = [(0.5, 0.0, 0.0)] * 4
    if order:
        body = b"".join(struct.pack(f"{order}3f", *one) for one in vertices)
        body += b"".join(struct.pack(order + part, *one) for part, one in zip(form.split(), records, strict=True))
    else:
        body = "".join(" ".join(map(str, one)) + "\n\n" for one in [*vertices, *records]).encode()
    head = f"ply\nformat {kind} 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n{header}"
    path = write(f"{head}end_header\n".encode() + body)

    if fine:
        assert inspect(path).vertices == 4
    else:
        with pytest.raises(UnsafeFile):
            inspect(path)
