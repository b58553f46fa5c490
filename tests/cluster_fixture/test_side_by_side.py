"""Two control planes at once share nothing."""

import pytest

from e2e.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster


def test_two_control_planes_never_meet() -> None:
    with ControlPlane() as one, ControlPlane() as other:
        assert one.url != other.url
        assert one.state != other.state
        one.kubectl("create", "configmap", "only-here")
        path = "/api/v1/namespaces/default/configmaps/only-here"
        assert (one.raw("GET", path)[0], other.raw("GET", path)[0]) == (200, 404)
        uids = {cp.raw("GET", "/api/v1/namespaces/kube-system")[1]["metadata"]["uid"] for cp in (one, other)}
        assert len(uids) == 2
