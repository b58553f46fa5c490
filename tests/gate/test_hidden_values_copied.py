"""An agent that moves a hidden value by JSON patch shows it to nobody: it need not know the value for that (C050)."""

import json
from typing import Any

import pytest

from tests.gate.asking import Place, Refusal, asked, change_of
from tests.gate.samples import to_json
from tests.gate.test_secrets_nowhere import LAST_APPLIED, Haystack, encoded, secret, value, with_password

pytestmark = pytest.mark.cluster

ENV = "/spec/template/spec/containers/0/env/0"
_ANNOTATIONS = "/metadata/annotations"


def copied(place: Place, kind: str, name: str, *patch: dict[str, str]) -> Refusal:
    """Ask twice, as an agent retries: it is one change."""
    first, second = (asked(place.patch(kind, name, list(patch))) for _ in range(2))
    assert first.hash == second.hash
    return first


def annotation(source: str) -> tuple[dict[str, Any], dict[str, str]]:
    return (
        {"op": "add", "path": f"{_ANNOTATIONS}/leak", "value": ""},
        {"op": "copy", "from": source, "path": f"{_ANNOTATIONS}/leak"},
    )


def hidden_fields(place: Place, refused: Refusal, planted: str) -> list[Any]:
    """Return the paths of the change's fields, after a look for the value in every place."""
    approval = place.approval(refused)
    haystack = Haystack(place, [refused.message, json.dumps(approval)])
    assert haystack.outside_of_etcd(planted) == []
    change = change_of(approval)
    assert {entry["as"] for entry in change["replaced"]} == {"secret"}
    return [field["path"] for field in change["fields"]]


def test_data_of_a_secret(place: Place) -> None:
    planted = value()
    body = secret("s", p=planted)
    body["metadata"]["annotations"] = {"a": "b"}
    place.given("secrets", body)
    refused = copied(place, "secrets", "s", *annotation("/data/p"))
    assert hidden_fields(place, refused, planted) == [["metadata", "annotations", "leak"]]

    place.approve(refused)
    status, stored = place.patch("secrets", "s", list(annotation("/data/p")))
    assert status == 200
    assert stored["metadata"]["annotations"]["leak"] == encoded(planted)


def test_what_a_secret_was_applied_with(place: Place) -> None:
    planted = value()
    place.kubectl("apply", "-f", "-", as_="admin", input=to_json(secret("s", p=planted)), check=True)
    pointer = f"{_ANNOTATIONS}/{LAST_APPLIED.replace('/', '~1')}"
    refused = copied(place, "secrets", "s", *annotation(pointer))
    assert hidden_fields(place, refused, planted) == [["metadata", "annotations", "leak"]]


def test_the_value_of_a_renamed_env_entry(place: Place) -> None:
    planted = value()
    place.given("deployments", with_password("Deployment", "d", planted))
    refused = copied(place, "deployments", "d", {"op": "replace", "path": f"{ENV}/name", "value": "NOTHING"})
    paths = hidden_fields(place, refused, planted)
    assert [path[-1] for path in paths if isinstance(path[-1], dict)] == [{"name": "DB_PASSWORD"}, {"name": "NOTHING"}]


def test_the_value_of_an_env_entry_in_an_annotation(place: Place) -> None:
    planted = value()
    deployment = with_password("Deployment", "d", planted)
    deployment["metadata"]["annotations"] = {"a": "b"}
    place.given("deployments", deployment)
    refused = copied(place, "deployments", "d", *annotation(f"{ENV}/value"))
    assert hidden_fields(place, refused, planted) == [["metadata", "annotations", "leak"]]


def test_data_of_a_secret_in_the_name_of_a_manager(place: Place) -> None:
    planted = value()
    place.given("secrets", secret("s", p=planted))
    patch = {"op": "copy", "from": "/data/p", "path": "/metadata/managedFields/0/manager"}
    status, answer = place.patch("secrets", "s", [patch])
    # Whether it is a change at all is said elsewhere; shown it is never.
    assert Haystack(place, [str(status), str(answer.get("message"))]).outside_of_etcd(planted) == []


def test_other_copies_are_other_changes(place: Place) -> None:
    body = secret("s", p=value(), q=value())
    body["metadata"]["annotations"] = {"a": "b"}
    place.given("secrets", body)
    one, other = (copied(place, "secrets", "s", *annotation(f"/data/{key}")) for key in "pq")
    assert one.hash != other.hash
