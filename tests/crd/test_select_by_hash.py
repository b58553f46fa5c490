"""spec.manifestHash is a selectable field: the approvals of one change can be listed."""

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize(("wanted", "found"), [(samples.HASH, ["a"]), (samples.OTHER_HASH, ["b"]), ("sha256:0", [])])
def test_only_that_hash_is_listed(approvals: Approvals, wanted: str, found: list[str]) -> None:
    assert approvals.create("a")[0] == 201
    assert approvals.create("b", manifestHash=samples.OTHER_HASH)[0] == 201
    code, body = approvals.control_plane.raw("GET", f"{approvals.path()}?fieldSelector=spec.manifestHash%3D{wanted}")
    assert code == 200
    assert [item["metadata"]["name"] for item in body["items"]] == found
