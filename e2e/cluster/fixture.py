"""The pytest fixture `control_plane`: import it in a conftest.py.

    from e2e.cluster.fixture import control_plane

One control plane for each pytest process (each xdist worker), however many conftests import it. Nothing is ever
skipped: a machine without the binaries fails with the sentence that says how to get them.
"""

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError

__all__ = ["control_plane"]

_RUNNING = pytest.StashKey[ControlPlane]()


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest) -> ControlPlane:
    """Share one running control plane; tests keep apart by namespace."""
    stash = request.config.stash
    if _RUNNING not in stash:
        try:
            started = ControlPlane(binaries=locate(build=False)).start()
        except ClusterError as error:
            pytest.fail(str(error), pytrace=False)
        request.config.add_cleanup(started.stop)
        stash[_RUNNING] = started
    return stash[_RUNNING]
