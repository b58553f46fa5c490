"""Subresources: what their bodies say counts, uid and generateName included."""

from typing import Any

from kubeapprove.change import Change
from tests.change import make


def eviction(**metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p", "namespace": "team", **metadata}}


def evict(body: dict[str, Any], name: str = "p") -> Change:
    return make.create(body, resource="pods", subResource="eviction", name=name)


def test_an_eviction_keeps_the_uid_of_its_body() -> None:
    assert evict(eviction(uid="u")).document["object"]["metadata"]["uid"] == "u"
    assert len({evict(eviction(uid=uid)).hash for uid in "uv"} | {evict(eviction()).hash}) == 3


def test_an_eviction_keeps_its_creation_timestamp_and_generate_name() -> None:
    body = eviction(creationTimestamp=None, generateName="p")
    assert evict(body).document["object"] == body


def test_an_eviction_with_options_of_its_deletion() -> None:
    gentle, at_once = ({**eviction(), "deleteOptions": {"gracePeriodSeconds": seconds}} for seconds in (30, 0))
    assert evict(gentle).hash != evict(at_once).hash


def test_a_binding_keeps_its_uid_and_target() -> None:
    body = {"metadata": {"name": "p", "uid": "u"}, "target": {"kind": "Node", "name": "n1"}}
    bound = make.create(body, resource="pods", subResource="binding", name="p")
    assert bound.document["object"] == body
    elsewhere = {**body, "target": {"kind": "Node", "name": "n2"}}
    assert make.create(elsewhere, resource="pods", subResource="binding", name="p").hash != bound.hash


def test_the_name_in_the_path_counts_beside_the_body_s() -> None:
    assert evict(eviction()).hash != evict(eviction(), name="q").hash


def test_scale_says_the_replicas() -> None:
    change = make.recorded_change("024-validating-UPDATE-deployments.scale")
    assert change.document["subresource"] == "scale"
    assert [field["path"] for field in change.document["fields"]] == [["spec", "replicas"]]
    assert change.binds_uid
    assert not change.is_nothing


def exec_options(**options: Any) -> dict[str, Any]:
    return {
        "kind": "PodExecOptions",
        "apiVersion": "v1",
        "stdout": True,
        "container": "c",
        "command": ["id"],
        **options,
    }


def test_exec_says_its_options() -> None:
    change = make.connect(exec_options(), resource="pods", subResource="exec", name="p")
    assert change.document["options"] == exec_options()
    assert change.document["name"] == change.name == "p"
    assert not change.binds_uid
    others: list[dict[str, Any]] = [
        {"stdin": True},
        {"tty": True},
        {"container": "d"},
        {"command": ["id", ""]},
        {"command": ["i", "d"]},
    ]
    made = [make.connect(exec_options(**other), resource="pods", subResource="exec", name="p") for other in others]
    assert len({change.hash, *(other.hash for other in made)}) == len(others) + 1


def test_a_persistent_volume_s_first_phase_has_the_server_s_clock() -> None:
    def volume(when: str, phase: str = "Pending") -> dict[str, Any]:
        return {"metadata": {"name": "pv"}, "status": {"phase": phase, "lastPhaseTransitionTime": when}}

    def made(when: str, phase: str = "Pending", resource: str = "persistentvolumes", subresource: str = "") -> str:
        return make.create(volume(when, phase), resource=resource, subResource=subresource).hash

    assert made("a") == made("b")
    assert made("a") != made("a", "Bound")
    assert made("a", resource="example.com/persistentvolumes") != made("b", resource="example.com/persistentvolumes")
    assert made("a", subresource="status") != made("b", subresource="status")
    assert not make.update(volume("a"), volume("b"), resource="persistentvolumes").is_nothing


def test_a_persistent_volume_whose_status_is_no_map() -> None:
    odd = {"metadata": {"name": "pv"}, "status": None}
    assert make.create(odd, resource="persistentvolumes").document["object"] == odd
