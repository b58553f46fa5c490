"""Which cluster the suite runs in: E2E_CLUSTER is `node` (ours, the default), `kind` or `current`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e import image
from e2e.cluster.errors import ClusterError
from e2e.release.clusters import Cluster
from e2e.release.current import CurrentCluster, KindCluster
from e2e.release.installation import IMAGE

CHOICES = ("node", "kind", "current")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A cluster, and the image that its nodes run as kubeapprove."""

    cluster: Cluster
    image: str


def choice() -> str:
    """Return what E2E_CLUSTER says; a name that is none of them is refused."""
    chosen = os.environ.get("E2E_CLUSTER") or "node"
    if chosen not in CHOICES:
        raise ClusterError(f"E2E_CLUSTER is {chosen!r}: set it to {', '.join(CHOICES)}, or leave it away.")
    return chosen


@contextmanager
def chosen(real_cluster: Callable[[], Cluster], folder: Path) -> Iterator[Chosen]:
    """Yield it, with the image on its nodes; `real_cluster` makes ours where that is meant."""
    match choice():
        case "current":
            name = os.environ.get("E2E_IMAGE", "")
            if ":" not in name.rpartition("/")[2]:
                raise ClusterError(
                    "E2E_IMAGE is to name an image of this tree, with its tag, that the current cluster's nodes can "
                    "pull: build it (`docker build .` or `make image`), push it, and set "
                    "E2E_IMAGE=REGISTRY/kubeapprove:TAG."
                )
            with CurrentCluster() as current:
                yield Chosen(current, name)
        case "kind":
            with KindCluster() as kind:
                kind.import_image(image.make(folder, IMAGE))
                yield Chosen(kind, IMAGE)
        case _:
            ours = real_cluster()
            ours.import_image(image.make(folder, IMAGE))
            yield Chosen(ours, IMAGE)
