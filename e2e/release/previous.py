"""The chart and the image of the commit before this one: what people upgrade from."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from e2e.cluster.errors import ClusterError
from e2e.gated.gated import ROOT
from e2e.node.images import Image
from image import contents

COMMIT = "HEAD~1"
IMAGE = "kubeapprove.local/kubeapprove:previous"
_MAKE = "import pathlib, sys; from e2e import image; image.make(pathlib.Path(sys.argv[1]), sys.argv[2])"


@dataclass(frozen=True, slots=True)
class Previous:
    """What is installed before an upgrade."""

    chart: Path
    image: Image


def previous(folder: Path) -> Previous:
    """Take the tree of that commit out of Git, and have it make its own image."""
    tree, made = folder / "tree", folder / "image"
    tree.mkdir(parents=True)
    packed = _run(["git", "archive", COMMIT], ROOT)
    if packed.returncode != 0:
        raise ClusterError(
            f"no commit before this one to upgrade from (fetch two commits at least): {packed.stderr.decode().strip()}"
        )
    unpacked = _run(["tar", "--extract", f"--directory={tree}"], folder, packed.stdout)
    done = _run([sys.executable, "-c", _MAKE, str(made), IMAGE], tree) if unpacked.returncode == 0 else unpacked
    if done.returncode != 0:
        raise ClusterError(f"the image of the previous commit could not be made: {done.stderr.decode().strip()}")
    return Previous(tree / "charts" / "kubeapprove", Image(IMAGE, made / "rootfs", user=contents.USER))


def _run(command: list[str], where: Path, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, check=False, cwd=where, input=sent, capture_output=True)
