"""Images made of a folder or a tar, without registry or engine: what containerd imports is a tar of three parts."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# As the OCI names them; what uname says where they are the same.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its name with a tag, a rootfs (folder or uncompressed tar), and what runs in it.

    Pods name it with `imagePullPolicy: Never`. `user` is a number or "number:number", as `runAsNonRoot` wants it.
    """

    name: str
    rootfs: Path
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    working_directory: str = "/"


def archive(image: Image, target: Path) -> Path:
    """Write the image as a docker-archive, its one layer uncompressed: it is read once, from the same disk."""
    layer = image.rootfs if image.rootfs.is_file() else _layer(image.rootfs, target.with_suffix(".layer"))
    with layer.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    configuration = _bytes(_configuration(image, digest))
    manifest = [{"Config": "config.json", "RepoTags": [image.name], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as archived:
        archived.add(layer, "layer.tar")
        for name, content_bytes in (("config.json", configuration), ("manifest.json", _bytes(manifest))):
            member = tarfile.TarInfo(name)
            member.size = len(content_bytes)
            archived.addfile(member, io.BytesIO(content_bytes))
    if layer != image.rootfs:
        layer.unlink()
    return target


def programs_folder(folder: Path, *programs: Path) -> Path:
    """Make a rootfs of nothing but static programs, each in /."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in programs:
        target = folder / program.name
        target.write_bytes(program.read_bytes())
        target.chmod(0o755)
    return folder


def _layer(folder: Path, target: Path) -> Path:
    """Tar a folder, owned by root whoever made it here."""

    def owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(target, "w") as layer:
        layer.add(folder, ".", filter=owned_by_root)
    return target


def _configuration(image: Image, layer: str) -> dict[str, object]:
    return {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {
            "Entrypoint": list(image.entrypoint),
            "Cmd": list(image.command),
            "Env": [f"{name}={value}" for name, value in image.environment.items()],
            "User": image.user,
            "WorkingDir": image.working_directory,
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        "history": [{"created_by": "kubeapprove"}],
    }


def _bytes(document: object) -> bytes:
    return json.dumps(document).encode()
