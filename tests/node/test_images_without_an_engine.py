"""A docker-archive made of a folder: what a runtime checks before it takes it."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from e2e.node.images import Image, archive, programs_folder

NAME = "kubeapprove.local/tool:1"


def _tool(tmp_path: Path) -> Image:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\n")
    rootfs = programs_folder(tmp_path / "rootfs", program)
    return Image(NAME, rootfs, entrypoint=("/tool",), environment={"A": "b"}, user="65534:65534")


def _read(packed: Path, name: str) -> bytes:
    with tarfile.open(packed) as opened:
        content = opened.extractfile(name)
        assert content is not None
        return content.read()


def _document(packed: Path, name: str) -> Any:
    return json.loads(_read(packed, name))


def test_manifest_names_the_image_and_the_configuration_its_layer(tmp_path: Path) -> None:
    packed = archive(_tool(tmp_path), tmp_path / "image.tar")
    (manifest,) = _document(packed, "manifest.json")
    assert manifest["RepoTags"] == [NAME]
    configuration = _document(packed, manifest["Config"])
    digests = [f"sha256:{hashlib.sha256(_read(packed, layer)).hexdigest()}" for layer in manifest["Layers"]]
    assert configuration["rootfs"]["diff_ids"] == digests
    assert configuration["config"]["Entrypoint"] == ["/tool"]
    assert configuration["config"]["Env"] == ["A=b"]
    assert configuration["config"]["User"] == "65534:65534"


def test_files_belong_to_root_and_run_whoever_made_them(tmp_path: Path) -> None:
    packed = archive(_tool(tmp_path), tmp_path / "image.tar")
    with tarfile.open(fileobj=io.BytesIO(_read(packed, "layer.tar"))) as layer:
        (tool,) = [member for member in layer if member.isfile()]
        assert (tool.name, tool.uid, tool.gid, tool.mode & 0o777) == ("./tool", 0, 0, 0o755)


def test_rootfs_may_be_a_tar_and_is_taken_as_it_is(tmp_path: Path) -> None:
    rootfs = tmp_path / "rootfs.tar"
    with tarfile.open(rootfs, "w"):
        pass
    packed = archive(Image(NAME, rootfs), tmp_path / "image.tar")
    assert _read(packed, "layer.tar") == rootfs.read_bytes()
    assert rootfs.exists()
