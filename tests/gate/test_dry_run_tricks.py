"""A dry run is one by what the API server will do, not by what a request looks like."""

from typing import Any

import pytest

from tests.gate.asking import Place, asked
from tests.gate.samples import KINDS, config_map

pytestmark = pytest.mark.cluster
DRY = {"dryRun": ["All"]}


@pytest.mark.parametrize("query", ["?dryRun=All", "?dryRun=All&dryRun=All"])
def test_one_that_is(place: Place, query: str) -> None:
    status, answer = place.create("configmaps", config_map(), query=query)
    assert status == 201, answer
    assert place.items("manifestapprovals") == []
    assert not place.exists("configmaps", "web")


@pytest.mark.parametrize("query", ["?dryRun=all", "?dryRun=None", "?dryRun=", "?dryRun=All&dryRun=None"])
def test_one_that_the_api_server_does_not_know(place: Place, query: str) -> None:
    assert place.create("configmaps", config_map(), query=query)[0] == 422
    assert not place.exists("configmaps", "web")


@pytest.mark.parametrize("query", ["?dryrun=All", "?dry-run=All", "?DryRun=All"])
def test_one_that_is_misspelt_is_none(place: Place, query: str) -> None:
    assert asked(place.create("configmaps", config_map(), query=query)).reason == "ApprovalRequired"


def test_the_body_of_a_deletion_wins_over_its_query(place: Place) -> None:
    """With options in the body the API server does not read the query: what looks dry deletes."""
    place.given("configmaps", config_map())
    path = place.path("configmaps", "web")
    looks_dry = asked(place.cp.raw("DELETE", path + "?dryRun=All", {"propagationPolicy": "Orphan"}, as_="agent"))
    assert asked(place.delete("configmaps", "web", options={"propagationPolicy": "Orphan"})).hash == looks_dry.hash
    for query, body in (("?dryRun=All", None), ("", DRY)):
        assert place.cp.raw("DELETE", path + query, body, as_="agent")[0] == 200
    assert place.exists("configmaps", "web")


EVICTIONS: dict[str, tuple[str, dict[str, Any], int]] = {
    "in the query": ("?dryRun=All", {}, 201),
    "in both": ("?dryRun=All", {"deleteOptions": DRY}, 201),
    "in the body alone": ("", {"deleteOptions": DRY}, 403),
}


@pytest.mark.parametrize(("query", "body", "status"), EVICTIONS.values(), ids=EVICTIONS.keys())
def test_an_eviction_evicts_nobody(place: Place, query: str, body: dict[str, Any], status: int) -> None:
    place.given("pods", KINDS["Pod"].sample)
    path = place.path("pods", "web", "eviction") + query
    assert place.cp.raw("POST", path, {"metadata": {"name": "web"}, **body}, as_="agent")[0] == status
    assert "deletionTimestamp" not in place.get("pods", "web")["metadata"]


def test_a_command_in_a_pod_cannot_be_dry(place: Place) -> None:
    place.given("pods", KINDS["Pod"].sample)
    for query in ("?command=ls&stdout=true&dryRun=All", "?command=ls&stdout=true&dryrun=All"):
        assert place.cp.raw("POST", place.path("pods", "web", "exec") + query, as_="agent")[0] in {400, 403}


def test_a_collection(place: Place) -> None:
    for name in ("a", "b"):
        place.given("configmaps", config_map(name))
    assert place.cp.raw("DELETE", place.path("configmaps") + "?dryRun=All", as_="agent")[0] == 200
    assert place.exists("configmaps", "a")
    assert place.items("manifestapprovals") == []
