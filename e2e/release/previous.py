"""The chart and the image of the commit before this one: what people upgrade from."""

import subprocess
import sys
from pathlib import Path

from e2e.cluster.errors import ClusterError
from e2e.gated.gated import ROOT
from e2e.node.images import Image
from image import contents

COMMIT = "HEAD~1"
IMAGE = "kubeapprove.local/kubeapprove:previous"
_MAKE = "import pathlib, sys; from e2e import image; image.make(pathlib.Path(sys.argv[1]), sys.argv[2])"


class Previous:
    """The tree of that commit, taken out of Git into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tree = folder, folder / "tree"
        self._tree.mkdir(parents=True)
        packed = _run(["git", "archive", COMMIT], ROOT)
        if packed.returncode != 0:
            why = packed.stderr.decode().strip()
            raise ClusterError(f"no commit before this one to upgrade from (fetch two commits at least): {why}")
        _run(["tar", "--extract", f"--directory={self._tree}"], folder, packed.stdout).check_returncode()

    @property
    def chart(self) -> Path:
        """Its chart."""
        return self._tree / "charts" / "kubeapprove"

    def image(self) -> Image:
        """Have it make its own image."""
        made = self._folder / "image"
        done = _run([sys.executable, "-c", _MAKE, str(made), IMAGE], self._tree)
        if done.returncode != 0:
            raise ClusterError(f"the image of the previous commit could not be made: {done.stderr.decode().strip()}")
        return Image(IMAGE, made / "rootfs", user=contents.USER)


def _run(command: list[str], where: Path, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, check=False, cwd=where, input=sent, capture_output=True)
