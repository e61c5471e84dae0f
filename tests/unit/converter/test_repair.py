"""Copies of models whose references say another place, or one that nobody may go to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.formats import Format, ModelFile, UnsafeFile
from client.formats.handover import Loss, Lost
from converter.locate_files import CompanionFiles
from converter.repair import repair
from support.models import odd as models_odd
from support.models.glb_json import read_glb


class Mender:
    """Files of an archive in a folder, as the converter has them."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.root = scratch / "archive"

    def __call__(self, name: str, kind: Format, files: dict[str, bytes]) -> tuple[Path, list[Lost]]:
        for one, data in files.items():
            path = self.root / one
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        neighbours = CompanionFiles(self.root, [self.root / one for one in files])
        path = self.root / name
        repaired, lost = repair(ModelFile(path, kind, path.stat().st_size), neighbours, self.scratch)
        return repaired.path, lost


@pytest.fixture
def repairer(tmp_path: Path) -> Mender:
    (tmp_path / "scratch").mkdir()
    return Mender(tmp_path / "scratch")


FILES = ("maps/wood.png", "maps/old/wood.png", "Textures/Tree Bark.JPG", "source/model.obj", "a_b.png")
REFERENCES = {
    "maps/wood.png": "maps/wood.png",
    "../maps/wood.png": "maps/wood.png",
    "../../../wood.png": "maps/wood.png",
    "C:\\art\\maps\\wood.png": "maps/wood.png",
    "C:\\art\\old\\wood.png": "maps/old/wood.png",
    "/home/artist/textures/tree bark.jpg": "Textures/Tree Bark.JPG",
    '"tree bark.jpg"': "Textures/Tree Bark.JPG",
    "file:///C:/x/a_b.png": "a_b.png",
    "a?b.png": "a_b.png",
    "model.obj": "source/model.obj",
    "gone.png": None,
    "/etc/passwd": None,
    "..": None,
    "": None,
    ".": None,
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_finds_its_file(reference: str, tmp_path: Path) -> None:
    neighbours = CompanionFiles(tmp_path, [tmp_path / one for one in FILES])
    expected = REFERENCES[reference]
    found = neighbours.find(reference, tmp_path / "source/model.obj")
    assert found == (None if expected is None else tmp_path / expected)
    assert CompanionFiles(tmp_path).find(reference, tmp_path / "model.obj") is None


@pytest.mark.parametrize(
    "reference", ["https://h/a.png", "HTTP://h/a", "//h/a.png", "\\\\h\\s\\a.png", "smb://h/s/a.png"]
)
def test_an_address_is_refused(reference: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile, match="address on a network"):
        CompanionFiles(tmp_path, [tmp_path / "a.png"]).find(reference, tmp_path / "model.obj")


def test_a_model_with_nothing_odd_is_not_copied(repairer: Mender) -> None:
    files = models_odd.naming("tex.png").gltf() | {"tex.png": b"", "model.obj": models_odd.obj(), "model.mtl": b""}
    files |= {"a.usda": models_odd.usda(), "cube.glb": models_odd.Cube().glb(), "a.fbx": b"Kaydara FBX Binary  \0"}
    kinds = {"scene.gltf": Format.GLTF, "model.obj": Format.OBJ, "a.usda": Format.USDA, "cube.glb": Format.GLB}
    for name, kind in (kinds | {"a.fbx": Format.FBX}).items():
        before = files[name]
        assert repairer(name, kind, files) == (repairer.root / name, [])
        assert (repairer.root / name).read_bytes() == before


def test_a_glb_keeps_its_data(repairer: Mender) -> None:
    cube = models_odd.naming("../TEX.png")
    path, _ = repairer("sub/model.glb", Format.GLB, {"sub/model.glb": cube.glb(), "tex.png": b"x"})
    document, binary = read_glb(path)
    assert document["images"] == [{"uri": "../tex.png"}]
    assert binary == read_glb(repairer.root / "sub/model.glb")[1]


def test_a_missing_buffer_is_told(repairer: Mender) -> None:
    with pytest.raises(UnsafeFile, match="is missing"):
        repairer("scene.gltf", Format.GLTF, {"scene.gltf": models_odd.Cube().gltf()["scene.gltf"]})


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b"null", b'{"images": 3}', b'{"nodes": [[]], "scenes": [{"nodes": {}}]}', b"[" * 99999]
)
def test_what_makes_no_sense_is_left_to_the_importer(text: bytes, repairer: Mender) -> None:
    assert repairer("scene.gltf", Format.GLTF, {"scene.gltf": text}) == (repairer.root / "scene.gltf", [])


def test_scenes_hold_roots_only(repairer: Mender) -> None:
    cube = models_odd.Cube()
    cube.document["nodes"] = [{"children": [1]}, {"mesh": 0}, {}]
    cube.document["scenes"] = [{"nodes": [0, 1, 2]}, {"nodes": [1]}]
    path, _ = repairer("a.glb", Format.GLB, {"a.glb": cube.glb()})
    # A scene of nothing but children stays: there would be nothing left of it.
    assert read_glb(path)[0]["scenes"] == [{"nodes": [0, 2]}, {"nodes": [1]}]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mtllib C:/art/box.mtl", "mtllib box.mtl"),
        ("mtllib ..\\x\\BOX.MTL", "mtllib box.mtl"),
        ("  mtllib   /etc/passwd", "  mtllib   passwd"),
        ("mtllib \\\n../../gone.mtl", "mtllib gone.mtl"),
        ("mtllib box.mtl", "mtllib box.mtl"),
        ("# mtllib /etc/passwd", "# mtllib /etc/passwd"),
        ("o mtllib /etc/passwd", "o mtllib /etc/passwd"),
    ],
)
def test_materials_of_an_obj(line: str, expected: str, repairer: Mender) -> None:
    files = {"model.obj": f"o a\n{line}\nv 0 0 0\n".encode(), "box.mtl": b"x"}
    path, lost = repairer("model.obj", Format.OBJ, files)
    assert path.read_text() == f"o a\n{expected}\nv 0 0 0\n"
    is_gone = expected in ("  mtllib   passwd", "mtllib gone.mtl")
    assert lost == ([Lost(Loss.MATERIALS, expected.split()[-1])] if is_gone else [])


def test_an_obj_alone_is_copied(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    path = tmp_path / "model.obj"
    path.write_bytes(b"mtllib ../../secret.mtl\nv 0 0 0\n")
    repaired, lost = repair(ModelFile(path, Format.OBJ, 1), CompanionFiles(tmp_path), tmp_path / "scratch")
    assert repaired.path.read_bytes() == b"mtllib secret.mtl\nv 0 0 0\n"
    assert repaired.path.parent == tmp_path / "scratch" and path.read_bytes().startswith(b"mtllib ../..")
    assert lost == [Lost(Loss.MATERIALS, "secret.mtl")]


SHARED = b"map_Kd \\\\host\\share\\a.png\nmap_d //host/a.png\nmap_Ks C:\\\\a.png\n# see //nothing\n"


def test_no_share_is_asked(repairer: Mender) -> None:
    repairer("a.obj", Format.OBJ, {"a.obj": b"mtllib a.mtl\nv 0 0 0\n", "a.mtl": SHARED})
    assert (repairer.root / "a.mtl").read_bytes() == SHARED.replace(b" \\\\host", b" __host").replace(
        b" //host", b" __host"
    )
    record = b"S" + len(rb"\\host\a.png").to_bytes(4, "little")
    path, _ = repairer("a.fbx", Format.FBX, {"a.fbx": record + rb"\\host\a.png" + rb"\\host\a.png"})
    assert path.read_bytes() == record + rb"__host\a.png" + rb"\\host\a.png", "only a string, and of the same length"
    path, _ = repairer("b.fbx", Format.FBX_ASCII, {"b.fbx": rb'FileName: "\\host\a.png"'})
    assert path.read_bytes() == rb'FileName: "__host\a.png"'


@pytest.mark.parametrize(
    ("asset", "expected"),
    [
        ("@tex.png@", "@tex.png@"),
        ("@C:\\maps\\TEX.png@", "@tex.png@"),
        ("@@@/home/me/tex.png@@@", "@@@tex.png@@@"),
        ("@/etc/passwd@", "@passwd@"),
        ("@../../x.usda@</A>", "@x.usda@</A>"),
        ("@./parts/PART.usda@", "@./parts/part.usda@"),
        ("@kit.usdz[a.png]@", "@kit.usdz[a.png]@"),
        ("@/x/kit.usdz[a.png]@", "@kit.usdz[a.png]@"),
        ("me@here.org, you@there.org", "me@here.org, you@there.org"),
    ],
)
def test_assets_of_usd(asset: str, expected: str, repairer: Mender) -> None:
    files = {"a.usda": f"#usda 1.0\n{asset}\n".encode(), "tex.png": b"", "parts/part.usda": b"#usda 1.0\n"}
    path, _ = repairer("a.usda", Format.USDA, files)
    assert path.read_text() == f"#usda 1.0\n{expected}\n"


def test_the_json_of_a_repaired_gltf_says_the_same(repairer: Mender) -> None:
    cube = models_odd.naming("gone.png")
    cube.document["extras"] = {"größe": 1e-7, "deep": [[None, True]]}
    path, _ = repairer("scene.gltf", Format.GLTF, cube.gltf())
    expected = json.loads(cube.gltf()["scene.gltf"]) | {"images": [{"uri": "missing/gone.png"}]}
    assert json.loads(path.read_bytes()) == expected
