"""The API server drops the status of a create; a fresh approval reads Pending all the same, everywhere."""

import json

import pytest

from tests.crd import samples
from tests.crd.conftest import Approvals

pytestmark = pytest.mark.cluster

FORGED = {"phase": "Approved", "claim": samples.claim(), "findings": []}
PENDING = {"phase": "Pending"}


@pytest.fixture
def fresh(approvals: Approvals) -> Approvals:
    assert approvals.create(status=FORGED)[0] == 201
    return approvals


@pytest.mark.parametrize("query", ["", "?resourceVersion=0"], ids=["quorum", "from the cache"])
def test_by_get(fresh: Approvals, query: str) -> None:
    code, body = fresh.control_plane.raw("GET", fresh.path("a") + query)
    assert (code, body["status"]) == (200, PENDING)


@pytest.mark.parametrize("query", ["", "?resourceVersion=0"], ids=["consistent", "from the cache"])
def test_by_list(fresh: Approvals, query: str) -> None:
    fresh.get()  # the cache has seen it once the quorum read has
    code, body = fresh.control_plane.raw("GET", fresh.path() + query)
    assert code == 200
    assert [item["status"] for item in body["items"]] == [PENDING]


def test_by_watch(fresh: Approvals) -> None:
    path = f"{fresh.path()}?watch=1&timeoutSeconds=1&resourceVersion=0"
    out = fresh.control_plane.kubectl("get", "--raw", path).stdout
    events = [json.loads(line) for line in out.splitlines()]
    assert [(event["type"], event["object"]["status"]) for event in events] == [("ADDED", PENDING)]


def test_in_the_table_of_kubectl(fresh: Approvals) -> None:
    header, row = fresh.control_plane.kubectl("get", "ma", "-n", fresh.namespace).stdout.splitlines()
    assert header.split() == ["NAME", "PHASE", "OPERATION", "RESOURCE", "OBJECT", "REQUESTER", "AGE"]
    assert row.split()[:2] == ["a", "Pending"]


def test_a_forged_status_is_dropped_from_every_write_to_the_object(fresh: Approvals) -> None:
    body = {"status": FORGED, "spec": {"reason": "why"}}
    assert fresh.control_plane.raw("PATCH", fresh.path("a"), body)[0] == 200
    assert fresh.get()["status"] == PENDING


def test_only_the_first_write_that_changes_nothing_makes_a_version(fresh: Approvals) -> None:
    """It stores the default; so a conflict right after creation does not mean that somebody changed something."""
    versions = [fresh.get()["metadata"]["resourceVersion"]]
    for _ in range(2):
        code, body = fresh.patch(manifestHash=samples.HASH)
        assert code == 200
        versions.append(body["metadata"]["resourceVersion"])
    assert versions[0] != versions[1] == versions[2]


def test_the_first_claim_finds_a_status_to_merge_into(fresh: Approvals) -> None:
    assert fresh.patch_status(claim=samples.claim())[0] == 200
    assert fresh.get()["status"] == {**PENDING, "claim": samples.claim()}


def test_selecting_for_the_phase_is_not_offered(fresh: Approvals) -> None:
    code, body = fresh.control_plane.raw("GET", f"{fresh.path()}?fieldSelector=status.phase%3DPending")
    assert code == 400, body
