"""What changes does so through the version that shows all of it: a custom resource through its storage version (C033)."""

import json
from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate import samples
from tests.gate.asking import Answer, Place, asked, refusal

pytestmark = pytest.mark.cluster


GADGET = {"apiVersion": "example.org/v2", "kind": "Gadget", "metadata": {"name": "web"}, "spec": {"color": "red"}}


def v1(place: Place, name: str = "") -> str:
    return place.path("gadgets", name).replace("/v2/", "/v1/")


def refused(answer: Answer) -> None:
    result = refusal(answer)
    assert result.reason == "StorageVersion"
    assert "use apiVersion: example.org/v2" in result.message


@pytest.mark.parametrize("query", ["", "?dryRun=All"])
def test_another_version(place: Place, query: str) -> None:
    place.given("gadgets", GADGET)
    old = {**GADGET, "apiVersion": "example.org/v1", "metadata": {"name": "other"}, "spec": {"size": 1}}
    refused(place.cp.raw("POST", v1(place) + query, old, as_="agent"))
    refused(place.cp.raw("PATCH", v1(place, "web") + query, {"spec": {"size": 2}}, as_="agent"))
    refused(place.cp.raw("PATCH", v1(place, "web") + query, {"metadata": {"labels": {}}}, as_="agent"))
    refused(place.cp.raw("DELETE", v1(place, "web") + query, as_="agent"))
    assert place.get("gadgets", "web")["spec"]["color"] == "red"
    assert place.items("manifestapprovals") == []


@pytest.mark.parametrize("subresource", ["status", "scale"])
def test_its_subresources(place: Place, subresource: str) -> None:
    place.given("gadgets", GADGET)
    body = {"status": {"replicas": 2}} if subresource == "status" else {"spec": {"replicas": 2}}
    refused(place.cp.raw("PATCH", f"{v1(place, 'web')}/{subresource}", body, as_="agent"))


def test_the_storage_version_can_be_asked_for(place: Place) -> None:
    waiting = asked(place.create("gadgets", GADGET))
    place.approve(waiting)
    assert place.create("gadgets", GADGET)[0] == 201


def test_people_use_any(place: Place) -> None:
    place.given("gadgets", GADGET)
    assert place.cp.raw("PATCH", v1(place, "web"), {"spec": {"size": 2}})[0] == 200


CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SIZE = {"size": {"type": "integer"}}


def define(place: Place, plural: str, *schemas: dict[str, Any]) -> str:
    """Define a kind of this test's own, in versions v1, v2… of which v1 is stored, with an object in it; a plural."""
    plural += place.namespace.removeprefix("gate-")
    versions = [samples.version(f"v{n}", schema, storage=n == 1) for n, schema in enumerate(schemas, 1)]
    crd = samples.crd(plural, plural.capitalize(), versions)
    assert place.cp.raw("POST", CRDS, crd)[0] == 201
    body = {
        "apiVersion": "example.org/v1",
        "kind": plural.capitalize(),
        "metadata": {"name": "web"},
        "spec": {"size": 1, "color": "red"} if "color" in schemas[0] else {"size": 1},
    }
    wait_until(
        lambda: place.cp.raw("POST", served(place, plural, "v1"), body)[0] == 201, "the new kind took its first object"
    )
    return plural


def served(place: Place, plural: str, version: str, name: str = "") -> str:
    return f"/apis/example.org/{version}/namespaces/{place.namespace}/{plural}" + (f"/{name}" if name else "")


def store_in_v2(place: Place, plural: str) -> None:
    """Have new writes stored in v2, as a person does it in an upgrade: what is stored already stays in v1."""
    path = f"{CRDS}/{plural}.example.org"
    crd = place.cp.raw("GET", path)[1]
    for version in crd["spec"]["versions"]:
        version["storage"] = version["name"] == "v2"
    assert place.cp.raw("PUT", path, crd)[0] == 200

    def is_stored_in_both() -> bool:
        return bool(place.cp.raw("GET", path)[1]["status"]["storedVersions"] == ["v1", "v2"])

    wait_until(is_stored_in_both, "the API server said that both versions are stored")


def touch(place: Place, plural: str) -> Answer:
    """Write what is there, as an agent, through v2: no change, by what v2 shows."""
    return place.cp.raw("PATCH", served(place, plural, "v2", "web"), {}, as_="agent")


def reason(answer: Answer) -> str:
    return "" if answer[0] == 200 else refusal(answer).reason


def test_what_is_stored_in_an_older_version_loses_nothing_unseen(place: Place) -> None:
    plural = define(place, "relics", {**SIZE, "color": {"type": "string"}}, SIZE)
    assert reason(place.cp.raw("PATCH", served(place, plural, "v2", "web"), {}, as_="agent")) == "StorageVersion"
    store_in_v2(place, plural)
    wait_until(lambda: "may still be stored in version v1" in touch(place, plural)[1]["message"], "the gate knew")
    bigger = {"spec": {"size": 2}}
    for subresource in ("", "/status"):
        path = served(place, plural, "v2", "web") + subresource
        assert reason(place.cp.raw("PATCH", path, bigger, as_="agent")) == "StorageVersion"
    assert place.cp.raw("GET", served(place, plural, "v1", "web"))[1]["spec"] == {"size": 1, "color": "red"}
    # What encodes nothing anew can be asked for.
    new = {"apiVersion": "example.org/v2", "kind": plural.capitalize(), "metadata": {"name": "new"}, "spec": {}}
    assert asked(place.cp.raw("POST", served(place, plural, "v2"), new, as_="agent")).reason == "ApprovalRequired"
    assert asked(place.cp.raw("DELETE", served(place, plural, "v2", "web"), as_="agent")).reason == "ApprovalRequired"
    # A person migrates.
    assert place.cp.raw("PATCH", served(place, plural, "v2", "web"), {"metadata": {"labels": {"a": "b"}}})[0] == 200
    status = {"status": {"storedVersions": ["v2"]}}
    assert place.cp.raw("PATCH", f"{CRDS}/{plural}.example.org/status", status)[0] == 200
    wait_until(lambda: touch(place, plural)[0] == 200, "the gate knew that nothing older is stored")


def test_an_older_version_that_says_no_more_is_no_hindrance(place: Place) -> None:
    plural = define(place, "twins", SIZE, {**SIZE, "color": {"type": "string"}})
    store_in_v2(place, plural)
    wait_until(lambda: touch(place, plural)[0] == 200, "the gate knew the new storage version")
    waiting = asked(place.cp.raw("PATCH", served(place, plural, "v2", "web"), {"spec": {"size": 2}}, as_="agent"))
    place.approve(waiting)
    assert place.cp.raw("PATCH", served(place, plural, "v2", "web"), {"spec": {"size": 2}}, as_="agent")[0] == 200
    assert place.cp.raw("GET", served(place, plural, "v1", "web"))[1]["spec"] == {"size": 2}


def narrow(place: Place, plural: str, schema: dict[str, Any]) -> None:
    """Have the schema of v1 know no more than this, as a downgrade does: what is stored stays as it is."""
    path = f"{CRDS}/{plural}.example.org"
    crd = place.cp.raw("GET", path)[1]
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"] = schema
    assert place.cp.raw("PUT", path, crd)[0] == 200


def test_what_the_schema_no_longer_knows_is_not_lost_unseen(place: Place) -> None:
    wide = {**SIZE, "color": {"type": "string"}}
    plural = define(place, "narrow", wide)
    web = served(place, plural, "v1", "web")
    narrow(place, plural, SIZE)
    wait_until(lambda: "color" not in place.cp.raw("GET", web)[1]["spec"], "the API server knew the narrow schema")
    for method, path, body in (
        ("PATCH", web, {}),
        ("PUT", web, place.cp.raw("GET", web)[1]),
        ("PATCH", web + "/status", {}),
        ("PATCH", web, {"spec": {"size": 2}}),
    ):
        refused = refusal(place.cp.raw(method, path, body, as_="agent"))
        assert (refused.reason, "spec.color of this object" in refused.message) == ("StorageVersion", True)
    narrow(place, plural, wide)
    wait_until(lambda: "color" in place.cp.raw("GET", web)[1]["spec"], "nothing was lost")
    assert asked(place.cp.raw("PATCH", web, {"spec": {"size": 2}}, as_="agent")).hash


def cpu(target: int) -> dict[str, Any]:
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}},
    }


V1_METRICS = [{"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 10}}]


def autoscaler(version: str, **spec: Any) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": f"autoscaling/{version}",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 5, **spec},
    }


def test_an_autoscaler_of_several_targets_is_not_changed_through_the_version_that_shows_one(place: Place) -> None:
    v1, v2 = (f"/apis/autoscaling/{v}/namespaces/{place.namespace}/horizontalpodautoscalers" for v in ("v1", "v2"))
    assert place.cp.raw("POST", v2, autoscaler("v2", metrics=[cpu(50), cpu(10)]))[0] == 201
    hidden = {"autoscaling.alpha.kubernetes.io/metrics": json.dumps(V1_METRICS)}
    other = autoscaler("v1") | {"metadata": {"name": "new", "annotations": hidden}}
    for method, path, body in (
        ("PATCH", v1 + "/web", {}),
        ("PATCH", v1 + "/web/status", {}),
        ("PATCH", v1 + "/web?dryRun=All", {}),
        ("PUT", v1 + "/web", autoscaler("v1")),
        ("POST", v1, other),
    ):
        refused = refusal(place.cp.raw(method, path, body, as_="agent"))
        assert (refused.reason, "use apiVersion: autoscaling/v2" in refused.message) == ("StorageVersion", True)
    assert place.cp.raw("GET", v2 + "/web")[1]["spec"]["metrics"] == [cpu(50), cpu(10)]
    assert asked(place.cp.raw("PATCH", v2 + "/web", {"spec": {"maxReplicas": 6}}, as_="agent")).hash


def test_no_other_built_in_kind_is_served_in_two_versions(place: Place) -> None:
    """Of a kind that comes to be, somebody has to find out whether one of its versions hides something."""
    groups = place.cp.raw("GET", "/apis")[1]["groups"]
    several = {
        f"{resource['name']}.{group['name']}"
        for group in groups
        if len(group["versions"]) > 1
        for version in group["versions"]
        for resource in place.cp.raw("GET", f"/apis/{version['groupVersion']}")[1]["resources"]
        if version != group["preferredVersion"] and "/" not in resource["name"]
    }
    assert {name for name in several if not name.endswith(".example.org")} == {"horizontalpodautoscalers.autoscaling"}
