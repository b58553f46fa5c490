"""The image without registry or engine: `python -m e2e.image [FOLDER]` makes an archive and its bill of materials.

The contents of the Dockerfile's, by the same program (`image/build.py`). All but our own code is kept in the cache: a
second image takes seconds.
"""

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from e2e.cluster.cache import cache_root
from e2e.cluster.errors import ClusterError
from e2e.node.images import Image, archive
from image import build, contents

TAG = "kubeapprove:local"
_MADE_OF = ("build.py", "contents.py", "requirements.lock", "build.lock")


def make(folder: Path, name: str = TAG) -> Image:
    """Build the image's file system below a folder of yours, of the code as it is in the tree now."""
    rootfs = folder / "rootfs"
    try:
        shutil.copytree(_base(), rootfs, symlinks=True)
        build.add_ourselves(rootfs)
    except build.ImageError as error:
        raise ClusterError(str(error)) from error
    return Image(name, rootfs, user=contents.USER)


def _base() -> Path:
    """Return the cached part, made first where it is not there: half a minute."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for source in _MADE_OF:
        digest.update((build.HERE / source).read_bytes())
    base = cache_root() / f"image-base-{digest.hexdigest()[:12]}"
    base.parent.mkdir(parents=True, exist_ok=True)
    with base.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.exists():
            print(
                "making the image's base from Debian packages and wheels, about a minute", file=sys.stderr, flush=True
            )
            unfinished = base.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _update_lists()
            build.base(unfinished)
            unfinished.rename(base)
    return base


def _update_lists() -> None:
    """Have apt know what its sources have now, where that is possible; where not, the build says what it lacks."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not sudo or shutil.which("sudo")):
        subprocess.run([*sudo, "apt-get", "-qq", "update"], capture_output=True, check=False)


def main(folder: Path) -> None:
    """Write `kubeapprove.tar.gz`, which `docker load` and `ctr images import` take, and `kubeapprove.cdx.json`."""
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    try:
        made = make(work)
        tar = archive(made, work / "image.tar")
        packed = folder / "kubeapprove.tar.gz"
        with tar.open("rb") as source, packed.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as target:
            shutil.copyfileobj(source, target)
        shutil.copy(made.rootfs / contents.SBOM, folder / "kubeapprove.cdx.json")
        size, whole = packed.stat().st_size, tar.stat().st_size
    finally:
        shutil.rmtree(work, ignore_errors=True)
    took = time.monotonic() - started
    print(f"{packed}: {size / 1e6:.0f} MB, {whole / 1e6:.0f} MB unpacked, in {took:.0f} s")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
    except ClusterError as error:
        sys.exit(f"error: {error}")
