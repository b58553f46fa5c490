"""The pytest fixture `real_cluster`: import it in a conftest.py.

One cluster of two nodes for the whole pytest process: tests keep apart by namespace. Nothing is skipped where it cannot
run: the sentence that fails says what is missing.
"""

import pytest

from e2e.cluster.errors import ClusterError
from e2e.node.cluster import RealCluster
from e2e.node.images import Image, programs_folder

__all__ = ["PROBE_IMAGE", "real_cluster"]

PROBE_IMAGE = "kubeapprove.local/probe:1"
NOBODY = "65534:65534"

_RUNNING = pytest.StashKey[RealCluster]()


@pytest.fixture(scope="session")
def real_cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RealCluster:
    """Share one running cluster, whose nodes have the image of `probe`."""
    stash = request.config.stash
    if _RUNNING not in stash:
        try:
            started = RealCluster(nodes=("one", "two")).start()
        except ClusterError as error:
            pytest.fail(str(error), pytrace=False)
        request.config.add_cleanup(started.stop)
        rootfs = programs_folder(tmp_path_factory.mktemp("probe"), started.binaries.probe)
        started.import_image(Image(PROBE_IMAGE, rootfs, entrypoint=("/probe",), command=("serve",), user=NOBODY))
        stash[_RUNNING] = started
    return stash[_RUNNING]
