"""Whoever loses or gains ownership of a field that this change leaves alone is named in the change."""

from typing import Any

import pytest

from kubeapprove.ownership import changed_ownership
from kubeapprove.strictjson import UnreadableError
from tests.change import make
from tests.change.make import entry

OBJ: dict[str, Any] = {
    "metadata": {"name": "d"},
    "spec": {
        "replicas": 3,
        "paused": False,
        "gone": 1,
        "list": [{"name": "a", "port": 1, "v": "x"}, {"name": "b", "port": 2}, {"name": "c"}, "d"],
        "set": ["x", "y", 1],
        "args": ["one"],
    },
}
A = 'spec/list/k:{"name":"a"}'
AB = 'spec/list/k:{"name":"a","port":1}'
ANNOTATION = ["f:metadata", "f:annotations", f"f:{make.LAST_APPLIED}"]


def annotation_of(manager: str) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": "Apply",
        "fieldsV1": {"f:metadata": {"f:annotations": {f"f:{make.LAST_APPLIED}": {}}}},
    }


def spec(**values: Any) -> dict[str, Any]:
    return {**OBJ, "spec": {**OBJ["spec"], **values}}


def lost(old: list[Any], new: list[Any], changed: dict[str, Any] = OBJ, manager: str = "agent") -> dict[str, list[str]]:
    losses = changed_ownership(make.owned(OBJ, *old), make.owned(changed, *new), manager)
    return said(losses, "paths")


def gained(
    old: list[Any], new: list[Any], changed: dict[str, Any] = OBJ, manager: str = "agent"
) -> dict[str, list[str]]:
    return said(changed_ownership(make.owned(OBJ, *old), make.owned(changed, *new), manager), "gained")


def said(entries: list[dict[str, Any]], key: str) -> dict[str, list[str]]:
    return {
        found["manager"]: sorted("/".join(path).replace("f:", "") for path in found[key])
        for found in entries
        if key in found
    }


EXPLAINED: dict[str, tuple[list[Any], list[Any], dict[str, Any]]] = {
    "nothing lost": ([entry("flux", "spec/replicas")], [entry("flux", "spec/replicas")], OBJ),
    "a set value": ([entry("flux", "spec/replicas")], [], spec(replicas=4)),
    "a removed value": ([entry("flux", "spec/gone")], [], OBJ | {"spec": {"replicas": 3}}),
    "an atomic list set": ([entry("flux", "spec/args")], [], spec(args=["two"])),
    "an item removed with its fields": ([entry("flux", f"{A}/.", f"{A}/v")], [], spec(list=OBJ["spec"]["list"][1:])),
    "an item's field set": (
        [entry("flux", f"{A}/.", f"{A}/v")],
        [entry("flux", f"{A}/.")],
        spec(list=[{"name": "a", "port": 1, "v": "y"}]),
    ),
    "an item by two keys removed": ([entry("flux", f"{AB}/.")], [], spec(list=[])),
    "a member of a set removed": ([entry("flux", 'spec/set/v:"x"')], [], spec(set=["y", 1])),
    "a position that goes": ([entry("flux", "spec/args/i:0")], [], spec(args=[])),
    "the field's own dot": ([entry("flux", "spec/.", "spec/replicas")], [entry("flux", "spec/replicas")], OBJ),
    "another version of the manager keeps it": (
        [entry("flux", "spec/replicas"), entry("flux", "spec/paused")],
        [entry("flux", "spec/replicas", "spec/paused")],
        OBJ,
    ),
    "client-side apply hands over": (
        [entry("kubectl-client-side-apply", "spec/replicas")],
        [entry("agent", "spec/replicas", operation="Apply")],
        OBJ,
    ),
    "the annotation is handed on": ([annotation_of("kubectl")], [annotation_of("kubectl-last-applied")], OBJ),
}


@pytest.mark.parametrize(("old", "new", "changed"), EXPLAINED.values(), ids=EXPLAINED)
def test_explained(old: list[Any], new: list[Any], changed: dict[str, Any]) -> None:
    assert lost(old, new, changed) == {}


SAME_X = spec(list=[{"name": "a", "port": 1, "v": "y"}])
LISTED: dict[str, tuple[list[Any], list[Any], dict[str, Any], dict[str, list[str]]]] = {
    "wiped": ([entry("flux", "spec/replicas", "spec/paused")], [], OBJ, {"flux": ["spec/paused", "spec/replicas"]}),
    "all entries reset": ([entry("flux", "spec/replicas")], [{}], OBJ, {"flux": ["spec/replicas"]}),
    "taken over by force": (
        [entry("flux", "spec/replicas")],
        [entry("agent", "spec/replicas")],
        OBJ,
        {"flux": ["spec/replicas"]},
    ),
    "one set, one wiped": (
        [entry("flux", "spec/replicas", "spec/paused")],
        [],
        spec(replicas=9),
        {"flux": ["spec/paused"]},
    ),
    "by key": ([entry("flux", f"{A}/v")], [], OBJ, {"flux": [f"{A}/v"]}),
    "by key that no item has": (
        [entry("flux", 'spec/list/k:{"name":"z"}/.')],
        [],
        OBJ,
        {"flux": ['spec/list/k:{"name":"z"}']},
    ),
    "by value": ([entry("flux", "spec/set/v:1")], [], OBJ, {"flux": ["spec/set/v:1"]}),
    "by position": ([entry("flux", "spec/args/i:0")], [], OBJ, {"flux": ["spec/args/i:0"]}),
    "by a position beyond": ([entry("flux", "spec/args/i:7")], [], OBJ, {"flux": ["spec/args/i:7"]}),
    "in what is no list": (
        [entry("flux", 'spec/replicas/k:{"name":"a"}/v')],
        [],
        OBJ,
        {"flux": ['spec/replicas/k:{"name":"a"}/v']},
    ),
    "by position in what is no list": ([entry("flux", "spec/replicas/i:0")], [], OBJ, {"flux": ["spec/replicas/i:0"]}),
    "in what is no map": ([entry("flux", "spec/replicas/x")], [], OBJ, {"flux": ["spec/replicas/x"]}),
    "an item, while another part of it is set": (
        [entry("flux", f"{A}/.", f"{A}/port")],
        [entry("flux", f"{A}/port")],
        SAME_X,
        {"flux": [A]},
    ),
    "an item with a part, while another part is set": (
        [entry("flux", f"{A}/.", f"{A}/port")],
        [],
        SAME_X,
        {"flux": [A, f"{A}/port"]},
    ),
    "client-side apply, gained by somebody else": (
        [entry("kubectl-client-side-apply", "spec/replicas")],
        [entry("other", "spec/replicas")],
        OBJ,
        {"kubectl-client-side-apply": ["spec/replicas"]},
    ),
    "client-side apply, what the manager had before": (
        [entry("kubectl-client-side-apply", "spec/replicas"), entry("agent", "spec/replicas")],
        [entry("agent", "spec/replicas")],
        OBJ,
        {"kubectl-client-side-apply": ["spec/replicas"]},
    ),
    "another manager, gained by the request's own": (
        [entry("kubectl-edit", "spec/paused")],
        [entry("agent", "spec/paused")],
        OBJ,
        {"kubectl-edit": ["spec/paused"]},
    ),
    "the annotation, kept by nobody": (
        [annotation_of("kubectl")],
        [],
        OBJ,
        {"kubectl": ["/".join(ANNOTATION).replace("f:", "")]},
    ),
}


@pytest.mark.parametrize(("old", "new", "changed", "losses"), LISTED.values(), ids=LISTED)
def test_listed(old: list[Any], new: list[Any], changed: dict[str, Any], losses: dict[str, list[str]]) -> None:
    assert {manager: sorted(paths) for manager, paths in lost(old, new, changed).items()} == losses


KNOWN = entry("flux", "spec/replicas")
NOT_A_GAIN: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "its own, a set value": ([KNOWN, entry("agent", "spec/paused")], spec(paused=True), "agent"),
    "its own, a value that comes": ([KNOWN, entry("agent", "spec/new")], spec(new=1), "agent"),
    "its own, an item that comes": (
        [KNOWN, entry("agent", 'spec/list/k:{"name":"n"}/.', 'spec/list/k:{"name":"n"}/name')],
        spec(list=[*OBJ["spec"]["list"][:3], {"name": "n"}]),
        "agent",
    ),
    "no name given, one owner gains": ([KNOWN, entry("curl", "spec/paused")], spec(paused=True), ""),
    "the field's own dot": ([entry("flux", "spec/.", "spec/replicas")], OBJ, "agent"),
    "the last-applied annotation": ([KNOWN, annotation_of("kubectl-last-applied")], OBJ, "kubectl-last-applied"),
}


@pytest.mark.parametrize(("new", "changed", "manager"), NOT_A_GAIN.values(), ids=NOT_A_GAIN)
def test_not_a_gain_of_its_own(new: list[Any], changed: dict[str, Any], manager: str) -> None:
    assert gained([KNOWN], new, changed, manager) == {}


GAINS: dict[str, tuple[list[Any], dict[str, Any], str, dict[str, list[str]]]] = {
    "somebody else's entry grows": (
        [entry("flux", "spec/replicas", "spec/paused")],
        OBJ,
        "agent",
        {"flux": ["spec/paused"]},
    ),
    "under the other's own name": (
        [entry("flux", "spec/replicas", "spec/paused")],
        OBJ,
        "flux",
        {"flux": ["spec/paused"]},
    ),
    "equal values applied": (
        [KNOWN, entry("evil", "spec/replicas", operation="Apply")],
        OBJ,
        "evil",
        {"evil": ["spec/replicas"]},
    ),
    "a forged owner": ([KNOWN, entry("alice", "spec/args")], OBJ, "agent", {"alice": ["spec/args"]}),
    "a forged owner of what is set": (
        [KNOWN, entry("alice", "spec/paused")],
        spec(paused=True),
        "agent",
        {"alice": ["spec/paused"]},
    ),
    "two gain what is set, no name given": (
        [KNOWN, entry("alice", "spec/paused"), entry("curl", "spec/paused")],
        spec(paused=True),
        "",
        {"alice": ["spec/paused"], "curl": ["spec/paused"]},
    ),
    "what is not there": ([KNOWN, entry("agent", "spec/nothing")], OBJ, "agent", {"agent": ["spec/nothing"]}),
    "what this change removes": (
        [KNOWN, entry("agent", "spec/gone")],
        {"metadata": OBJ["metadata"], "spec": {key: value for key, value in OBJ["spec"].items() if key != "gone"}},
        "agent",
        {"agent": ["spec/gone"]},
    ),
    "an item, while a part of it is set": (
        [KNOWN, entry("agent", f"{A}/.", f"{A}/v")],
        spec(list=[{"name": "a", "port": 1, "v": "y"}, *OBJ["spec"]["list"][1:]]),
        "agent",
        {"agent": [A]},
    ),
    "the last-applied annotation, by somebody who is not kubectl": (
        [KNOWN, annotation_of("flux")],
        OBJ,
        "agent",
        {"flux": ["/".join(ANNOTATION).replace("f:", "")]},
    ),
    "the kind itself": ([KNOWN, entry("kubectl", "apiVersion")], OBJ, "agent", {"kubectl": ["apiVersion"]}),
}


@pytest.mark.parametrize(("new", "changed", "manager", "gains"), GAINS.values(), ids=GAINS)
def test_gains(new: list[Any], changed: dict[str, Any], manager: str, gains: dict[str, list[str]]) -> None:
    assert gained([KNOWN], new, changed, manager) == gains


def test_a_gain_is_a_change_and_says_whose() -> None:
    """A controller's next apply would remove what its entry was made to say that it had applied."""
    plain = make.config_map(a="1", b="2")
    old = make.owned(plain, entry("flux", "data/a", operation="Apply"))
    new = make.owned(plain, entry("flux", "data/a", "data/b", operation="Apply"))
    change = make.update(old, new, options={"fieldManager": "flux"})
    assert not change.is_nothing
    assert change.document["ownership"] == [
        {"manager": "flux", "operation": "Apply", "subresource": "", "gained": [["f:data", "f:b"]]}
    ]


def test_client_side_apply_that_hands_over_is_a_gain() -> None:
    old = [entry("kubectl-client-side-apply", "spec/replicas")]
    new = [entry("kubectl", "spec/replicas", operation="Apply")]
    assert lost(old, new, manager="kubectl") == {}
    assert gained(old, new, manager="kubectl") == {"kubectl": ["spec/replicas"]}


def test_claims_sent_with_a_new_object_are_part_of_it() -> None:
    honest = make.owned(make.config_map(a="1"), entry("agent", "data/.", "data/a"))
    forged = make.owned(make.config_map(a="1"), entry("agent", "data/.", "data/a"), entry("kubectl", "data/z"))
    assert "ownership" not in make.create(honest).document
    assert make.create(honest).hash == make.create(make.config_map(a="1")).hash
    assert make.create(forged).document["ownership"][-1]["gained"] == [["f:data", "f:z"]]


def test_a_loss_is_a_change_and_says_whose() -> None:
    old = make.owned(make.config_map(a="1"), entry("flux", "data/a", operation="Apply", subresource="status"))
    change = make.update(old, make.config_map(a="1"))
    assert not change.is_nothing
    assert change.document["ownership"] == [
        {"manager": "flux", "operation": "Apply", "subresource": "status", "paths": [["f:data", "f:a"]]}
    ]


def test_owners_are_told_apart_by_operation_and_subresource() -> None:
    old = [entry("m", "spec/paused", operation="Apply"), entry("m", "spec/replicas", subresource="scale")]
    new = [entry("m", "spec/paused", "spec/replicas")]
    losses = changed_ownership(make.owned(OBJ, *old), make.owned(OBJ, *new), "")
    assert [(loss["operation"], loss["subresource"]) for loss in losses if "paths" in loss] == [
        ("Apply", ""),
        ("Update", "scale"),
    ]


def test_ten_thousand_losses_take_no_longer_than_they_must() -> None:
    """Each item is looked up once: a scan of the list for each path would take minutes."""
    items = [{"name": f"n{index}", "v": index} for index in range(10_000)]
    obj = {"metadata": {}, "spec": {"list": items}}
    wiped = entry("flux", *(f'spec/list/k:{{"name":"n{index}"}}/v' for index in range(10_000)))
    assert len(changed_ownership(make.owned(obj, wiped), obj, "")[0]["paths"]) == 10_000


UNREADABLE: dict[str, Any] = {
    "entries are no list": {"metadata": {"managedFields": {"a": 1}}},
    "an entry is no object": {"metadata": {"managedFields": ["a"]}},
    "the manager is no text": {"metadata": {"managedFields": [{"manager": 1}]}},
    "fields are no object": {"metadata": {"managedFields": [{"manager": "m", "fieldsV1": [1]}]}},
    "a field is no object": {"metadata": {"managedFields": [{"manager": "m", "fieldsV1": {"f:a": 1}}]}},
    "a step of no kind": make.owned(OBJ, {"manager": "m", "fieldsV1": {"spec": {}}}),
    "a step of an unknown kind": make.owned(OBJ, {"manager": "m", "fieldsV1": {"x:1": {}}}),
    "keys that are no object": make.owned(OBJ, entry("m", "spec/list/k:[1]")),
    "keys that are no JSON": make.owned(OBJ, entry("m", "spec/list/k:{")),
    "a position that is no number": make.owned(OBJ, entry("m", 'spec/list/i:"0"')),
    "a value too deep for any reader": make.owned(OBJ, entry("m", "spec/set/v:" + "[" * 100_000)),
    "a value with a key twice": make.owned(OBJ, entry("m", 'spec/set/v:{"a":1,"a":2}')),
}


@pytest.mark.parametrize("old", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(old: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        make.update(old, {"metadata": {}})


V1, V2 = {"apiVersion": "autoscaling/v1"}, {"apiVersion": "autoscaling/v2"}


def test_another_version_of_somebody_elses_entry_is_a_change() -> None:
    """In it the paths mean something else, and the server forgets those that it does not have."""
    old, new = (make.owned(OBJ, entry("flux", "spec/replicas") | version) for version in (V2, V1))
    who = {"manager": "flux", "operation": "Update", "subresource": ""}
    assert changed_ownership(old, new, "agent") == [
        {**who, "apiVersion": "autoscaling/v1", "gained": [["f:spec", "f:replicas"]]},
        {**who, "apiVersion": "autoscaling/v2", "paths": [["f:spec", "f:replicas"]]},
    ]


def test_versions_do_not_matter_to_the_requests_own_manager() -> None:
    old = make.owned(OBJ, entry("agent", "spec/replicas", "spec/paused") | V1)
    new = make.owned(spec(replicas=4), entry("agent", "spec/paused") | V1, entry("agent", "spec/replicas") | V2)
    assert changed_ownership(old, new, "agent") == []
    assert changed_ownership(old, new, "") != [], "without a name it could be anybody's entry"


def test_an_entry_in_a_version_that_was_there_before_needs_no_version_told() -> None:
    old = make.owned(OBJ, entry("flux", "spec/replicas") | V1, entry("flux", "spec/paused") | V2)
    new = make.owned(OBJ, entry("flux", "spec/replicas") | V1)
    (found,) = changed_ownership(old, new, "agent")
    assert found == {"manager": "flux", "operation": "Update", "subresource": "", "paths": [["f:spec", "f:paused"]]}
