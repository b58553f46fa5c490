"""An approval fits nowhere else: another place, verb, cluster or requester has another hash or another name (C069)."""

from typing import Any

import pytest

from kubeapprove.change import build_change
from kubeapprove.identity import UserInfo, identity_key
from kubeapprove.naming import approval_name, approval_namespace
from kubeapprove.request import read_request
from tests.change import make

OBJ = {"metadata": {"uid": "u", "name": "n"}, "spec": {"a": 1}}
OLD = {"metadata": {"uid": "u", "name": "n"}, "spec": {}}
PARTS: dict[str, Any] = {"namespace": "team", "name": "n", "resource": "g/things", "subResource": ""}
AGENT = identity_key(UserInfo("agent"))

ELSEWHERE: dict[str, dict[str, Any]] = {
    "namespace": {"namespace": "other"},
    "cluster-wide": {"namespace": ""},
    "name": {"name": "m"},
    "cluster": {"cluster": "another"},
    "group": {"resource": "h/things"},
    "resource": {"resource": "g/others"},
    "subresource": {"subResource": "status"},
}


@pytest.mark.parametrize("parts", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "CONNECT"])
def test_elsewhere(operation: str, parts: dict[str, Any]) -> None:
    here = make.change(operation, OBJ, OLD, **PARTS)
    there = make.change(operation, OBJ, OLD, **{**PARTS, **parts})
    assert here.hash != there.hash
    assert approval_name(here, AGENT) != approval_name(there, AGENT)


def test_another_version() -> None:
    raw = make.raw_request("CREATE", OBJ, None, **PARTS)
    raw["resource"]["version"] = "v2"
    other = build_change(read_request(raw), cluster=make.CLUSTER, hiding=make.HIDING)
    assert other.hash != make.create(OBJ, **PARTS).hash


def test_every_operation_has_its_own_hash() -> None:
    made = {make.change(operation, OBJ, OLD, **PARTS).hash for operation in ("CREATE", "UPDATE", "DELETE", "CONNECT")}
    assert len(made) == 4


def test_another_uid() -> None:
    other = {"metadata": {"uid": "v", "name": "n"}, "spec": {}}
    assert (
        make.update(other, {**OBJ, "metadata": other["metadata"]}, **PARTS).hash != make.update(OLD, OBJ, **PARTS).hash
    )


def test_another_old_value() -> None:
    newer = {**OLD, "spec": {"a": 2}}
    assert make.update(newer, OBJ, **PARTS).hash != make.update(OLD, OBJ, **PARTS).hash


def test_another_requester_has_the_hash_but_not_the_approval() -> None:
    mine = make.create(OBJ, **PARTS)
    theirs = make.create(OBJ, **PARTS, userInfo={"username": "other"})
    assert mine.hash == theirs.hash
    assert approval_name(mine, AGENT) != approval_name(theirs, identity_key(UserInfo("other")))


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "plain": ({}, "create-things-n-"),
    "subresource": ({"subResource": "scale"}, "create-things-scale-n-"),
    "odd characters": ({"name": "System:Node/a.b"}, "create-things-system-node-a-b-"),
    "no name": ({"name": "é"}, "create-things-"),
}


@pytest.mark.parametrize(("parts", "beginning"), NAMES.values(), ids=NAMES)
def test_a_readable_name(parts: dict[str, Any], beginning: str) -> None:
    name = approval_name(make.create(OBJ, **{**PARTS, **parts}), AGENT)
    assert name.startswith(beginning)
    assert len(name) == len(beginning) + 20


def test_a_long_name_is_cut_to_63() -> None:
    name = approval_name(make.create(OBJ, **{**PARTS, "name": "n" * 200}), AGENT)
    assert len(name) == 63


def test_a_cut_leaves_no_two_hyphens() -> None:
    name = approval_name(make.create(OBJ, **{**PARTS, "name": "n" * 27 + "-" + "m" * 50}), AGENT)
    assert "--" not in name


PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "beside its object": ({}, "team"),
    "cluster-wide": ({"namespace": ""}, "approvals"),
    "a Namespace, whose namespace is itself": ({"resource": "namespaces", "namespace": "n"}, "approvals"),
    "namespaces of another group": ({"resource": "g/namespaces"}, "team"),
}


@pytest.mark.parametrize(("parts", "namespace"), PLACES.values(), ids=PLACES)
def test_the_approval_lives(parts: dict[str, Any], namespace: str) -> None:
    assert approval_namespace(make.create(OBJ, **{**PARTS, **parts}), "approvals") == namespace
